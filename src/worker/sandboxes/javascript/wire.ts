// The runner's end of the frames (frames.ts says how they look). It reads and writes without returning to Node's event
// loop: between two messages there is nothing else to do, and code that runs cannot be interleaved with anything.
import { readSync, writeSync } from 'node:fs'
import { parseBody } from '../frame-body.ts'
import { encodeFrame, secretBytes } from '../frames.ts'

const inDescriptor = 3
const outDescriptor = 4
const maxFrameBytes = 64 << 20

export interface Wire {
  /** The session's setup. */
  readonly first: unknown
  receive(): unknown
  /** Throws a RangeError when the message is larger than a frame may be; nothing is sent then. */
  send(message: unknown): void
}

export function openWire(): Wire {
  const head = readExactly(4 + secretBytes)
  const secret = head.subarray(4)
  const first = parseBody(readExactly(head.readUInt32BE(0)))
  return {
    first,
    receive() {
      const header = readExactly(4 + secretBytes)
      const length = header.readUInt32BE(0)
      if (length > maxFrameBytes || !header.subarray(4).equals(secret)) endProcess()
      return parseBody(readExactly(length))
    },
    send(message) {
      const frame = encodeFrame(secret, message)
      if (frame.length > maxFrameBytes)
        throw new RangeError(`more than ${maxFrameBytes >> 20} MiB cannot leave the sandbox at once`)
      for (let sent = 0; sent < frame.length; )
        sent += writeSync(outDescriptor, frame, sent, frame.length - sent)
    },
  }
}

/** Ends the process at once: an orderly exit needs system calls that are locked. */
export function endProcess(): never {
  process.abort()
}

function readExactly(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let have = 0; have < length; ) {
    const count = readSync(inDescriptor, bytes, have, length - have, null)
    if (count === 0) endProcess() // the host is gone
    have += count
  }
  return bytes
}
