// How many agents run at once. The deepest that wait go first, so that those above them, which wait for them, can end; an
// agent that waits for its child gives its slot away meanwhile, so that no tree can lock itself.

export interface Slot {
  /** Gives the slot away until `regain`; nothing when it is given away already. */
  lend(): void
  /** Resolves when the slot is held again. Rejects with the signal's reason. */
  regain(signal: AbortSignal): Promise<void>
  release(): void
}

export interface Slots {
  /** Resolves when one is free. Rejects with the signal's reason when aborted while waiting. */
  acquire(depth: number, signal: AbortSignal): Promise<Slot>
}

interface Waiter {
  readonly depth: number
  readonly admit: () => void
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: Waiter[] = []

  const take = async (depth: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    if (free > 0) {
      free--
      return
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(waiter), 1)
        reject(signal.reason)
      }
      const waiter = {
        depth,
        admit() {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      const behind = waiting.findIndex((other) => other.depth < depth)
      waiting.splice(behind < 0 ? waiting.length : behind, 0, waiter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
  const give = () => {
    const next = waiting.shift()
    if (next) next.admit()
    else free++
  }

  return {
    async acquire(depth, signal) {
      await take(depth, signal)
      return openSlot(give, (own) => take(depth, own))
    },
  }
}

function openSlot(give: () => void, take: (signal: AbortSignal) => Promise<void>): Slot {
  let held = true
  let released = false
  let regaining: Promise<void> | undefined
  const lend = () => {
    if (held) give()
    held = false
  }
  return {
    lend,
    async regain(signal) {
      if (held || released) return
      regaining ??= take(signal).then(() => {
        if (released) give()
        else held = true
      })
      try {
        await regaining
      } finally {
        regaining = undefined
      }
    },
    release() {
      released = true
      lend()
    },
  }
}
