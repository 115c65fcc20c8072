// The documents as the code sees them: CONTEXT, context, and the pieces that chunks() gives.
import type { Calls } from './bridge.ts'
import type { Callable } from './functions.ts'
import {
  asArray,
  BoxedText,
  bareList,
  create,
  defineProperty,
  freeze,
  has,
  keys,
  LookThrough,
  NoSuchName,
  notes,
  objectPrototype,
  preventExtensions,
  setHidden,
  slice,
  sliceArray,
  unboxText,
  WrongType,
} from './primordials.ts'

const cachedCharacters = 16 << 20

export interface DocumentTable {
  readonly names: readonly string[]
  /** The document whose text `context` is, if there is one. */
  readonly context: string | null
}

export function makeTexts(calls: Calls) {
  const texts = create(null) as Record<string, string>
  let cached = 0
  return (name: string): string => {
    const known = texts[name]
    if (known !== undefined) return known
    const text = calls.call('$text', [name, 0, null]) as string
    if (cached + text.length <= cachedCharacters) {
      texts[name] = text
      cached += text.length
    }
    return text
  }
}

/** path -> text, read when it is asked for. */
export function makeContext(table: DocumentTable, textOf: (name: string) => string): object {
  const known = create(null) as Record<string, true>
  for (let at = 0; at < table.names.length; at++) known[table.names[at]!] = true
  const isDocument = (key: PropertyKey): key is string => typeof key === 'string' && known[key] === true
  const refuse = () => {
    throw new WrongType('CONTEXT is read-only; copy what you want to change: {...CONTEXT}')
  }
  return new LookThrough(create(objectPrototype), {
    get(_target, key) {
      if (typeof key === 'symbol' || isDocument(key)) return isDocument(key) ? textOf(key) : undefined
      // what other code may ask of any object
      if (has(objectPrototype, key) || key === 'toJSON' || key === 'then')
        return (objectPrototype as never)[key]
      return textOf(key) // says what there is
    },
    has: (_target, key) => isDocument(key),
    ownKeys: () => sliceArray(table.names),
    getOwnPropertyDescriptor: (_target, key) =>
      isDocument(key) ? { get: () => textOf(key), enumerable: true, configurable: true } : undefined,
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
    setPrototypeOf: refuse,
  })
}

/** `context`: the text of the only document; a variable like any other once the session assigns to it. */
export function bindContext(target: object, table: DocumentTable, textOf: (name: string) => string): void {
  defineProperty(target, 'context', {
    get() {
      if (table.context !== null) return textOf(table.context)
      throw new NoSuchName(
        `context is the text of the only document; here are ${table.names.length}, use CONTEXT[path]`,
      )
    },
    set(value) {
      setHidden(target, 'context', value, true)
    },
    configurable: true,
    enumerable: false,
  })
}

/** A piece of a text that knows where it comes from; path and lines are null for a text that is no document. */
interface Chunk {
  readonly index: number
  readonly path: string | null
  readonly start_line: number | null
  readonly end_line: number | null
}

interface Pieces {
  readonly path: string | null
  readonly cuts: readonly number[]
}
type Span = readonly [path: string, start: number, end: number]

export interface Chunks {
  readonly chunks: Callable
  /** `{$span}` for a piece of a document, the text of any other piece; undefined for what is no piece. */
  reference(value: object): unknown
  describe(value: object): string | undefined
}

export function makeChunks(calls: Calls): Chunks {
  const spans = notes<Span | string>()
  const make = (text: string, fields: Chunk, span: Span | string) => {
    const chunk = new BoxedText(text)
    const names = keys(fields)
    for (let at = 0; at < names.length; at++)
      setHidden(chunk, names[at]!, fields[names[at] as keyof Chunk], false)
    spans.set(chunk, span)
    return preventExtensions(chunk) // to freeze it would look at every character
  }
  const cutText = (text: string, index: number, start: number, end: number) => {
    const piece = slice(text, start, end)
    return make(piece, { index, path: null, start_line: null, end_line: null }, piece)
  }
  const cutDocument = (path: string, index: number, start: number, end: number) => {
    const text = calls.call('$text', [path, start, end]) as string
    const lines = calls.call('$lines', [path, start, end]) as Pick<Chunk, 'start_line' | 'end_line'>
    return make(text, { index, path, start_line: lines.start_line, end_line: lines.end_line }, [
      path,
      start,
      end,
    ])
  }
  return {
    chunks(text, size, overlap) {
      const { path, cuts } = calls.call('chunks', [text, size, overlap]) as Pieces
      return listOf(cuts.length / 2, (at) =>
        path === null
          ? cutText(
              typeof text === 'string' ? text : unboxText(text as string),
              at,
              cuts[2 * at]!,
              cuts[2 * at + 1]!,
            )
          : cutDocument(path, at, cuts[2 * at]!, cuts[2 * at + 1]!),
      )
    },
    reference(value) {
      const span = spans.get(value)
      return typeof span === 'object' ? bareRecord('$span', span) : span
    },
    describe(value) {
      if (spans.get(value) === undefined) return undefined
      const { index, path, start_line, end_line } = value as Chunk
      const place = path === null ? 'text' : `${path}:${start_line}-${end_line}`
      return `<chunk ${index}: ${place}, ${(value as unknown as string).length} characters>`
    },
  }
}

// Its JSON is just this, whatever the session taught all arrays and records.
function bareRecord(name: string, items: readonly unknown[]): object {
  const list = bareList<unknown>()
  for (let at = 0; at < items.length; at++) list[at] = items[at]
  const record = create(null)
  record[name] = freeze(list)
  return freeze(record)
}

// An array whose elements are made when they are asked for, and not kept.
function listOf(length: number, make: (at: number) => unknown): unknown[] {
  const items = bareList<unknown>()
  for (let at = 0; at < length; at++) items[at] = undefined
  return new LookThrough(asArray(items), {
    get(target, key) {
      const own = (target as never)[key] as unknown
      const isGap = own === undefined && typeof key === 'string' && has(target, key)
      return isGap ? make(+key) : own
    },
  })
}
