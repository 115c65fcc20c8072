import { describe, expect, it } from 'vitest'
import { budgetOf, refusal, usage } from '../helpers/budgets.ts'

describe('calls of a batch', () => {
  it('are set aside each, all or none, with all that is needed in the message', () => {
    const budget = budgetOf({ max_tokens: 5000 })
    const message = 'token limit exceeded: 0 used and about 5250 more needed, 5000 allowed'
    expect(refusal(() => budget.reserveEach([0, 0, 1000, 0, 0]))).toMatchObject({ message })
    expect(budget.left().tokens).toBe(5000)
    const held = budget.reserveEach([0, 1000])
    expect(budget.left().tokens).toBe(2750)
    held[1]!.release()
    expect(budget.left().tokens).toBe(4000)
  })

  it('of nothing need nothing, also where nothing is left', () => {
    const budget = budgetOf({ max_tokens: 1 })
    budget.count(usage(500, 0))
    expect(budget.reserveEach([])).toEqual([])
  })
})

describe('the price of a call', () => {
  const priced = (input: number, output: number) => ({
    name: 'listed',
    profile: {
      contextTokens: null,
      maxOutputTokens: 1,
      subcalls: 'plain' as const,
      price: { input, output, cachedInput: null },
    },
  })

  it('is that of the dearest of its own model, and before it has told any, of all', () => {
    const budget = budgetOf({ max_usd: 10 })
    budget.reserve(0, 1, { name: 'dear' }).settle(usage(1, 1, 3))
    const cheap = budget.reserve(0, 1, { name: 'cheap' })
    expect(budget.left().usd).toBe(4)
    cheap.settle(usage(1, 1, 0.1))
    budget.reserve(0, 10, { name: 'cheap' })
    expect(budget.left().usd).toBe(5.9)
  })

  it('is known beforehand where the price of its tokens is', () => {
    const budget = budgetOf({ max_usd: 1 })
    expect(budget.priceUnknown({ name: 'other' })).toBe(true)
    expect(budget.priceUnknown(priced(10, 100))).toBe(false)
    budget.reserve(40_000, 1, priced(10, 100))
    expect(budget.left().usd).toBe(0.8)
  })
})
