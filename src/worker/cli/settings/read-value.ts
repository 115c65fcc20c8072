// Values of settings, from a flag or a variable as text, from a file with its type. `name` is how the user gave it.
import { type NumberRange, readChoice, readNumber, usage } from '../flags.ts'

export type Read<T> = (value: unknown, name: string) => T

const text: Read<string> = (value, name) => {
  if (typeof value === 'string') return value
  throw usage(`${name} must be a text, not ${show(value)}`, `Correct ${name}.`)
}

const optionalText: Read<string | null> = (value, name) =>
  value === null || value === '' ? null : text(value, name)

export const choice =
  <T extends string>(choices: readonly T[]): Read<T> =>
  (value, name) =>
    readChoice(name, typeof value === 'string' ? value : show(value), choices)

export const number =
  (range: NumberRange): Read<number> =>
  (value, name) =>
    readNumber(name, typeof value === 'number' ? String(value) : text(value, name), range)

/** null: no limit. */
export const optionalNumber =
  (range: NumberRange): Read<number | null> =>
  (value, name) =>
    value === null || value === '' ? null : number(range)(value, name)

export const numberOr =
  <T extends string>(word: T, range: NumberRange): Read<number | T> =>
  (value, name) => {
    if (value === word) return word
    if (typeof value === 'string' && !/^[\d.]+$/.test(value))
      throw usage(`${name} must be ${word} or a number, not ${show(value)}`, `Correct ${name}.`)
    return number(range)(value, name)
  }

const words: Record<string, boolean> = {
  true: true,
  '1': true,
  yes: true,
  false: false,
  '0': false,
  no: false,
  '': false,
}

export const yesNo: Read<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value
  const known = typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined
  if (known !== undefined) return known
  throw usage(`${name} must be true or false, not ${show(value)}`, `Correct ${name}.`)
}

/** A model as one word, or as a command vector. */
export const model: Read<string | null> = (value, name) => {
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return JSON.stringify(value)
  return optionalText(value, name)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}
