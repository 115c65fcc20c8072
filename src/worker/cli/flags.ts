// Command-line flags by table: what each takes, what it defaults to. Every mistake is named with what would be right.
import { parseArgs } from 'node:util'
import { RlmsError } from '../contract/errors.ts'
import { nearest } from '../lib/nearest.ts'

type FlagKind = 'text' | 'switch'

export interface ParsedFlags {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  /** Flags that may be given several times. */
  readonly lists: Readonly<Record<string, readonly string[]>>
  readonly positionals: readonly string[]
}

export interface FlagTable {
  readonly [flag: string]: FlagKind | 'list'
}

/** Parses `argv` by the table. `--flag value` and `--flag=value`; a text flag takes the next word whatever it looks like. */
export function parseFlags(argv: readonly string[], table: FlagTable): ParsedFlags {
  const values: Record<string, string | boolean> = {}
  const lists: Record<string, string[]> = {}
  const positionals: string[] = []
  const options = Object.fromEntries(
    Object.entries(table).map(([name, kind]) => [
      name,
      { type: kind === 'switch' ? 'boolean' : 'string' } as const,
    ]),
  )
  const { flags, rest } = joinValues(argv, table)
  const { tokens } = parseArgs({
    args: [...flags, ...rest],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const kind = kindOf(token.name, table)
    if (kind === undefined) throw unknownFlag(token.rawName, table)
    if (kind === 'switch') {
      if (token.value !== undefined) throw usage(`${token.rawName} takes no value`)
      values[token.name] = true
      continue
    }
    if (token.value === undefined) throw usage(`${token.rawName} needs a value`)
    if (kind === 'text') values[token.name] = token.value
    else lists[token.name] = [...(lists[token.name] ?? []), token.value]
  }
  return { values, lists, positionals }
}

/** A flag's value as it stands in argv, also where the rest can't be parsed. */
export function peekFlag(argv: readonly string[], table: FlagTable, name: string): string | undefined {
  return joinValues(argv, table)
    .flags.findLast((word) => word.startsWith(`--${name}=`))
    ?.slice(name.length + 3)
}

/** Whether one of the switches stands in argv, and not as the value of a flag. */
export function hasSwitch(argv: readonly string[], table: FlagTable, switches: readonly string[]): boolean {
  return joinValues(argv, table).flags.some((word) => switches.includes(word))
}

export function usage(message: string, fix = 'See --help.'): RlmsError {
  return new RlmsError('invalid_config', message, fix)
}

export interface NumberRange {
  readonly min: number
  readonly max?: number
  readonly whole?: boolean
}

export function readNumber(
  name: string,
  text: string,
  { min, max = Number.MAX_SAFE_INTEGER, whole = true }: NumberRange,
): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`
  throw usage(
    `${name} must be a ${whole ? 'whole ' : ''}number ${range}, not ${JSON.stringify(text)}`,
    `Correct ${name}.`,
  )
}

export function readChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((entry) => entry === text)
  if (choice !== undefined) return choice
  throw usage(`${name} must be one of ${choices.join(', ')}, not ${JSON.stringify(text)}`, `Correct ${name}.`)
}

/** A JSON array of strings. `[""]` is how shells print an empty one. */
export function readStringArray(name: string, text: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (!Array.isArray(value) || !value.every((entry): entry is string => typeof entry === 'string')) {
    throw usage(
      `${name} must be a JSON array of strings, not ${JSON.stringify(text.slice(0, 200))}`,
      `Write it like '["claude","-p"]'.`,
    )
  }
  return value.length === 1 && value[0] === '' ? [] : value
}

function unknownFlag(flag: string, table: FlagTable): RlmsError {
  const near = nearest(flag.replace(/^-+/, ''), Object.keys(table))
  return usage(`there is no flag ${flag}`, near ? `Did you mean --${near}?` : 'See --help.')
}

function kindOf(name: string, table: FlagTable): FlagTable[string] | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Flags with their values as --flag=value, since parseArgs takes one that begins with a dash only so; `rest` from -- on. */
function joinValues(argv: readonly string[], table: FlagTable): { flags: string[]; rest: readonly string[] } {
  const flags: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') return { flags, rest: argv.slice(at) }
    const kind = word.startsWith('--') ? kindOf(word.slice(2), table) : undefined
    const next = argv[at + 1]
    if ((kind === 'text' || kind === 'list') && next !== undefined) {
      flags.push(`${word}=${next}`)
      at++
    } else flags.push(word)
  }
  return { flags, rest: [] }
}
