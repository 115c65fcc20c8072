// One record a line: the payload's length and CRC-32 in hexadecimal, the payload, a newline. A payload is JSON, which holds
// no newline of its own; so whatever a damaged line holds, the next one begins after the next newline.
import { crc32 } from 'node:zlib'

const headLength = 18

/** The line of a payload, which must hold no newline. */
export function encodeLine(payload: string): Buffer {
  const length = Buffer.byteLength(payload)
  const line = Buffer.allocUnsafe(headLength + length + 1)
  line.write(payload, headLength)
  line.write(`${hex(length)} ${hex(crc32(line.subarray(headLength, headLength + length)))} `, 'latin1')
  line[headLength + length] = 10
  return line
}

/** The payload of the line at `at`, and where the next line begins; undefined when it is cut or damaged. */
export function lineAt(bytes: Buffer, at: number): { payload: Buffer; end: number } | undefined {
  const head = /^([0-9a-f]{8}) ([0-9a-f]{8}) $/.exec(bytes.toString('latin1', at, at + headLength))
  if (!head) return undefined
  const start = at + headLength
  const end = start + Number.parseInt(head[1]!, 16)
  if (end >= bytes.length) return undefined
  const payload = bytes.subarray(start, end)
  return crc32(payload) === Number.parseInt(head[2]!, 16) ? { payload, end: end + 1 } : undefined
}

export interface LineListener {
  /** A line at `at` that is `length` bytes long, newline included. */
  line(payload: Buffer, at: number, length: number): void
  /** Bytes that were lines, and are none any more. */
  damage(at: number, end: number): void
}

/** Reads the lines of `bytes`; returns where the last, unfinished one begins (the length when there is none). */
export function scanLines(bytes: Buffer, listener: LineListener): number {
  for (let at = 0; ; ) {
    const line = lineAt(bytes, at)
    if (line) {
      listener.line(line.payload, at, line.end - at)
      at = line.end
      continue
    }
    const [end, found] = damageFrom(bytes, at)
    if (end > at) listener.damage(at, end)
    at = end
    if (!found) return at
  }
}

// What is damaged ends where a whole line begins, or where lines do: an unfinished one has no newline.
function damageFrom(bytes: Buffer, at: number): [end: number, found: boolean] {
  for (let end = at; ; ) {
    const newline = bytes.indexOf(10, end)
    if (newline < 0) return [end, false]
    end = newline + 1
    if (lineAt(bytes, end)) return [end, true]
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
