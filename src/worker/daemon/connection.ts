// One client of the daemon: its token, then what it asks for. A worker that it leased is its own until one of the two is
// gone; their bytes pass through without being read or collected.
import { timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Worker } from './nursery.ts'
import { type Pool, settledMs } from './pool.ts'
import {
  controlEnvelope,
  createEnvelopeReader,
  type Reply,
  type Request,
  readRequest,
  type Status,
  sessionEnvelope,
  sessionPulse,
  tokenBytes,
} from './protocol.ts'

export interface Host {
  readonly pool: Pool
  readonly token: Buffer
  status(): Status
  stop(): void
}

/** For the token, and then for the first request. */
const speakWithinMs = 5000
const pulseMs = 200

export class Connection {
  private readonly socket: Socket
  private readonly host: Host
  private readonly gone = new AbortController()
  private readonly read: (bytes: Buffer) => void
  private readonly impatience: NodeJS.Timeout
  private greeting = Buffer.alloc(0)
  private trusted = false
  private asked = false
  private worker: Worker | undefined
  private pulse: NodeJS.Timeout | undefined
  private held: Buffer[] = [] // of the session, before its worker is there

  constructor(socket: Socket, host: Host) {
    this.socket = socket
    this.host = host
    this.read = createEnvelopeReader({
      onControl: (message) => this.obey(readRequest(message)),
      onSession: (bytes) => this.passOn(bytes),
      onViolation: () => socket.destroy(),
    })
    this.impatience = setTimeout(() => socket.destroy(), speakWithinMs)
    socket.on('data', (bytes) => (this.trusted ? this.read(bytes) : this.greet(bytes)))
    socket.on('error', () => {}) // it is closed then
    socket.on('close', () => this.leave())
  }

  private greet(bytes: Buffer): void {
    this.greeting = Buffer.concat([this.greeting, bytes])
    if (this.greeting.length < tokenBytes) return
    if (!timingSafeEqual(this.greeting.subarray(0, tokenBytes), this.host.token)) {
      this.socket.destroy()
      return
    }
    this.trusted = true
    this.read(this.greeting.subarray(tokenBytes))
    this.greeting = Buffer.alloc(0)
  }

  private obey(request: Request | undefined): void {
    clearTimeout(this.impatience)
    if (request?.method === 'lease' && !this.asked) void this.lease(request.id, request.params.cpu_seconds)
    else if (request?.method === 'interrupt' || request?.method === 'kill')
      this.worker?.signal(request.method)
    else if (request?.method === 'status') this.reply({ id: request.id, result: this.host.status() })
    else if (request?.method === 'stop') {
      this.reply({ id: request.id, result: null })
      this.host.stop()
    } else this.socket.destroy()
  }

  private async lease(id: number, cpuSeconds: number): Promise<void> {
    this.asked = true
    let worker: Worker
    if (this.host.pool.idle === 0) this.reply({ method: 'queued' }) // it is alive, and at work
    try {
      worker = await this.host.pool.lease(this.gone.signal)
    } catch (error) {
      this.reply({ id, error: { code: -32000, message: (error as Error).message } })
      this.socket.end()
      return
    }
    if (this.gone.signal.aborted) return this.host.pool.discard(worker)
    this.worker = worker
    worker.wake()
    worker.socket.on('data', (bytes) => this.tell(bytes, worker))
    worker.socket.resume()
    const closed = new Promise((resolve) => worker.socket.once('close', resolve))
    void Promise.all([worker.ended, closed]).then(([how]) => this.end(how))
    // The worker first: whoever is woken may take the processor, and its setup takes longer than reading the reply.
    for (const bytes of this.held.splice(0)) this.passOn(bytes)
    this.reply({ id, result: worker.ready })
    this.resume()
    setTimeout(() => worker.limitCpu(cpuSeconds), settledMs)
  }

  /** To the worker. */
  private passOn(bytes: Buffer): void {
    if (this.worker === undefined) {
      if (!this.asked) {
        this.socket.destroy()
        return
      }
      this.held.push(Buffer.from(bytes))
      this.pause()
    } else if (!this.worker.socket.write(bytes)) {
      this.pause()
      this.worker.socket.once('drain', () => this.resume())
    }
  }

  // What is not read does not tell that its other end is gone; what is written does.
  private pause(): void {
    this.socket.pause()
    clearInterval(this.pulse)
    this.pulse = setInterval(() => this.socket.write(sessionPulse), pulseMs)
  }

  private resume(): void {
    clearInterval(this.pulse)
    this.socket.resume()
  }

  /** To the client. */
  private tell(bytes: Buffer, worker: Worker): void {
    let flows = true
    for (const piece of sessionEnvelope(bytes)) flows = this.socket.write(piece)
    if (flows) return
    worker.socket.pause()
    this.socket.once('drain', () => worker.socket.resume())
  }

  private reply(reply: Reply): void {
    this.socket.write(controlEnvelope(reply))
  }

  private end(how: string): void {
    this.reply({ method: 'ended', params: { how } })
    this.socket.end()
  }

  private leave(): void {
    clearTimeout(this.impatience)
    clearInterval(this.pulse)
    this.gone.abort(new Error('the client is gone'))
    if (this.worker) this.host.pool.discard(this.worker)
  }
}
