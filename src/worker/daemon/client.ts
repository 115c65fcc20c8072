// A client's end of the daemon: a worker of its own as a line to a runner, and what the commands ask.
import { connect, type Socket } from 'node:net'
import { openDeadline } from '../lib/deadline.ts'
import { isLocked, type Ready, readMessage } from '../sandboxes/runner-messages.ts'
import type { LeasedLine } from '../sandboxes/runner-process.ts'
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

/** Until it says a first word. */
const answerMs = 2000
/** Until a worker is there, once it has said that there is none yet. */
const queuedMs = 20_000

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
): Promise<LeasedLine> {
  const socket = openSocket(folder, record, { method: 'lease', id: 1, params: { cpu_seconds: cpuSeconds } })
  const worker = new LeasedWorker(socket)
  // The daemon is at work on it while the session's setup is made.
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
    socket.once('close', () => resolve())
  })
  return worker
}

/** No other one is leased (nursery.ts), and one that says something else is not used. */
const lockedReady: Ready = { op: 'ready', kernel: { seccomp: true, landlock: 0 } }

class LeasedWorker implements LeasedLine {
  readonly ready = lockedReady
  readonly ended: Promise<string>
  readonly printed: Promise<string>
  private readonly socket: Socket
  private isThere = false
  private repliesHeard = 0
  private impatience: NodeJS.Timeout | undefined
  private onThere: () => void = () => {}
  private onBytes: (bytes: Buffer) => void = () => {}
  private onEnded!: (how: string) => void
  private onLost!: (why: DaemonLost) => void

  constructor(socket: Socket) {
    this.socket = socket
    this.ended = new Promise((resolve, reject) => {
      this.onEnded = resolve
      this.onLost = reject
    })
    this.printed = this.ended.then(() => '')
    for (const told of [this.ended, this.printed]) told.catch(() => {}) // whoever waits for it is told
    listenTo(socket, {
      onSession: (bytes) => {
        if (this.isThere) this.onBytes(bytes)
        else this.lose(new DaemonLost('its worker spoke before it was leased'))
      },
      onReply: (reply) => this.hear(reply),
      onGone: (why) => this.lose(why),
    })
    this.expectReply(answerMs, 'the daemon does not answer')
  }

  private expectReply(limitMs: number, otherwise: string): void {
    const heard = this.repliesHeard
    const look = () => this.repliesHeard > heard || this.lose(new DaemonLost(otherwise))
    this.impatience = setTimeout(() => setImmediate(look), limitMs) // what has come meanwhile is read first
  }

  private hear(reply: Reply): void {
    this.repliesHeard++
    clearTimeout(this.impatience)
    if ('error' in reply) this.lose(new DaemonLost(`the daemon refused: ${reply.error.message}`))
    else if ('result' in reply) this.welcome(readMessage(reply.result))
    else if (reply.method === 'ended') this.onEnded(reply.params.how)
    else this.expectReply(queuedMs, `no worker was free within ${queuedMs / 1000} s`)
  }

  private welcome(said: ReturnType<typeof readMessage>): void {
    if (said?.op !== 'ready' || !isLocked(said)) {
      this.lose(new DaemonLost('the daemon leased a worker that is not locked'))
      return
    }
    this.isThere = true
    this.onThere()
  }

  private lose(why: DaemonLost): void {
    clearTimeout(this.impatience)
    this.onLost(why)
    this.socket.destroy()
  }

  whenThere(begin: () => void): void {
    if (this.isThere) begin()
    else this.onThere = begin
  }

  listen(onBytes: (bytes: Buffer) => void): void {
    this.onBytes = onBytes
  }

  deafen(): void {
    this.onBytes = () => {}
  }

  send(bytes: Buffer): void {
    this.socket.cork() // what is sent in one go, a setup and a first step, costs everybody on its way one turn
    for (const piece of sessionEnvelope(bytes)) this.socket.write(piece)
    process.nextTick(() => this.socket.uncork())
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
