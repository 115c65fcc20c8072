// Tokens of agents added up, and what a failed run has cost.
import type { ExecutionResult, TokenUsage } from './agent-types.ts'

export const noTokens: TokenUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }

export function tokens(inputTokens: number, outputTokens: number): TokenUsage {
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
}

export function addTokens(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    totalTokens: a.totalTokens + b.totalTokens,
  }
}

/** What a run is said to have used. */
export type Reported = Omit<ExecutionResult, 'result'>

/** What can be added up: a number that is none, or below 0, would lift every budget. */
export function countable({ tokenUsage, costUsd, ...others }: Reported): Reported {
  return {
    ...others,
    ...(tokenUsage ? { tokenUsage: countableTokens(tokenUsage) } : {}),
    ...(isCount(costUsd) ? { costUsd } : {}),
  }
}

function countableTokens({ inputTokens, outputTokens, totalTokens }: TokenUsage): TokenUsage {
  const parts = tokens(isCount(inputTokens) ? inputTokens : 0, isCount(outputTokens) ? outputTokens : 0)
  return isCount(totalTokens) ? { ...parts, totalTokens } : parts
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

/** A run that failed, with what it cost all the same. */
export class ExecutionError extends Error {
  override readonly name: string = 'ExecutionError'
  readonly reported: Reported

  constructor(message: string, reported: Reported = {}) {
    super(message)
    this.reported = reported
  }
}

/** What a failed run reported; nothing for a failure of another kind. */
export function reportedBy(error: unknown): Reported {
  return error instanceof ExecutionError ? error.reported : {}
}
