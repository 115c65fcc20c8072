// A point in time that ends work, as a signal; cancelled with its parent.
import { setMaxListeners } from 'node:events'
import { performance } from 'node:perf_hooks'

const longestTimerMs = 2 ** 31 - 1

export interface Deadline {
  readonly signal: AbortSignal
  elapsedMs(): number
  /** Must be called when the work is over: stops the timer, and ends what still listens to the signal. */
  close(reason: Error): void
}

/** Starts a deadline of `limitMs` from now; its signal aborts with `reason()` then, or with the parent's reason. */
export function openDeadline(
  limitMs: number,
  parent: AbortSignal | undefined,
  reason: () => Error,
): Deadline {
  const started = performance.now()
  const controller = new AbortController()
  // A call in flight is a listener; there may be as many as --concurrency allows.
  setMaxListeners(0, controller.signal)
  const stop = startTimer(limitMs, () => controller.abort(reason()))
  const follow = () => controller.abort(parent?.reason)
  if (parent?.aborted) follow()
  else parent?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    elapsedMs: () => performance.now() - started,
    close(end) {
      stop()
      parent?.removeEventListener('abort', follow)
      controller.abort(end)
    },
  }
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const leave = () => {
      stop()
      reject(signal.reason)
    }
    const stop = startTimer(ms, () => {
      signal.removeEventListener('abort', leave)
      resolve()
    })
    signal.addEventListener('abort', leave, { once: true })
  })
}

/** As setTimeout, which takes more than its longest time for none at all. Returns how to stop it. */
function startTimer(ms: number, onEnd: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = (left: number) => {
    const next = left > longestTimerMs ? () => wait(left - longestTimerMs) : onEnd
    timer = setTimeout(next, Math.min(left, longestTimerMs))
  }
  wait(ms)
  return () => clearTimeout(timer)
}
