// What a run may spend: where it stands, and how it ends when nothing is left.
import { formatUsd } from '../rlm/budget.ts'
import type { Ending, Goal } from './goal.ts'
import type { Spent } from './run-state.ts'

/** Thrown through the work that is going on to end the run. */
export class RunEnded extends Error {
  readonly ending: Ending

  constructor(ending: Ending) {
    super(ending.reason)
    this.ending = ending
  }
}

/** Milliseconds; Infinity where there is no cap. */
export function timeLeftMs({ limits }: Goal, { seconds }: Spent): number {
  return limits.minutes === null
    ? Number.POSITIVE_INFINITY
    : Math.max(0, limits.minutes * 60 - seconds) * 1000
}

export function timeIsUp(goal: Goal): RunEnded {
  return usedUp(
    goal,
    `${goal.limits.minutes} ${goal.limits.minutes === 1 ? 'minute is' : 'minutes are'} over`,
  )
}

export function iterationsUsed(goal: Goal): RunEnded {
  const { iterations } = goal.limits
  return usedUp(goal, `${iterations} ${iterations === 1 ? 'iteration is' : 'iterations are'} done`)
}

export function leftToSpend({ limits }: Goal, spent: Spent): { tokens: number | null; usd: number | null } {
  const { inputTokens, outputTokens, costUsd } = spent
  return {
    tokens: limits.tokens === null ? null : Math.max(0, limits.tokens - inputTokens - outputTokens),
    usd: limits.usd === null ? null : Math.max(0, limits.usd - (costUsd ?? 0)),
  }
}

/** Throws when another turn may not begin. */
export function checkSpent(goal: Goal, spent: Spent): void {
  const { tokens, usd } = leftToSpend(goal, spent)
  if (tokens === 0)
    throw usedUp(
      goal,
      `${spent.inputTokens + spent.outputTokens} tokens are used, ${goal.limits.tokens} were allowed`,
    )
  if (usd === 0)
    throw usedUp(
      goal,
      `${formatUsd(spent.costUsd ?? 0)} is spent, ${formatUsd(goal.limits.usd ?? 0)} was allowed`,
    )
}

/** Without a validator a run is meant to go on to its budget. */
function usedUp({ validator }: Goal, reason: string): RunEnded {
  return new RunEnded({ status: validator === null ? 'budget_complete' : 'exhausted', reason })
}
