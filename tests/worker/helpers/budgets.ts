// What the tests of the ledger share.
import { expect } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import type { Limits } from '../../../src/worker/contract/result.ts'
import { createBudget } from '../../../src/worker/rlm/budget.ts'
import { limits } from './lab.ts'

export const budgetOf = (change: Partial<Limits>) => createBudget({ ...limits, ...change })

export const usage = (inputTokens: number, outputTokens: number, costUsd: number | null = null) => ({
  inputTokens,
  outputTokens,
  costUsd,
})

/** What is said when `act` is refused; null when it is not. */
export function refusal(act: () => unknown): Pick<RlmsError, 'code' | 'message' | 'fix'> | null {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(RlmsError)
    const { code, message, fix } = error as RlmsError
    return { code, message, fix }
  }
  return null
}
