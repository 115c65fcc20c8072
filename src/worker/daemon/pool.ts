// Workers that wait, locked, for a session; each is given away once, and another one takes its place.
import type { Nursery, Worker } from './nursery.ts'

export interface PoolSize {
  /** That wait. */
  readonly idle: number
  /** That are leased at a time; the next one is refused, since waiting may take longer than doing without. */
  readonly leased: number
}

interface Waiting {
  resolve(worker: Worker): void
  reject(error: Error): void
}

/** In a row, before it is believed that no worker can be had. */
const maxFailures = 3
/** After which the session that was given a worker has begun: forking another one at once would take its time. */
export const settledMs = 10

export class Pool {
  private readonly nursery: Nursery
  private readonly size: PoolSize
  private readonly idleWorkers: Worker[] = []
  private readonly leasedWorkers = new Set<Worker>()
  private readonly waiting: Waiting[] = []
  private readonly onFailure: (error: Error) => void
  private starting = 0
  private failures = 0
  served = 0
  /** Resolves when a first worker is there. */
  readonly ready: Promise<void>
  private onFirst: () => void = () => {}

  /** `onFailure` is told when no worker can be had any more. */
  constructor(nursery: Nursery, size: PoolSize, onFailure: (error: Error) => void) {
    this.nursery = nursery
    this.size = size
    this.onFailure = onFailure
    this.ready = new Promise((resolve) => {
      this.onFirst = resolve
    })
    this.refill()
  }

  get idle(): number {
    return this.idleWorkers.length
  }

  get leased(): number {
    return this.leasedWorkers.size
  }

  /** Nobody has a worker or waits for one. */
  get unused(): boolean {
    return this.leased === 0 && this.waiting.length === 0
  }

  /** A worker of one's own; give it to `discard` afterwards. Rejects when all are leased, and with the signal's reason. */
  lease(signal: AbortSignal): Promise<Worker> {
    if (this.leased + this.waiting.length >= this.size.leased)
      return Promise.reject(new Error(`all ${this.size.leased} workers are leased`))
    const worker = this.idleWorkers.shift()
    if (!worker) return this.wait(signal)
    setTimeout(() => this.refill(), settledMs)
    return Promise.resolve(this.give(worker))
  }

  discard(worker: Worker): void {
    this.leasedWorkers.delete(worker)
    worker.signal('kill')
    worker.socket.destroy()
  }

  private wait(signal: AbortSignal): Promise<Worker> {
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject }
      const leave = () => {
        const at = this.waiting.indexOf(waiting)
        if (at < 0) return
        this.waiting.splice(at, 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.waiting.push(waiting)
      this.refill()
    })
  }

  private give(worker: Worker): Worker {
    this.leasedWorkers.add(worker)
    this.served += 1
    return worker
  }

  private refill(): void {
    while (this.idle + this.starting < this.size.idle + this.waiting.length && this.failures < maxFailures) {
      this.starting += 1
      this.nursery.fork().then(
        (worker) => this.take(worker),
        (error: Error) => this.miss(error),
      )
    }
  }

  private take(worker: Worker): void {
    this.starting -= 1
    this.failures = 0
    this.onFirst()
    const next = this.waiting.shift()
    if (next) next.resolve(this.give(worker))
    else {
      this.idleWorkers.push(worker)
      void worker.ended.then(() => this.replace(worker))
    }
  }

  // It ended while it waited: killed from outside, or for want of memory.
  private replace(worker: Worker): void {
    const at = this.idleWorkers.indexOf(worker)
    if (at < 0) return
    this.idleWorkers.splice(at, 1)
    worker.socket.destroy()
    this.refill()
  }

  private miss(error: Error): void {
    this.starting -= 1
    this.failures += 1
    if (this.failures < maxFailures) this.refill()
    else this.onFailure(error)
  }
}
