// Frames of one secret, read back however they are made and cut.
import { createFrameReader, secretBytes } from '../../../../src/worker/sandboxes/frames.ts'

export const secret = Buffer.from(Array.from({ length: secretBytes }, (_, at) => 200 + at))
export const otherSecret = Buffer.alloc(secretBytes)
export const maxBytes = 1000

/** What a reader says of the bytes, given piece by piece. */
export function read(pieces: readonly Buffer[], limit = maxBytes) {
  const messages: unknown[] = []
  const violations: string[] = []
  const reader = createFrameReader(
    secret,
    limit,
    (message) => messages.push(message),
    (what) => violations.push(what),
  )
  for (const piece of pieces) reader.push(piece)
  return { messages, violations }
}

export function rawFrame(body: Buffer | string, sent = secret): Buffer {
  const bytes = Buffer.from(body as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, sent, bytes])
}

/** The bytes cut at the given places. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end))
}
