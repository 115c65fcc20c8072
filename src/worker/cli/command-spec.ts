// What a command of `rlm` is, in one place: its help, its flags and its completions are all made from this.
import { asRlmsError, type RlmsError } from '../contract/errors.ts'
import { type FlagTable, hasSwitch, type ParsedFlags, parseFlags, peekFlag } from './flags.ts'
import type { Command } from './main.ts'
import { errorInOwnWords } from './own-words.ts'
import { printValue } from './print-value.ts'

export interface FlagSpec {
  readonly name: string
  /** What stands for its value; absent: a switch. */
  readonly value?: string
  readonly repeated?: boolean
  readonly help: string
  /** All that its value may be; completions offer them. */
  readonly choices?: readonly string[]
  /** Some of what its value may be. */
  readonly suggestions?: readonly string[]
}

export interface CommandSpec {
  /** As it is typed, such as `rlm run`. */
  readonly name: string
  readonly summary: string
  /** What follows the name, flags apart. */
  readonly operands: string
  readonly examples: readonly string[]
  readonly flags: readonly FlagSpec[]
  /** Words that may follow the name. */
  readonly actions?: readonly string[]
  /** Paragraphs behind the flags. */
  readonly notes?: readonly string[]
}

export type SpecifiedCommand = Command & { readonly spec: CommandSpec }
type Act = (flags: ParsedFlags, signal: AbortSignal, argv: readonly string[]) => Promise<number>

/** The command of a spec: tells its help when asked, else reads its flags and acts. */
export function specify(spec: CommandSpec, act: Act): SpecifiedCommand {
  const table = flagTableOf(spec)
  const command: Command = async (argv, signal) => {
    if (hasSwitch(argv, table, ['--help', '-h'])) {
      process.stdout.write(`${renderHelp(spec)}\n`)
      return 0
    }
    try {
      return await act(parseFlags(argv, table), signal, argv)
    } catch (cause) {
      const error = asRlmsError(cause)
      const told = errorInOwnWords(error)
      await printFailure(told, peekFlag(argv, table, 'format') ?? process.env.RLM_FORMAT)
      throw told.fix === error.fix ? cause : told
    }
  }
  return Object.assign(command, { spec })
}

/** Whoever asked for a document gets one, whatever failed. */
async function printFailure({ code, message, fix }: RlmsError, format: string | undefined): Promise<void> {
  if (format === 'json' || format === 'yaml')
    await printValue({ ok: false, error: message, error_code: code, error_fix: fix }, format)
}

/** What each flag takes, for `parseFlags`. */
export function flagTableOf({ flags }: CommandSpec): FlagTable {
  return Object.fromEntries(
    flags.map(({ name, value, repeated }) => [
      name,
      value === undefined ? 'switch' : repeated ? 'list' : 'text',
    ]),
  )
}

/** As a manual says it: what it is, examples, flags, notes. */
export function renderHelp({ name, summary, operands, examples, flags, notes = [] }: CommandSpec): string {
  return [
    `${name}: ${summary}`,
    ...section(
      'Examples',
      examples.map((line) => `  ${line}`),
    ),
    ...section('Usage', [`  ${name} ${operands}`.trimEnd()]),
    ...section('Flags', flags.map(showFlag)),
    ...notes.flatMap((note) => ['', ...wrap(note, helpWidth)]),
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines]
}

const helpColumn = 28
const helpWidth = 100

function showFlag({ name, value, help }: FlagSpec): string {
  const flag = `  --${name}${value === undefined ? '' : ` ${value}`}`
  const lines = wrap(help, helpWidth - helpColumn)
  const first = flag.length < helpColumn ? [`${flag.padEnd(helpColumn)}${lines.shift() ?? ''}`] : [flag]
  return [...first, ...lines.map((line) => ' '.repeat(helpColumn) + line)].join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
