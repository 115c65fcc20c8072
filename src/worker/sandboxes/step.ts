// One step of a runner: it settles once, however it ends, and what it has called then is called off.
import { setMaxListeners } from 'node:events'
import type { Done } from './runner-messages.ts'
import { type StepClock, startStepClock } from './step-clock.ts'

/** Why a runner is gone: what it did wrong, or how its process ended. */
export interface Death {
  readonly op: 'died'
  readonly why: 'violation' | 'overrun' | 'exit'
  readonly detail: string
}

export interface Step {
  readonly end: Promise<Done | Death>
  /** The call that is being answered has no answer yet; meanwhile the clock stands still. */
  readonly pending: boolean
  /** Its time is up: it may end by itself, but calls nothing any more. */
  readonly expired: boolean
  /** Its runner is there, or will run it next: from now on it takes time. */
  begin(): void
  /** Gives the call's signal: it aborts when the step ends before the call is answered. */
  startCall(): AbortSignal
  endCall(): void
  settle(end: Done | Death): void
  fail(error: unknown): void
}

/** How long a step may go on after it was interrupted. */
const graceMs = 1000

/** Opens a step; its time begins with `begin`. `interrupt` is called at its limit, `kill` when it goes on all the same. */
export function openStep(limitMs: number, interrupt: () => void, kill: () => void): Step {
  let controller: AbortController | undefined // of the step's calls
  let grace: NodeJS.Timeout | undefined
  let pending = false
  let expired = false
  let over = false
  let clock: StepClock | undefined
  let resolve!: (end: Done | Death) => void
  let reject!: (error: unknown) => void
  const end = new Promise<Done | Death>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  const close = () => {
    over = true
    clock?.stop()
    clearTimeout(grace)
    if (pending) controller?.abort(new Error('the step is over'))
  }
  return {
    end,
    get pending() {
      return pending
    },
    get expired() {
      return expired
    },
    begin() {
      if (over) return
      clock = startStepClock(limitMs, () => {
        expired = true
        grace = setTimeout(kill, graceMs)
        interrupt()
      })
    },
    startCall() {
      pending = true
      clock?.pause()
      if (!controller) {
        controller = new AbortController()
        setMaxListeners(0, controller.signal) // a batch waits with many calls
      }
      return controller.signal
    },
    endCall() {
      pending = false
      if (!over) clock?.resume()
    },
    settle(outcome) {
      close()
      resolve(outcome)
    },
    fail(error) {
      controller?.abort(error)
      close()
      reject(error)
    },
  }
}
