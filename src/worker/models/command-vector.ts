// A model as a command vector: what to run, how it gets the prompt, and what its placeholders stand for.
import { RlmsError } from '../contract/errors.ts'

export const promptModes = ['stdin', 'file', 'arg'] as const
export type PromptMode = (typeof promptModes)[number]

export interface CommandVector {
  /** Program and arguments, placeholders not replaced yet. */
  readonly argv: readonly [string, ...string[]]
  readonly promptMode: PromptMode
  /** What `{model}` stands for. */
  readonly model: string | null
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>
}

export interface CallPaths {
  readonly repo: string
  readonly promptFile: string
  readonly lastMessageFile: string
}

/** One argument holds at most 131,071 bytes on Linux; longer prompts go through standard input. */
const maxArgumentBytes = 100_000

/** An argument can't hold a NUL either. */
export function passesByArgument(vector: CommandVector, prompt: string): boolean {
  return (
    vector.promptMode === 'arg' && !prompt.includes('\0') && Buffer.byteLength(prompt) <= maxArgumentBytes
  )
}

export function fillPlaceholders(vector: CommandVector, paths: CallPaths): [string, ...string[]] {
  const { model } = vector
  const values: Record<string, string | null> = {
    repo: paths.repo,
    prompt_file: paths.promptFile,
    last_message_file: paths.lastMessageFile,
    model,
  }
  const fill = (text: string) =>
    text.replace(/\{(repo|prompt_file|last_message_file|model)\}/g, (_, name: string) => {
      const value = values[name]
      if (typeof value === 'string') return value
      throw new RlmsError(
        'invalid_config',
        `the command uses {model}, but no model is named: ${vector.argv.join(' ')}`,
        'Name one with --root-model or --subcall-model, or write it into the command.',
      )
    })
  const [program, ...args] = vector.argv
  return [fill(program), ...args.map(fill)]
}
