// Frames between the host and a runner: length (4 bytes, big-endian), secret (16 bytes), body. The other side may send
// anything: what is not a frame with our secret, or is too large, is a violation, told once; nothing after it is read.
import { parseBody, writeBody } from './frame-body.ts'

export const secretBytes = 16
const headerBytes = 4 + secretBytes

export function encodeFrame(secret: Buffer, message: unknown): Buffer {
  const { length, write } = writeBody(message)
  const frame = Buffer.allocUnsafe(headerBytes + length)
  frame.writeUInt32BE(length, 0)
  secret.copy(frame, 4)
  write(frame.subarray(headerBytes))
  return frame
}

export interface FrameReader {
  push(bytes: Buffer): void
}

export function createFrameReader(
  secret: Buffer,
  maxBytes: number,
  onMessage: (message: unknown) => void,
  onViolation: (what: string) => void,
): FrameReader {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = headerBytes
  let inHeader = true
  let broken = false

  const take = (length: number): Buffer => {
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    const rest = all.subarray(length)
    chunks = rest.length > 0 ? [rest] : []
    held = rest.length
    return all.subarray(0, length)
  }
  const fail = (what: string) => {
    broken = true
    chunks = []
    onViolation(what)
  }
  const readHeader = () => {
    const header = take(headerBytes)
    const length = header.readUInt32BE(0)
    if (!header.subarray(4).equals(secret)) return fail('a frame without the secret')
    if (length > maxBytes) return fail(`a frame of ${length} bytes`)
    wanted = length
    inHeader = false
  }
  const readBody = () => {
    const body = take(wanted)
    wanted = headerBytes
    inHeader = true
    let message: unknown
    try {
      message = parseBody(body)
    } catch (error) {
      return fail((error as Error).message)
    }
    onMessage(message)
  }

  return {
    push(bytes) {
      if (broken) return
      chunks.push(bytes)
      held += bytes.length
      while (!broken && held >= wanted) inHeader ? readHeader() : readBody()
    },
  }
}
