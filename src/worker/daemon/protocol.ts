// Between a client and the daemon, on one connection: the token, then envelopes: a kind, a length, so many bytes. Bytes of
// the session are passed on as they are; a control is one JSON-RPC 2.0 message.
import * as z from 'zod/mini'

export const tokenBytes = 32
const headerBytes = 5
const [control, session] = [1, 0]
const maxControlBytes = 16 << 10
const smallBytes = 16 << 10

const requestSchema = z.discriminatedUnion('method', [
  z.object({
    method: z.literal('lease'),
    id: z.int(),
    params: z.object({ cpu_seconds: z.int().check(z.positive()) }),
  }),
  z.object({ method: z.literal('status'), id: z.int() }),
  z.object({ method: z.literal('stop'), id: z.int() }),
  z.object({ method: z.literal('interrupt') }),
  z.object({ method: z.literal('kill') }),
])
const statusSchema = z.object({
  pid: z.int(),
  version: z.string(),
  python: z.string(),
  started_at: z.string(),
  /** Workers that wait, locked, for a session. */
  idle: z.int(),
  leased: z.int(),
  /** Sessions since the start. */
  served: z.int(),
  memory_bytes: z.int(),
})
const replySchema = z.union([
  z.object({ method: z.literal('queued') }),
  z.object({ method: z.literal('ended'), params: z.object({ how: z.string() }) }),
  z.object({ id: z.int(), error: z.object({ code: z.int(), message: z.string() }) }),
  z.object({ id: z.int(), result: z.unknown() }),
])

/** What a client says. */
export type Request = z.infer<typeof requestSchema>
/** What the daemon says. */
export type Reply = z.infer<typeof replySchema>
export type Status = z.infer<typeof statusSchema>

export function readRequest(message: unknown): Request | undefined {
  return requestSchema.safeParse(message).data
}

export function readReply(message: unknown): Reply | undefined {
  return replySchema.safeParse(message).data
}

export function readStatus(result: unknown): Status | undefined {
  return statusSchema.safeParse(result).data
}

export function controlEnvelope(message: Request | Reply): Buffer {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
  return Buffer.concat([header(control, body.length), body])
}

/** Nothing of a session: says no more than that one is there. */
export const sessionPulse = header(session, 0)

/** Bytes of a session in pieces to write: one where copying costs less than a second write. */
export function sessionEnvelope(bytes: Buffer): readonly Buffer[] {
  const head = header(session, bytes.length)
  return bytes.length <= smallBytes ? [Buffer.concat([head, bytes])] : [head, bytes]
}

function header(kind: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes)
  bytes[0] = kind
  bytes.writeUInt32BE(length, 1)
  return bytes
}

export interface EnvelopeListener {
  onControl(message: unknown): void
  /** A part of the session's bytes, as it came. */
  onSession(bytes: Buffer): void
  /** Told once; nothing after it is read. */
  onViolation(what: string): void
}

/** Reads envelopes from pieces of any size. A session's bytes are never collected, however large their envelope. */
export function createEnvelopeReader(listener: EnvelopeListener): (bytes: Buffer) => void {
  const head = Buffer.allocUnsafe(headerBytes)
  let filled = 0
  let left = 0
  let body: Buffer | undefined // of a control
  let broken = false

  const fail = (what: string) => {
    broken = true
    listener.onViolation(what)
  }
  const open = () => {
    filled = 0
    left = head.readUInt32BE(1)
    if (head[0] !== session && head[0] !== control) return fail(`an envelope of kind ${head[0]}`)
    body = head[0] === control ? Buffer.allocUnsafe(Math.min(left, maxControlBytes)) : undefined
    if (body && left > maxControlBytes) return fail(`a message of ${left} bytes`)
    if (body && left === 0) fail('a message of no bytes')
  }
  const readControl = (bytes: Buffer) => {
    let message: unknown
    try {
      message = JSON.parse(bytes.toString())
    } catch {
      return fail('a message that is no JSON')
    }
    listener.onControl(message)
  }

  return (bytes) => {
    for (let at = 0; at < bytes.length && !broken; ) {
      if (left === 0) {
        const copied = bytes.copy(head, filled, at)
        at += copied
        filled += copied
        if (filled === headerBytes) open()
        continue
      }
      const part = bytes.subarray(at, at + left)
      at += part.length
      if (body) part.copy(body, body.length - left)
      left -= part.length
      if (!body) listener.onSession(part)
      else if (left === 0) readControl(body)
    }
  }
}
