// rlm: dispatches to its commands, which are loaded when they are asked for.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { version } from '../../contract/version.ts'
import { nearest } from '../../lib/nearest.ts'
import { usage } from '../flags.ts'
import type { Command } from '../main.ts'

const commands: Record<string, () => Promise<Command>> = {
  run: async () => (await import('./run.ts')).run,
  goal: goalCommand([]),
  status: goalCommand(['status']),
  list: goalCommand(['list']),
  resume: goalCommand(['resume']),
}

/** `rlm goal`, or a part of it under a name of its own; a bundle beside this one, which nothing else pays for. */
function goalCommand(part: readonly string[]): () => Promise<Command> {
  return async () => {
    const { goal } = createRequire(join(import.meta.dirname, 'rlm.cjs'))('./goal.cjs') as { goal: Command }
    return (argv, signal) => goal([...part, ...argv], signal)
  }
}

export const rlm: Command = async (argv, signal) => {
  const [name, ...rest] = argv
  if (name === '--version') return print(version)
  if (
    name === undefined ||
    name === '--help' ||
    name === '-h' ||
    (name === 'run' && (rest.includes('--help') || rest.includes('-h')))
  )
    return print(help)
  const load = commands[name]
  if (load) return (await load())(rest, signal)
  const near = nearest(name, Object.keys(commands))
  throw usage(`there is no command ${name}`, near ? `Did you mean ${near}?` : 'See rlm --help.')
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

const help = `rlm: answers questions about more than a model can read at once

Examples:
  rlm run "what fails, and why?" --context logs/
  rlm run "list the public functions" --context src/ --model claude
  git log -p | rlm run "what changed in the parser?" --context -

rlm goal GOAL: works on a repository until its tests pass; see rlm goal --help
rlm list, status, resume: its runs

rlm run QUESTION
  --context PATH    file, folder, or - for standard input; may be repeated (default: .)
  --model MODEL     claude, codex, opencode, gemini, offline, a program, or a JSON vector
                    (default: RLM_MODEL, else the first agent program found, else offline)
  --sub-model MODEL for sub-calls (default: the same)
  --format FORMAT   text (default) or json
  --out DIR         where the run's files go (default: under the state folder)
  --resume          go on from the journal in --out, asking nothing again
  --max-steps N --max-depth N --max-subcalls N --max-tokens N --max-usd X
  --timeout SECONDS --concurrency N
  --progress MODE   auto, plain, json or none
  --quiet           only the answer

Exit status: 0 ok; 1 the run failed; 2 usage or configuration; 3 a limit was hit (the partial
answer is printed); 130 interrupted.`
