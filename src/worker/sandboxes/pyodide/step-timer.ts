// When the step's time is up. It stands still while the runner waits for the host.
import { performance } from 'node:perf_hooks'

export interface StepTimer {
  begin(limitMs: number): void
  /** Runs `work` without counting its time. */
  outside<Value>(work: () => Value): Value
  /** SIGINT, once, when the time is up; otherwise 0. */
  signal(): number
}

const sigint = 2

export function createStepTimer(): StepTimer {
  let deadline = Number.POSITIVE_INFINITY
  return {
    begin(limitMs) {
      deadline = performance.now() + limitMs
    },
    outside(work) {
      const before = performance.now()
      try {
        return work()
      } finally {
        deadline += performance.now() - before
      }
    },
    signal() {
      if (performance.now() < deadline) return 0
      deadline = Number.POSITIVE_INFINITY
      return sigint
    },
  }
}
