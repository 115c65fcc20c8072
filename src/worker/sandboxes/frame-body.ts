// A message as the body of a frame: one line of JSON. Large texts do not go through JSON: null stands in their place, the
// message's `texts` says where and how many bytes of UTF-8 they are, and they follow the line, end to end.
import * as z from 'zod/mini'

type Path = Array<string | number>

interface Text {
  readonly path: Path
  readonly text: string
  readonly bytes: number
}

const largeChars = 1 << 16
const maxTexts = 1024
/** Of one message: honest ones have fewer, and a frame full of them would cost the host seconds and gigabytes. */
const maxValues = 1 << 20
const [lineEnd, quote, comma, bracket, backslash, brace] = [10, 34, 44, 91, 92, 123]

const textsSchema = z.array(z.tuple([z.array(z.union([z.string(), z.int()])), z.int().check(z.positive())]))

/** The body of a message: its length in bytes, and how it is written into a buffer of that length. */
export function writeBody(message: unknown): { length: number; write(body: Buffer): void } {
  const texts: Text[] = []
  const rest = Array.isArray(message) || !hasLarge(message) ? message : withoutTexts(message, [], texts)
  const announced = texts.map(({ path, bytes }) => [path, bytes])
  const json = JSON.stringify(texts.length === 0 ? rest : { ...(rest as object), texts: announced })
  const line = texts.length === 0 ? json : `${json}\n`
  const lineBytes = Buffer.byteLength(line)
  return {
    length: texts.reduce((sum, { bytes }) => sum + bytes, lineBytes),
    write(body) {
      body.write(line)
      let at = lineBytes
      for (const { text } of texts) at += body.write(text, at)
    },
  }
}

/** Throws an Error that says what is wrong. */
export function parseBody(body: Buffer): unknown {
  const end = body.indexOf(lineEnd)
  const message = parseJson(end < 0 ? body : body.subarray(0, end))
  if (end < 0) return message
  return putBack(message, body.subarray(end + 1))
}

function parseJson(line: Buffer): unknown {
  if (line.length > maxValues && countValues(line) > maxValues) throw new Error('a frame of too many values')
  try {
    return JSON.parse(line.toString())
  } catch {
    throw new Error('a frame that is no JSON')
  }
}

function countValues(json: Buffer): number {
  let count = 0
  let inText = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (byte === quote) inText = !inText
    else if (inText) at += byte === backslash ? 1 : 0
    else if (byte === comma || byte === bracket || byte === brace) count++
  }
  return count
}

function hasLarge(value: unknown): boolean {
  if (typeof value === 'string') return value.length >= largeChars
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) ? value.some(hasLarge) : Object.values(value).some(hasLarge)
}

// A text that is no well-formed UTF-16 stays in the JSON: UTF-8 has no bytes for half a character.
function withoutTexts(value: unknown, path: Path, texts: Text[]): unknown {
  if (typeof value === 'string') {
    if (value.length < largeChars || path.length === 0 || texts.length === maxTexts || !value.isWellFormed())
      return value
    texts.push({ path: [...path], text: value, bytes: Buffer.byteLength(value) })
    return null
  }
  if (typeof value !== 'object' || value === null) return value
  const below = (key: string | number, item: unknown) => {
    path.push(key)
    const rest = withoutTexts(item, path, texts)
    path.pop()
    return rest
  }
  if (Array.isArray(value)) return value.map((item, at) => below(at, item))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, below(key, item)]))
}

function putBack(message: unknown, bytes: Buffer): unknown {
  const announced = own(message, 'texts')
  const few = Array.isArray(announced) && announced.length <= maxTexts
  const texts = few ? textsSchema.safeParse(announced).data : undefined
  let at = 0
  for (const [path, length] of texts ?? []) {
    const holder = path.slice(0, -1).reduce<unknown>(own, message)
    const key = path.at(-1) ?? ''
    if (own(holder, key) !== null || at + length > bytes.length) throw new Error(misfit)
    ;(holder as Record<string | number, unknown>)[key] = bytes.toString('utf8', at, at + length)
    at += length
  }
  if (texts === undefined || at !== bytes.length) throw new Error(misfit)
  const { texts: _, ...rest } = message as { texts: unknown }
  return rest
}
const misfit = 'a frame whose texts do not fit'

/** A property that the value itself has; never one of its prototype's. */
function own(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string | number, unknown>)[key]
}
