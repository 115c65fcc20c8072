// How many model calls are in flight at once: as many as allowed, half as many after a refusal for their rate, one more
// for each round that goes well. Runs that wait are served in turn, so that a large batch of one holds up no other.
export interface CallSlot {
  /** Call it once. */
  release(): void
  /** The model refused the call for its rate. */
  refused(): void
  succeeded(): void
}

export interface CallSlots {
  /** Rejects with the signal's reason when aborted while waiting. `branch` is the run that asks. */
  acquire(branch: string, signal: AbortSignal): Promise<CallSlot>
  /** How many may be in flight now. */
  readonly width: number
}

export function createCallSlots(most: number): CallSlots {
  return new Slots(most)
}

type Admit = () => void

class Slots implements CallSlots {
  width: number
  private readonly most: number
  private inFlight = 0
  /** Raised by each halving: a refusal of a call that began before it tells nothing new. */
  private round = 0
  private successes = 0
  /** In the order in which branches are served. */
  private readonly waiting = new Map<string, Admit[]>()

  constructor(most: number) {
    this.most = most
    this.width = most
  }

  async acquire(branch: string, signal: AbortSignal): Promise<CallSlot> {
    signal.throwIfAborted()
    if (this.inFlight >= this.width || this.waiting.size > 0) await this.wait(branch, signal)
    else this.inFlight++
    return this.openSlot()
  }

  private wait(branch: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(branch) ?? []
      const admit = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        queue.splice(queue.indexOf(admit), 1)
        if (queue.length === 0 && this.waiting.get(branch) === queue) this.waiting.delete(branch)
        reject(signal.reason)
      }
      queue.push(admit)
      this.waiting.set(branch, queue)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  private openSlot(): CallSlot {
    let held = true
    let round = this.round
    return {
      release: () => {
        if (!held) return
        held = false
        this.inFlight--
        this.admit()
      },
      refused: () => {
        if (round === this.round) this.halve()
        round = this.round
      },
      succeeded: () => {
        if (round === this.round) this.grow()
      },
    }
  }

  private halve(): void {
    this.width = Math.max(1, Math.floor(Math.min(this.width, this.inFlight) / 2))
    this.round++
    this.successes = 0
  }

  private grow(): void {
    if (this.width >= this.most || ++this.successes < this.width) return
    this.width++
    this.successes = 0
    this.admit()
  }

  private admit(): void {
    for (const [branch, queue] of this.waiting) {
      if (this.inFlight >= this.width) return
      this.waiting.delete(branch)
      const next = queue.shift()
      if (queue.length > 0) this.waiting.set(branch, queue)
      if (!next) continue
      this.inFlight++
      next()
    }
  }
}
