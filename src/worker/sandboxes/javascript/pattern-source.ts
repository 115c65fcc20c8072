// A pattern's parts put together for V8, so that no part of it matches a line end: then a text of many lines can be
// searched as one. For a text that is all ASCII without V8's Unicode modes, which are slower and keep its linear engine
// from taking over when a pattern backtracks too much.
import type { CharClass, CharSet, Part, Pattern } from './pattern.ts'

type Range = readonly [number, number]

const newline = 10

// What `str.isspace` and `re` count as white space, and what ASCII has of it.
const spaceRanges: readonly Range[] = [
  [0x09, 0x0d],
  [0x1c, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
]
const asciiRanges: Record<CharSet['kind'], readonly Range[]> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  s: spaceRanges.filter(([, to]) => to < 0x80),
}
/** The same as the inside of a class. */
export const spaces = spaceRanges.map(writeRange).join('')
const unicodeSets: Record<CharSet['kind'], string> = {
  d: '\\p{Nd}',
  w: '\\p{L}\\p{N}_',
  s: spaces,
}

/** Whether ASCII text can be searched with a pattern that knows ASCII only. */
export function isAsciiPattern({ branches }: Pattern): boolean {
  const isAscii = (part: Part): boolean => {
    if (part.kind === 'char') return part.code < 0x80
    if (part.kind === 'class') return part.items.every((item) => item.kind !== 'range' || item.to < 0x80)
    if (part.kind === 'repeat') return isAscii(part.part)
    return part.kind !== 'group' || part.branches.every((branch) => branch.every(isAscii))
  }
  return branches.every((branch) => branch.every(isAscii))
}

/** The longest text that every match must hold; empty where that is not plain to see. */
export function requiredText({ branches, ignoreCase }: Pattern): string {
  const [only, ...others] = branches
  if (ignoreCase || only === undefined || others.length > 0) return ''
  let [longest, run] = ['', '']
  for (const part of only) {
    run = part.kind === 'char' ? run + String.fromCodePoint(part.code) : ''
    if (run.length > longest.length) longest = run
  }
  return longest
}

/** The source of a RegExp; with the flag `v` when `unicode`. */
export function patternSource(pattern: Pattern, unicode: boolean): string {
  const asciiSets = pattern.asciiSets || !unicode
  const join = (branches: readonly (readonly Part[])[]) =>
    branches.map((branch) => branch.map(write).join('')).join('|')
  const word = asciiSets ? '[0-9A-Z_a-z]' : `[${unicodeSets.w}]`
  const boundary = `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
  const inside = `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`

  const write = (part: Part): string => {
    switch (part.kind) {
      case 'char':
        return part.code === newline ? '[]' : writeCode(part.code)
      case 'any':
        return '[^\\n]'
      case 'start':
        return '^'
      case 'end':
        return '$'
      case 'boundary':
        return unicode ? boundary : '\\b'
      case 'inside':
        return unicode ? inside : '\\B'
      case 'back':
        return `(?:\\${part.to})`
      case 'class':
        return asciiSets ? writeRanges(part, unicode ? 0x10ffff : 0xffff) : writeUnicodeClass(part)
      case 'group':
        return `${part.open}${join(part.branches)})`
      case 'repeat':
        return `${writeOperand(part.part)}${writeCount(part.least, part.most)}${part.lazy ? '?' : ''}`
    }
  }
  // A place or a look-around may be repeated in Python.
  const writeOperand = (part: Part) => {
    const text = write(part)
    return part.kind === 'char' || part.kind === 'class' || part.kind === 'any' ? text : `(?:${text})`
  }
  return join(pattern.branches)
}

function writeCount(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`
  return least === 0 && most === 1 ? '?' : `{${least},${most}}`
}

function writeRanges({ items, negated }: CharClass, highest: number): string {
  const ranges = items.flatMap((item): readonly Range[] => {
    if (item.kind === 'range') return [[item.from, item.to]]
    return item.negated ? complement(asciiRanges[item.kind], highest) : asciiRanges[item.kind]
  })
  if (negated) return `[^\\n${ranges.map(writeRange).join('')}]`
  return `[${ranges.flatMap(withoutNewline).map(writeRange).join('')}]`
}

function complement(ranges: readonly Range[], highest: number): Range[] {
  const edges = [-1, ...ranges.flat(), highest + 1]
  return Array.from(
    { length: ranges.length + 1 },
    (_, at): Range => [edges[2 * at]! + 1, edges[2 * at + 1]! - 1],
  )
}

function withoutNewline([from, to]: Range): Range[] {
  if (newline < from || newline > to) return [[from, to]]
  const sides: Range[] = [
    [from, newline - 1],
    [newline + 1, to],
  ]
  return sides.filter(([low, high]) => low <= high)
}

function writeUnicodeClass({ items, negated }: CharClass): string {
  const text = items.map((item) => {
    if (item.kind === 'range') return writeRange([item.from, item.to])
    return item.negated ? `[^${unicodeSets[item.kind]}]` : unicodeSets[item.kind]
  })
  return negated ? `[^\\n${text.join('')}]` : `[[${text.join('')}]--\\n]`
}

function writeRange([from, to]: Range): string {
  return from === to ? writeCode(from) : `${writeCode(from)}-${writeCode(to)}`
}

// Letters, digits and the underscore mean themselves everywhere; all else is written by its number.
function writeCode(code: number): string {
  if (/[\w]/.test(String.fromCharCode(code))) return String.fromCharCode(code)
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}
