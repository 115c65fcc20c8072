// A client's end of the daemon: a worker of its own as a line to a runner, and what the commands ask.
import { connect, type Socket } from 'node:net'
import { openDeadline } from '../lib/deadline.ts'
import { type Ready, readMessage } from '../sandboxes/runner-messages.ts'
import type { RunnerLine } from '../sandboxes/runner-process.ts'
import {
  controlEnvelope,
  createEnvelopeReader,
  type Reply,
  type Request,
  readReply,
  readStatus,
  type Status,
  sessionEnvelope,
} from './protocol.ts'
import { addresses, type DaemonRecord } from './record.ts'

/** The daemon did not answer, refused, or went away: what became of a worker of its is unknown. */
export class DaemonLost extends Error {
  override readonly name = 'DaemonLost'
  /** It hung up, or nobody listens. */
  readonly isGone: boolean

  constructor(message: string, isGone = false) {
    super(message)
    this.isGone = isGone
  }
}

/** Leases a worker. Nothing is waited for: what is sent meanwhile reaches the worker when it is there. */
export function leaseWorker(folder: string, record: DaemonRecord, cpuSeconds: number): RunnerLine {
  const socket = openSocket(folder, record)
  let onBytes: (bytes: Buffer) => void = () => {}
  let onEnded: (how: string) => void
  let onReady: (ready: Ready) => void
  const ready = new Promise<Ready>((resolve) => {
    onReady = resolve
  })
  const ended = new Promise<string>((resolve, reject) => {
    onEnded = resolve
    listenTo(socket, {
      onSession: (bytes) => onBytes(bytes),
      onReply(reply) {
        if ('method' in reply) return resolve(reply.params.how)
        if ('error' in reply) return reject(new DaemonLost(`the daemon refused: ${reply.error.message}`))
        const said = readMessage(reply.result)
        if (said?.op === 'ready') onReady(said)
      },
      onGone: reject,
    })
  })
  ended.catch(() => {}) // whoever waits for it is told
  ask(socket, { method: 'lease', id: 1, params: { cpu_seconds: cpuSeconds } })
  return {
    ready,
    ended,
    printed: ended.then(() => ''),
    listen(listener) {
      onBytes = listener
    },
    deafen() {
      onBytes = () => {}
    },
    send(bytes) {
      for (const piece of sessionEnvelope(bytes)) socket.write(piece)
    },
    signal: (name) => ask(socket, { method: name === 'SIGINT' ? 'interrupt' : 'kill' }),
    async close() {
      onEnded('ended by the host')
      socket.destroy() // and the daemon ends the worker
    },
  }
}

/** What the daemon says of itself. Rejects with DaemonLost when it says nothing within `limitMs`. */
export async function askStatus(folder: string, record: DaemonRecord, limitMs: number): Promise<Status> {
  const status = readStatus(await call(folder, record, { method: 'status', id: 1 }, limitMs))
  if (status) return status
  throw new DaemonLost('the daemon gave a status that is none')
}

/** Asks the daemon to end. Resolves when it has understood. */
export async function askToStop(folder: string, record: DaemonRecord, limitMs: number): Promise<void> {
  await call(folder, record, { method: 'stop', id: 1 }, limitMs)
}

async function call(
  folder: string,
  record: DaemonRecord,
  request: Request,
  limitMs: number,
): Promise<unknown> {
  const limit = openDeadline(limitMs, undefined, () => new DaemonLost('the daemon does not answer'))
  const socket = openSocket(folder, record)
  try {
    return await new Promise((resolve, reject) => {
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true })
      listenTo(socket, {
        onSession: () => {},
        onReply: (reply) => 'result' in reply && resolve(reply.result),
        onGone: reject,
      })
      ask(socket, request)
    })
  } finally {
    socket.destroy()
    limit.close(new Error('the call is over'))
  }
}

function openSocket(folder: string, { token }: DaemonRecord): Socket {
  const socket = connect(addresses(folder).clients)
  socket.cork() // what is said at once goes in one write
  setImmediate(() => socket.uncork())
  socket.write(Buffer.from(token, 'hex'))
  return socket
}

function ask(socket: Socket, request: Request): void {
  socket.write(controlEnvelope(request))
}

interface Listener {
  onSession(bytes: Buffer): void
  onReply(reply: Reply): void
  onGone(why: DaemonLost): void
}

function listenTo(socket: Socket, { onSession, onReply, onGone }: Listener): void {
  const leave = (error: DaemonLost) => {
    onGone(error)
    socket.destroy()
  }
  const read = createEnvelopeReader({
    onSession,
    onControl(message) {
      const reply = readReply(message)
      if (reply) onReply(reply)
      else leave(new DaemonLost('the daemon said what does not belong here'))
    },
    onViolation: (what) => leave(new DaemonLost(`the daemon sent ${what}`)),
  })
  socket.on('data', read)
  socket.on('error', ({ message }) => leave(new DaemonLost(`the daemon is gone: ${message}`, true)))
  socket.on('close', () => leave(new DaemonLost('the daemon is gone', true)))
}
