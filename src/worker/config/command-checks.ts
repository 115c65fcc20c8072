// Shell commands that name a script of package.json which is not there: the gate would fail each time.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nearest } from '../lib/nearest.ts'
import { type Finding, problem } from './findings.ts'
import { isFile } from './globs.ts'
import type { Loop } from './host-config.ts'

type Commands = { readonly commands: readonly string[] }

export function checkCommands(loop: Loop, place: string, repo: string): Finding[] {
  const { tests, validation, git } = loop as unknown as {
    tests: Commands & { readonly mode: string }
    validation: Commands & { readonly enabled: boolean }
    git: { readonly commit_strategy: string; readonly pre_commit_commands: readonly string[] }
  }
  const lists = {
    'tests.commands': tests.mode === 'disabled' ? [] : tests.commands,
    'validation.commands': validation.enabled ? validation.commands : [],
    'git.pre_commit_commands': git.commit_strategy === 'never' ? [] : git.pre_commit_commands,
  }
  return Object.entries(lists).flatMap(([list, commands]) =>
    commands.flatMap((command, at) => checkScript(command, `${place}.${list}[${at}]`, repo)),
  )
}

function checkScript(command: string, place: string, repo: string): Finding[] {
  // A flag before the name may send it to another folder.
  const [, program, script] = /^\s*(npm|pnpm|yarn|bun) run ([\w:.-]+)/.exec(command) ?? []
  if (script === undefined || script.startsWith('-')) return []
  const scripts = scriptsOf(repo)
  if (scripts?.includes(script)) return []
  const near = nearest(script, scripts ?? [])
  const message = scripts
    ? `package.json has no script ${JSON.stringify(script)}`
    : `${program} run needs a package.json, and there is none`
  const fix = near ? `Did you mean ${JSON.stringify(near)}?` : 'Add it, or correct the command.'
  return [problem('warning', 'SCRIPT_MISSING', place, message, fix)]
}

/** Undefined where there is no package.json that can be read. */
function scriptsOf(repo: string): string[] | undefined {
  const file = join(repo, 'package.json')
  if (!isFile(file)) return undefined
  try {
    const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts?: object }
    return Object.keys(scripts ?? {})
  } catch {
    return undefined
  }
}
