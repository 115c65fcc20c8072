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
  const header = Buffer.allocUnsafe(headerBytes)
  let part: Buffer = header // or the body of a frame: what comes is copied into it, however small the pieces
  let filled = 0
  let broken = false

  const expect = (next: Buffer) => {
    part = next
    filled = 0
  }
  const fail = (what: string) => {
    broken = true
    expect(header)
    onViolation(what)
  }
  const readHeader = () => {
    const length = header.readUInt32BE(0)
    if (!header.subarray(4).equals(secret)) return fail('a frame without the secret')
    if (length > maxBytes) return fail(`a frame of ${length} bytes`)
    expect(Buffer.allocUnsafe(length))
  }
  const readBody = (body: Buffer) => {
    expect(header)
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
      for (let at = 0; !broken; ) {
        const copied = bytes.copy(part, filled, at)
        at += copied
        filled += copied
        if (filled < part.length) return
        if (part === header) readHeader()
        else readBody(part)
      }
    },
  }
}
