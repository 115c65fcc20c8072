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

/** Until it says a first word; a worker may take longer. */
const answerMs = 2000

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

/**
 * Leases a worker; resolves when it has been asked for. Nothing is waited for: what is sent meanwhile reaches the worker
 * when it is there.
 */
export async function leaseWorker(
  folder: string,
  record: DaemonRecord,
  cpuSeconds: number,
): Promise<RunnerLine> {
  const socket = openSocket(folder, record, { method: 'lease', id: 1, params: { cpu_seconds: cpuSeconds } })
  const lease = new Lease(socket)
  // The daemon is at work on it while the session's setup is made.
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
    socket.once('close', () => resolve())
  })
  return lease
}

class Lease implements RunnerLine {
  readonly ready: Promise<Ready>
  readonly ended: Promise<string>
  readonly printed: Promise<string>
  private readonly socket: Socket
  private readonly impatience: NodeJS.Timeout
  private heard = false
  private onBytes: (bytes: Buffer) => void = () => {}
  private onReady!: (ready: Ready) => void
  private onEnded!: (how: string) => void
  private onLost!: (why: DaemonLost) => void

  constructor(socket: Socket) {
    this.socket = socket
    this.ready = new Promise((resolve) => {
      this.onReady = resolve
    })
    this.ended = new Promise((resolve, reject) => {
      this.onEnded = resolve
      this.onLost = reject
    })
    this.printed = this.ended.then(() => '')
    for (const told of [this.ended, this.printed]) told.catch(() => {}) // whoever waits for it is told
    const look = () => this.heard || this.onLost(new DaemonLost('the daemon does not answer'))
    this.impatience = setTimeout(() => setImmediate(look), answerMs) // what has come meanwhile is read first
    listenTo(socket, {
      onSession: (bytes) => this.onBytes(bytes),
      onReply: (reply) => this.hear(reply),
      onGone: (why) => {
        clearTimeout(this.impatience)
        this.onLost(why)
      },
    })
  }

  private hear(reply: Reply): void {
    this.heard = true
    clearTimeout(this.impatience)
    if ('error' in reply) this.onLost(new DaemonLost(`the daemon refused: ${reply.error.message}`))
    else if ('result' in reply) {
      const said = readMessage(reply.result)
      if (said?.op === 'ready') this.onReady(said)
    } else if (reply.method === 'ended') this.onEnded(reply.params.how)
  }

  listen(onBytes: (bytes: Buffer) => void): void {
    this.onBytes = onBytes
  }

  deafen(): void {
    this.onBytes = () => {}
  }

  send(bytes: Buffer): void {
    for (const piece of sessionEnvelope(bytes)) this.socket.write(piece)
  }

  signal(name: 'SIGINT' | 'SIGKILL'): void {
    this.socket.write(controlEnvelope({ method: name === 'SIGINT' ? 'interrupt' : 'kill' }))
  }

  async close(): Promise<void> {
    clearTimeout(this.impatience)
    this.onEnded('ended by the host')
    this.socket.destroy() // and the daemon ends the worker
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
  const socket = openSocket(folder, record, request)
  try {
    return await new Promise((resolve, reject) => {
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true })
      listenTo(socket, {
        onSession: () => {},
        onReply: (reply) => 'result' in reply && resolve(reply.result),
        onGone: reject,
      })
    })
  } finally {
    socket.destroy()
    limit.close(new Error('the call is over'))
  }
}

/** Connects, and asks. */
function openSocket(folder: string, { token }: DaemonRecord, request: Request): Socket {
  const socket = connect(addresses(folder).clients)
  socket.write(Buffer.concat([Buffer.from(token, 'hex'), controlEnvelope(request)]))
  return socket
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
