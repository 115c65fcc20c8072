// Asks again after a rate limit, an overload or a server's error: exponential backoff with full jitter, or what the
// other side asked for, inside the run's time.
import { pause } from '../lib/deadline.ts'
import { type Model, ModelFailure } from '../rlm/ports.ts'

const maxAttempts = 5
const firstDelayMs = 500
const longestDelayMs = 30_000

export function retrying(model: Model): Model {
  return {
    ...model,
    async complete(request) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await model.complete(request)
        } catch (error) {
          if (!(error instanceof ModelFailure) || !error.retryable || attempt >= maxAttempts) throw error
          model.settled?.(request)
          await pause(delayMs(attempt, error.retryAfterMs), request.signal)
        }
      }
    },
  }
}

/** Milliseconds before attempt `attempt + 1`. What the other side asked for is a floor. */
function delayMs(attempt: number, retryAfterMs: number | null): number {
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt)
  const jitter = ceiling / 2 + Math.random() * (ceiling / 2)
  return retryAfterMs === null ? jitter : retryAfterMs + Math.random() * firstDelayMs
}
