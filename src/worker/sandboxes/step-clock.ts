// The execution clock of one step. It stops while the host answers a call, so that waiting for a model costs no time.
import { performance } from 'node:perf_hooks'

export interface StepClock {
  pause(): void
  resume(): void
  stop(): void
}

export function startStepClock(limitMs: number, onExpiry: () => void): StepClock {
  let leftMs = limitMs
  let startedAt = 0
  let timer: NodeJS.Timeout | undefined
  const resume = () => {
    startedAt = performance.now()
    timer = setTimeout(onExpiry, leftMs)
  }
  const pause = () => {
    clearTimeout(timer)
    leftMs = Math.max(0, leftMs - (performance.now() - startedAt))
  }
  resume()
  return { pause, resume, stop: () => clearTimeout(timer) }
}
