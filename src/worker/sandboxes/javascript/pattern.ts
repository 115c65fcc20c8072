// grep's regular expressions, read as Python's `re` reads them: a pattern finds the same lines whichever language the code
// is written in. The parts are put together again for V8 in pattern-source.ts. Two differences are left: a reference to a
// group that took no part in the match finds the empty text, and `i` with `a` knows all letters, not only ASCII's.

/** A class of characters: `d` digits, `w` of words, `s` white space; `negated` all others. */
export interface CharSet {
  readonly kind: 'd' | 'w' | 's'
  readonly negated: boolean
}
type ClassItem = CharSet | { readonly kind: 'range'; readonly from: number; readonly to: number }

export interface CharClass {
  readonly kind: 'class'
  readonly negated: boolean
  readonly items: readonly ClassItem[]
}

export type Part =
  | { readonly kind: 'char'; readonly code: number }
  | CharClass
  | { readonly kind: 'any' | 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly kind: 'back'; readonly to: string }
  /** `(?:`, `(`, `(?<name>`, `(?=` and so on, with what is in it. */
  | { readonly kind: 'group'; readonly open: string; readonly branches: readonly (readonly Part[])[] }
  | {
      readonly kind: 'repeat'
      readonly part: Part
      readonly least: number
      readonly most: number
      readonly lazy: boolean
    }

export interface Pattern {
  readonly branches: readonly (readonly Part[])[]
  readonly ignoreCase: boolean
  /** `\w`, `\d`, `\s` and `\b` know ASCII only. */
  readonly asciiSets: boolean
}

const quantifier = /(?:[*+?]|\{(\d*)(,?)(\d*)\})/y
const opening = /\((?:\?(?:P?<([A-Za-z_]\w*)>|(:|=|!|<=|<!)))?(?!\?)/y
const controls: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** Throws a SyntaxError that says where and why. `flags` are grep's letters. */
export function parsePattern(source: string, flags: string): Pattern {
  const global = /^\(\?([aimsux]+)\)/.exec(source)
  const letters = flags + (global?.[1] ?? '')
  const verbose = letters.includes('x')
  let at = global?.[0].length ?? 0
  let groups = 0

  const fail = (why: string): never => {
    throw new SyntaxError(`the pattern is no regular expression: ${why} at position ${at}`)
  }
  const take = (expression: RegExp) => {
    expression.lastIndex = at
    const match = expression.exec(source)
    if (match) at += match[0].length
    return match
  }

  const readBranches = (): Part[][] => {
    const branches: Part[][] = [[]]
    while (at < source.length && source[at] !== ')') {
      if (verbose && take(/\s+|#.*/y)) continue
      if (take(/\(\?#[^)]*\)/y)) continue
      if (source[at] === '|') {
        at++
        branches.push([])
      } else {
        branches.at(-1)!.push(readRepeated())
      }
    }
    return branches
  }

  const readRepeated = (): Part => {
    let part = readPart()
    for (let count = 0; ; count++) {
      if (verbose) take(/(?:\s+|#.*)+/y)
      const match = readQuantifier()
      if (!match) return part
      if (count > 0) fail('a quantifier behind a quantifier')
      if (source[at] === '+') fail('a possessive quantifier, which is not supported,')
      const lazy = take(/\?/y) !== null
      part = { kind: 'repeat', part, ...match, lazy }
    }
  }

  const readQuantifier = () => {
    const match = take(quantifier)
    if (!match) return undefined
    const [text, low = '', comma = '', high = ''] = match
    if (text === '{}' || (text === '{,}' && low === '' && high === '')) {
      at -= text.length
      return undefined
    }
    if (text === '*') return { least: 0, most: Number.POSITIVE_INFINITY }
    if (text === '+') return { least: 1, most: Number.POSITIVE_INFINITY }
    if (text === '?') return { least: 0, most: 1 }
    const least = Number(low)
    const most = comma === '' ? least : high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (most < least) fail('a largest number of repetitions below the least')
    return { least, most }
  }

  const readPart = (): Part => {
    const char = source[at]!
    if (char === '(') return readGroup()
    if (char === '[') return readClass()
    if (char === '\\') return readEscape()
    if ('*+?'.includes(char)) fail('nothing to repeat')
    if (char === '.') return single({ kind: 'any' })
    if (char === '^') return single({ kind: 'start' })
    if (char === '$') return single({ kind: 'end' })
    return { kind: 'char', code: readCode() }
  }

  const single = (part: Part): Part => {
    at++
    return part
  }

  const readCode = (): number => {
    const code = source.codePointAt(at)!
    at += code > 0xffff ? 2 : 1
    return code
  }

  const readGroup = (): Part => {
    const named = take(/\(\?P=(\w+)\)/y)
    if (named) return { kind: 'back', to: `k<${named[1]}>` }
    const match = take(opening)
    if (!match) return fail('a kind of group that is not supported; give flags as flags')
    const [, name, kind] = match
    if (kind === undefined) groups++
    const branches = readBranches()
    if (source[at] !== ')') fail('a group that is not closed')
    at++
    return {
      kind: 'group',
      open: name === undefined ? (kind === undefined ? '(' : `(?${kind}`) : `(?<${name}>`,
      branches,
    }
  }

  const readEscape = (): Part => {
    const back = take(/\\(?:([1-9]\d?)(?!\d)|k<(\w+)>)/y)
    if (back) {
      if (Number(back[1]) > groups) fail('a reference to a group that is not there')
      return { kind: 'back', to: back[1] ?? `k<${back[2]}>` }
    }
    const place = take(/\\([AZbB])/y)?.[1]
    if (place) return { kind: ({ A: 'start', Z: 'end', b: 'boundary', B: 'inside' } as const)[place as 'A'] }
    const set = readSet()
    return set ? { kind: 'class', negated: false, items: [set] } : { kind: 'char', code: readEscapedCode() }
  }

  const readSet = (): CharSet | undefined => {
    const letter = take(/\\([dwsDWS])/y)?.[1]
    const kind = letter?.toLowerCase() as CharSet['kind'] | undefined
    return kind && { kind, negated: letter !== kind }
  }

  const readEscapedCode = (): number => {
    const hex = take(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y)
    if (hex) return Number.parseInt((hex[1] ?? hex[2] ?? hex[3])!, 16)
    const octal = take(/\\(0[0-7]{0,2}|[0-3][0-7]{2})/y)
    if (octal) return Number.parseInt(octal[1]!, 8)
    const letter = source[at + 1]
    if (letter === undefined) return fail('a backslash at the end')
    if (controls[letter] !== undefined) {
      at += 2
      return controls[letter]
    }
    if (/[A-Za-z\d]/.test(letter)) fail(`the unknown escape \\${letter}`)
    at++
    return readCode()
  }

  const readClass = (): Part => {
    const start = at
    const negated = take(/\[\^/y) !== null
    if (!negated) at++
    const items: ClassItem[] = []
    for (let first = true; source[at] !== ']' || first; first = false) {
      if (at >= source.length) {
        at = start
        fail('a character class that is not closed')
      }
      items.push(readItem())
    }
    at++
    return { kind: 'class', negated, items }
  }

  const readItem = (): ClassItem => {
    const set = readSet()
    if (set) return set
    const from = readClassCode()
    if (source[at] !== '-' || source[at + 1] === ']' || at + 1 >= source.length)
      return { kind: 'range', from, to: from }
    at++
    if (readSet()) fail('a range to a class')
    const to = readClassCode()
    if (to < from) fail('a range that ends before it starts')
    return { kind: 'range', from, to }
  }

  const readClassCode = () => (source[at] === '\\' ? readEscapedCode() : readCode())

  const branches = readBranches()
  if (at < source.length) fail('a parenthesis that was not opened')
  return { branches, ignoreCase: letters.includes('i'), asciiSets: letters.includes('a') }
}
