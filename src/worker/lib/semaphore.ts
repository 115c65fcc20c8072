// At most `slots` holders at once; waiters are served in the order they came.
export interface Semaphore {
  /** Resolves to a release function (call it once). Rejects with the signal's reason when aborted while waiting. */
  acquire(signal: AbortSignal): Promise<() => void>
}

export function createSemaphore(slots: number): Semaphore {
  let free = slots
  const waiting: Array<() => void> = []

  const release = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  const once = (): (() => void) => {
    let held = true
    return () => {
      if (held) release()
      held = false
    }
  }

  return {
    async acquire(signal) {
      signal.throwIfAborted()
      if (free > 0) {
        free--
        return once()
      }
      return new Promise((resolve, reject) => {
        const admit = () => {
          signal.removeEventListener('abort', leave)
          resolve(once())
        }
        const leave = () => {
          waiting.splice(waiting.indexOf(admit), 1)
          reject(signal.reason)
        }
        waiting.push(admit)
        signal.addEventListener('abort', leave, { once: true })
      })
    },
  }
}
