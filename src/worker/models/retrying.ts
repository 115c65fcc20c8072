// Asks again after a rate limit, an overload or a server's error: exponential backoff with full jitter, or what the
// other side asked for, inside the run's time.
import { pause } from '../lib/deadline.ts'
import { type Model, ModelFailure, type Usage } from '../rlm/ports.ts'
import { tellLate } from './late.ts'

const maxAttempts = 5
const firstDelayMs = 500
const longestDelayMs = 30_000

export function retrying(model: Model): Model {
  return {
    ...model,
    async complete(request) {
      let spent: Usage | null = null
      for (let attempt = 1; ; attempt++) {
        try {
          const reply = await model.complete(request)
          return { ...reply, usage: addUsage(spent, reply.usage) ?? reply.usage }
        } catch (error) {
          if (!(error instanceof ModelFailure)) throw error
          if (!error.retryable || attempt >= maxAttempts)
            throw new ModelFailure(error.message, { ...error, usage: addUsage(spent, error.usage) })
          if (request.onRetry) request.onRetry(error)
          else spent = addUsage(spent, error.usage)
          model.settled?.(request)
          await pause(backoffMs(attempt, error.retryAfterMs), request.signal).catch((reason: unknown) => {
            throw tellLate(
              reason,
              `asked ${attempt === 1 ? 'once' : `${attempt} times`}, at last ${error.message}`,
            )
          })
        }
      }
    },
  }
}

/** An attempt that failed may have been paid for all the same. */
function addUsage(a: Usage | null, b: Usage | null): Usage | null {
  if (a === null || b === null) return a ?? b
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costUsd: a.costUsd === null ? b.costUsd : a.costUsd + (b.costUsd ?? 0),
  }
}

/** Milliseconds before attempt `attempt + 1`. What the other side asked for is a floor. */
export function backoffMs(attempt: number, retryAfterMs: number | null): number {
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt)
  const jitter = ceiling / 2 + Math.random() * (ceiling / 2)
  return retryAfterMs === null ? jitter : retryAfterMs + Math.random() * firstDelayMs
}
