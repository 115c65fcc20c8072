// grep: lines that match a regular expression, searched window by window, not line by line where it can be helped.
import { isAscii } from 'node:buffer'
import type { Document, Documents } from '../../rlm/documents.ts'
import { lineAt } from '../../rlm/text-scan.ts'
import { cuttableText } from './cuts.ts'
import { parsePattern } from './pattern.ts'
import { isAsciiPattern, patternSource, requiredText, spaces } from './pattern-source.ts'
import { readAtIn, wholeNumber } from './reading.ts'

export interface Hit {
  readonly path: string
  readonly start_line: number
  readonly end_line: number
  readonly signal: 'regex_match'
  readonly snippet: string
}

/** How a RegExp of the code arrives; a pattern given as text is read as Python's `re` reads it. */
interface ForeignRegExp {
  readonly source: string
  readonly flags: string
}

const windowBytes = 1 << 20
const snippetCharacters = 500
const leadCharacters = 100
const knownFlags = 'imsxaun'
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

interface Found {
  readonly line: number
  readonly text: string
  /** Where in the text the match begins. */
  readonly at: number
}
/** Lines of a window of whole lines, in order. */
type Search = (window: string, ascii: boolean) => Iterable<Found>

/** As the code gives them. */
export interface Query {
  readonly pattern: unknown
  readonly flags: unknown
  readonly maxMatches: unknown
  readonly in: readonly Document[]
}

/** `onWindow` is called before each window is searched, and may throw. */
export function grep(documents: Documents, query: Query, onWindow: () => void): Hit[] {
  const search = chooseSearch(query.pattern, readFlags(query.flags))
  const most = wholeNumber(query.maxMatches, 'max_matches')
  const hits: Hit[] = []
  for (const document of query.in) {
    for (const { bytes, start } of windows(documents, document)) {
      if (hits.length >= most) return hits
      onWindow()
      const ascii = document.ascii || isAscii(bytes)
      const text = (ascii ? bytes.toString('latin1') : decoder.decode(bytes)).replaceAll('\r\n', '\n')
      let firstLine: number | undefined
      for (const found of search(text, ascii)) {
        firstLine ??= document.firstLine + lineAt(document.lineOffsets, start, readAtIn(documents, document))
        hits.push(makeHit(document.name, firstLine + found.line, found))
        if (hits.length >= most) return hits
      }
    }
  }
  return hits
}

function makeHit(path: string, line: number, { text, at }: Found): Hit {
  const characters = cuttableText(text)
  const before = characters.count(0, at)
  const start = before >= snippetCharacters ? characters.skip(0, before - leadCharacters) : 0
  const snippet = text.slice(start, characters.skip(start, snippetCharacters)).replace(outerSpaces, '')
  return { path, start_line: line, end_line: line, signal: 'regex_match', snippet }
}

// As Python's str.strip().
const outerSpaces = new RegExp(`^[${spaces}]+|[${spaces}]+$`, 'g')

function readFlags(flags: unknown): string {
  if (typeof flags !== 'string') throw new TypeError('the flags of grep are letters, such as "i"')
  const unknown = [...flags].find((letter) => !knownFlags.includes(letter))
  if (unknown !== undefined)
    throw new RangeError(`grep has no flag ${JSON.stringify(unknown)}; there are i, m, s, x, a`)
  return flags
}

function chooseSearch(pattern: unknown, flags: string): Search {
  if (isForeign(pattern)) {
    const regex = new RegExp(pattern.source, pattern.flags.replace(/[gyd]/g, ''))
    return (window) => searchLines(window, regex)
  }
  if (typeof pattern !== 'string') throw new TypeError('grep takes a pattern as a text or a RegExp')
  const parsed = parsePattern(pattern, flags)
  const ignoreCase = parsed.ignoreCase ? 'i' : ''
  const source = (unicode: boolean) =>
    [patternSource(parsed, unicode), `${ignoreCase}${unicode ? 'v' : ''}`] as const
  const [asciiSource, asciiFlags] = source(!isAsciiPattern(parsed))
  const [unicodeSource, unicodeFlags] = source(true)
  const regexes = {
    ascii: compileBoth(asciiSource, asciiFlags),
    unicode: compileBoth(unicodeSource, unicodeFlags),
  }
  const required = requiredText(parsed)
  return (window, ascii) => {
    const { whole, line } = ascii ? regexes.ascii : regexes.unicode
    if (required.length >= 3) return searchText(window, required, line)
    // for V8 these end a line too, as far as ^ and $ go
    return /[\r\u2028\u2029]/.test(window) ? searchLines(window, line) : searchWindow(window, whole)
  }
}

function compileBoth(source: string, flags: string) {
  return { whole: new RegExp(source, `${flags}gm`), line: new RegExp(source, flags) }
}

function isForeign(pattern: unknown): pattern is ForeignRegExp {
  return typeof pattern === 'object' && pattern !== null && 'source' in pattern && 'flags' in pattern
}

function* searchWindow(window: string, regex: RegExp): Generator<Found> {
  let line = 0
  for (let position = 0; position < window.length; ) {
    regex.lastIndex = position
    const match = regex.exec(window)
    if (!match) return
    const start = match.index === 0 ? 0 : window.lastIndexOf('\n', match.index - 1) + 1
    if (start >= window.length) return
    const end = lineEnd(window, match.index)
    line += countNewlines(window, position, start)
    yield { line, text: window.slice(start, end), at: match.index - start }
    line++
    position = end + 1
  }
}

/** Only lines that hold a text which every match must hold. */
function* searchText(window: string, required: string, regex: RegExp): Generator<Found> {
  let line = 0
  for (let position = 0, counted = 0; ; ) {
    const held = window.indexOf(required, position)
    if (held < 0) return
    const start = held === 0 ? 0 : window.lastIndexOf('\n', held - 1) + 1
    position = lineEnd(window, held)
    line += countNewlines(window, counted, start)
    counted = start
    const text = window.slice(start, position)
    const at = text.search(regex)
    if (at >= 0) yield { line, text, at }
  }
}

function* searchLines(window: string, regex: RegExp): Generator<Found> {
  for (let line = 0, start = 0; start < window.length; line++) {
    const end = lineEnd(window, start)
    const text = window.slice(start, end)
    const at = text.search(regex)
    if (at >= 0) yield { line, text, at }
    start = end + 1
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

function countNewlines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** The document's bytes in pieces that end at line ends, and where in it they start. */
function* windows(documents: Documents, document: Document): Generator<{ bytes: Buffer; start: number }> {
  for (let start = 0; start < document.length; ) {
    let bytes = documents.readBytes(document, start, windowBytes)
    for (let size = windowBytes; start + bytes.length < document.length; ) {
      const newline = bytes.lastIndexOf(10)
      if (newline >= 0) {
        bytes = bytes.subarray(0, newline + 1)
        break
      }
      size *= 2 // a line that is longer than a window
      bytes = documents.readBytes(document, start, size)
    }
    yield { bytes, start }
    start += bytes.length
  }
}
