// rlm: dispatches to its commands, which are loaded when they are asked for. Adding one: a file and a row.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { nearest } from '../../lib/nearest.ts'
import type { SpecifiedCommand } from '../command-spec.ts'
import { usage } from '../flags.ts'
import type { Command } from '../main.ts'
import { tellVersion } from '../version.ts'

interface Row {
  readonly summary: string
  /** It tells its own --help. */
  readonly load: () => Promise<Command>
}

export const commands: Record<string, Row> = {
  run: { summary: 'answer a question about files', load: async () => (await import('./run.ts')).run },
  goal: { summary: 'work on a repository until its tests pass', load: bundled('goal', 'goal') },
  agents: { summary: 'have agents work on files, many at once', load: bundled('agents', 'agents') },
  agent: { summary: 'inside an agent: variables, agents of its own', load: bundled('agents', 'agent') },
  dev: { summary: "work off a project's TODO.md", load: bundled('agents', 'dev') },
  list: {
    summary: 'the runs there were',
    load: orOfGoals('list', async () => (await import('./list.ts')).list),
  },
  status: {
    summary: 'where a run stands',
    load: orOfGoals('status', async () => (await import('./status.ts')).status),
  },
  resume: {
    summary: 'go on with a run',
    load: orOfGoals('resume', async () => (await import('./resume.ts')).resume),
  },
  config: { summary: 'what is configured, and why', load: async () => (await import('./config.ts')).config },
  doctor: {
    summary: 'what this machine has and lacks',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  completions: {
    summary: 'for bash, zsh and fish',
    load: async () => (await import('./completions.ts')).completions,
  },
  daemon: {
    summary: 'sandboxes that wait for runs',
    load: async () => (await import('./daemon.ts')).daemon,
  },
}

/** A command of a bundle beside this one, which nothing else pays for. */
function bundled(bundle: string, name: string): () => Promise<Command> {
  return async () => {
    const exported = createRequire(join(import.meta.dirname, 'rlm.cjs'))(`./${bundle}.cjs`) as Record<
      string,
      Command
    >
    return exported[name]!
  }
}

/** The command for runs of `rlm run`; where a goal is meant, that for goals. */
function orOfGoals(name: string, load: () => Promise<SpecifiedCommand>): () => Promise<Command> {
  return async () => {
    const own = await load()
    const command: Command = async (argv, signal) =>
      meansGoal(name, argv) ? (await commands.goal!.load())([name, ...argv], signal) : own(argv, signal)
    return Object.assign(command, { spec: own.spec })
  }
}

/** By its flags, by how its id looks, or since a repository has goals and no run is named. */
function meansGoal(name: string, argv: readonly string[]): boolean {
  if (argv.includes('--help') || argv.includes('-h')) return false
  if (argv.some((word) => /^--(?:run|watch|json)(?:=|$)/.test(word) || /^\d{4}-\d\d-\d\dT/.test(word)))
    return true
  // of runs, resume needs a name
  return argv.every((word) => word.startsWith('-')) && (name === 'resume' || hasGoals(process.cwd()))
}

function hasGoals(folder: string): boolean {
  return existsSync(join(folder, '.runs')) || (dirname(folder) !== folder && hasGoals(dirname(folder)))
}

export const rlm: Command = async (argv, signal) => {
  const [name, ...rest] = argv
  if (tellVersion(argv)) return 0
  if (name === 'help' && rest[0] !== undefined) return rlm([rest[0], '--help'], signal)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return print(help())
  const row = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (row) return (await row.load())(rest, signal)
  const near = nearest(name, Object.keys(commands))
  throw usage(`there is no command ${name}`, near ? `Did you mean ${near}?` : 'See rlm --help.')
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function help(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => `  rlm ${name.padEnd(12)} ${summary}`)
  return `rlm: answers questions about more than a model can read at once

Examples:
  rlm run "what fails, and why?" --context logs/
  rlm run "list the public functions" --context src/ --model claude
  git log -p | rlm run "what changed in the parser?" --context -

Commands (each tells more with --help):
${rows.join('\n')}

Exit status: 0 ok; 1 failed; 2 usage or configuration; 3 a limit was hit; 130 interrupted.`
}
