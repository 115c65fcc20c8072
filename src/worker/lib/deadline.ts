// A point in time that ends work, as a signal; cancelled with its parent.
import { setMaxListeners } from 'node:events'
import { performance } from 'node:perf_hooks'

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
  const timer = setTimeout(() => controller.abort(reason()), limitMs)
  const follow = () => controller.abort(parent?.reason)
  if (parent?.aborted) follow()
  else parent?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    elapsedMs: () => performance.now() - started,
    close(end) {
      clearTimeout(timer)
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
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave)
      resolve()
    }, ms)
    signal.addEventListener('abort', leave, { once: true })
  })
}
