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

const controls: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }
const places = { A: 'start', Z: 'end', b: 'boundary', B: 'inside' } as const

/** Throws a SyntaxError that says where and why. `flags` are grep's letters. */
export function parsePattern(source: string, flags: string): Pattern {
  const global = /^\(\?([aimsux]+)\)/.exec(source)
  const letters = flags + (global?.[1] ?? '')
  const reader = new Reader(source, global?.[0].length ?? 0, letters.includes('x'))
  return { branches: reader.readAll(), ignoreCase: letters.includes('i'), asciiSets: letters.includes('a') }
}

class Reader {
  private readonly source: string
  private readonly verbose: boolean
  private at: number
  private groups = 0

  constructor(source: string, start: number, verbose: boolean) {
    this.source = source
    this.at = start
    this.verbose = verbose
  }

  readAll(): Part[][] {
    const branches = this.readBranches()
    if (this.at < this.source.length) this.fail('a parenthesis that was not opened')
    return branches
  }

  private fail(why: string): never {
    throw new SyntaxError(`the pattern is no regular expression: ${why} at position ${this.at}`)
  }

  private take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.at
    const match = expression.exec(this.source)
    if (match) this.at += match[0].length
    return match
  }

  private next(): string | undefined {
    return this.source[this.at]
  }

  private readBranches(): Part[][] {
    const branches: Part[][] = [[]]
    while (this.at < this.source.length && this.next() !== ')') {
      if (this.verbose && this.take(/\s+|#.*/y)) continue
      if (this.take(/\(\?#[^)]*\)/y)) continue
      if (this.take(/\|/y)) branches.push([])
      else branches.at(-1)!.push(this.readRepeated())
    }
    return branches
  }

  private readRepeated(): Part {
    let part = this.readPart()
    for (let count = 0; ; count++) {
      if (this.verbose) this.take(/(?:\s+|#.*)+/y)
      const times = this.readQuantifier()
      if (!times) return part
      if (count > 0) this.fail('a quantifier behind a quantifier')
      if (this.next() === '+') this.fail('a possessive quantifier, which is not supported,')
      const lazy = this.take(/\?/y) !== null
      part = { kind: 'repeat', part, ...times, lazy }
    }
  }

  private readQuantifier(): { least: number; most: number } | undefined {
    const match = this.take(/[*+?]|\{(?=[\d,])(\d*)(?:(,)(\d*))?\}/y)
    if (!match) return undefined
    const [text, low = '', comma, high = ''] = match
    if (text === '?') return { least: 0, most: 1 }
    if (text === '*' || text === '+') return { least: text === '*' ? 0 : 1, most: Number.POSITIVE_INFINITY }
    const least = Number(low)
    const most = comma === undefined ? least : high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (most < least) this.fail('a largest number of repetitions below the least')
    return { least, most }
  }

  private readPart(): Part {
    const char = this.next()!
    if (char === '(') return this.readGroup()
    if (char === '[') return this.readClass()
    if (char === '\\') return this.readEscape()
    if ('*+?'.includes(char)) this.fail('nothing to repeat')
    const place = ({ '.': 'any', '^': 'start', $: 'end' } as const)[char]
    if (!place) return { kind: 'char', code: this.readCode() }
    this.at++
    return { kind: place }
  }

  private readCode(): number {
    const code = this.source.codePointAt(this.at)!
    this.at += code > 0xffff ? 2 : 1
    return code
  }

  private readGroup(): Part {
    const back = this.take(/\(\?P=(\w+)\)/y)
    if (back) return { kind: 'back', to: `k<${back[1]}>` }
    const match = this.take(/\((?:\?(?:P?<([A-Za-z_]\w*)>|(:|=|!|<=|<!)))?(?!\?)/y)
    if (!match) this.fail('a kind of group that is not supported; give flags as flags')
    const [, name, kind] = match
    if (kind === undefined) this.groups++
    const branches = this.readBranches()
    if (!this.take(/\)/y)) this.fail('a group that is not closed')
    const open = name === undefined ? `(${kind === undefined ? '' : `?${kind}`}` : `(?<${name}>`
    return { kind: 'group', open, branches }
  }

  private readEscape(): Part {
    const back = this.take(/\\(?:([1-9]\d?)(?!\d)|k<(\w+)>)/y)
    if (back) {
      if (Number(back[1]) > this.groups) this.fail('a reference to a group that is not there')
      return { kind: 'back', to: back[1] ?? `k<${back[2]}>` }
    }
    const place = this.take(/\\([AZbB])/y)?.[1] as keyof typeof places | undefined
    if (place) return { kind: places[place] }
    const set = this.readSet()
    if (set) return { kind: 'class', negated: false, items: [set] }
    return { kind: 'char', code: this.readEscapedCode() }
  }

  private readSet(): CharSet | undefined {
    const letter = this.take(/\\([dwsDWS])/y)?.[1]
    const kind = letter?.toLowerCase() as CharSet['kind'] | undefined
    return kind && { kind, negated: letter !== kind }
  }

  private readEscapedCode(): number {
    const hex = this.take(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y)
    if (hex) return Number.parseInt((hex[1] ?? hex[2] ?? hex[3])!, 16)
    const octal = this.take(/\\(0[0-7]{0,2}|[0-3][0-7]{2})/y)
    if (octal) return Number.parseInt(octal[1]!, 8)
    this.at++
    const letter = this.next()
    if (letter === undefined) this.fail('a backslash at the end')
    if (!/[A-Za-z\d]/.test(letter)) return this.readCode()
    const control = controls[letter]
    if (control === undefined) this.fail(`the unknown escape \\${letter}`)
    this.at++
    return control
  }

  private readClass(): Part {
    const start = this.at
    const negated = this.take(/\[\^?/y)![0] === '[^'
    const items: ClassItem[] = []
    for (let first = true; this.next() !== ']' || first; first = false) {
      if (this.at >= this.source.length) {
        this.at = start
        this.fail('a character class that is not closed')
      }
      items.push(this.readItem())
    }
    this.at++
    return { kind: 'class', negated, items }
  }

  private readItem(): ClassItem {
    const set = this.readSet()
    if (set) return set
    const from = this.readClassCode()
    if (!this.take(/-(?=[^\]])/y)) return { kind: 'range', from, to: from }
    if (this.readSet()) this.fail('a range to a class')
    const to = this.readClassCode()
    if (to < from) this.fail('a range that ends before it starts')
    return { kind: 'range', from, to }
  }

  private readClassCode(): number {
    return this.next() === '\\' ? this.readEscapedCode() : this.readCode()
  }
}
