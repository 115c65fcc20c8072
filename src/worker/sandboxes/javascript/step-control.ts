// Whether a step may go on: its time, which stands still while the host answers a call, and what has ended it otherwise.
import { performance } from 'node:perf_hooks'
import { StepFailure } from './failures.ts'

export interface StepControl {
  begin(limitMs: number): void
  /** What ended the step; kept, in case its code gets round it. */
  ended(): StepFailure | undefined
  end(failure: StepFailure): void
  isOver(): boolean
  /** Throws what ended the step. */
  check(): void
  /** Runs `work` without counting its time. */
  outside<Value>(work: () => Value): Value
}

const timeIsUp = "TimeoutError: the step's time limit is reached; do less in one step, or read less at once"

export function createStepControl(): StepControl {
  let ended: StepFailure | undefined
  let deadline = 0
  const isOver = () => {
    if (!ended && performance.now() >= deadline) ended = new StepFailure('code_error', timeIsUp)
    return ended !== undefined
  }
  return {
    isOver,
    ended: () => ended,
    begin(limitMs) {
      ended = undefined
      deadline = performance.now() + limitMs
    },
    end(failure) {
      ended ??= failure
    },
    check() {
      if (isOver()) throw ended
    },
    outside(work) {
      const before = performance.now()
      try {
        return work()
      } finally {
        deadline += performance.now() - before
      }
    },
  }
}
