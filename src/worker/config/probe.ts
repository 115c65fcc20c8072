// Whether the programs that a configuration names are installed here: what the file alone cannot say.
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Finding } from './findings.ts'
import { type HostConfig, type Loop, loopRoles, roleChoice, runnerOf } from './host-config.ts'

/** A finding for each program that a role or a model would need and that is not there. */
export function probePrograms(config: HostConfig, repo: string): Finding[] {
  const programs = new Map<string, string>()
  for (const [at, loop] of config.loops.entries()) {
    for (const role of loopRoles(loop)) {
      const program = runnerOf(config, roleChoice(config, loop, role))?.command[0]
      if (program !== undefined && !programs.has(program)) programs.set(program, `loops[${at}].roles.${role}`)
    }
    for (const [place, program] of modelPrograms(loop)) {
      if (!programs.has(program)) programs.set(program, `loops[${at}].rlms.models.${place}`)
    }
  }
  return [...programs]
    .filter(([program]) => !isInstalled(program, repo))
    .map(([program, place]) => ({
      severity: 'error',
      code: 'PROGRAM_MISSING',
      place,
      message: `there is no program ${JSON.stringify(program)}`,
      fix: 'Install it, or correct the command.',
    }))
}

type Models = Readonly<Record<string, { readonly command?: readonly string[] }>>

function modelPrograms(loop: Loop): [string, string][] {
  if (loop.rlms.enabled !== true) return []
  return Object.entries(loop.rlms.models as Models).flatMap(([place, { command }]) => {
    const program = command?.[0]
    return program === undefined || program.startsWith('rlms:') ? [] : [[place, program]]
  })
}

// As the shell looks: a path from the repository, a bare name in PATH.
function isInstalled(program: string, repo: string): boolean {
  const path = program.replaceAll('{repo}', () => resolve(repo))
  if (path.includes('/')) return isProgram(resolve(repo, path))
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isProgram(join(folder, path)))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
