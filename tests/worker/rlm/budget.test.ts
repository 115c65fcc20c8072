import { describe, expect, it, test } from 'vitest'
import type { Limits } from '../../../src/worker/contract/result.ts'
import { formatUsd } from '../../../src/worker/rlm/budget.ts'
import { budgetOf, refusal, usage } from '../helpers/budgets.ts'

const times = (count: number, act: () => void) => {
  for (let at = 0; at < count; at++) act()
}

describe('steps', () => {
  it('are given up to the limit', () => {
    const budget = budgetOf({ max_steps: 2 })
    times(2, () => budget.takeStep())
    expect(refusal(() => budget.takeStep())).toEqual({
      code: 'limit_exceeded',
      message: 'step limit exceeded: 2 allowed',
      fix: 'Raise --max-steps.',
    })
    expect(budget.spent().steps).toBe(2)
    expect(budget.left().steps).toBe(0)
  })
})

describe('sub-calls', () => {
  const fix = 'Raise --max-subcalls, or ask about larger pieces.'

  it('are given up to the limit', () => {
    const budget = budgetOf({ max_subcalls: 3 })
    budget.takeSubcalls(2)
    budget.takeSubcalls(1)
    expect(refusal(() => budget.takeSubcalls(1))).toEqual({
      code: 'limit_exceeded',
      message: 'subcall limit exceeded: 3 allowed',
      fix,
    })
    expect(budget.spent().subcalls).toBe(3)
  })

  test.each([
    [5, 'subcall limit exceeded: 10 allowed, this batch needs 6 and 5 are left'],
    [9, 'subcall limit exceeded: 10 allowed, this batch needs 6 and 1 is left'],
    [10, 'subcall limit exceeded: 10 allowed, this batch needs 6 and 0 are left'],
  ])('of a batch too large after %i are refused whole, with what is left', (taken, message) => {
    const budget = budgetOf({ max_subcalls: 10 })
    budget.takeSubcalls(taken)
    expect(refusal(() => budget.takeSubcalls(6))).toEqual({ code: 'limit_exceeded', message, fix })
    expect(budget.left().subcalls).toBe(10 - taken)
  })

  it('of an empty batch are always given', () => {
    const budget = budgetOf({ max_subcalls: 0 })
    expect(refusal(() => budget.takeSubcalls(0))).toBeNull()
  })
})

describe('tokens', () => {
  it('are what calls have used', () => {
    const budget = budgetOf({})
    budget.reserve(4000).settle(usage(100, 20))
    budget.reserve(4000).settle(usage(1, 2))
    expect(budget.spent()).toMatchObject({ inputTokens: 101, outputTokens: 22, costUsd: null })
    expect(budget.left()).toMatchObject({ tokens: null, usd: null })
  })

  it('are set aside while a call is in flight: a quarter of its characters and a thousand', () => {
    const budget = budgetOf({ max_tokens: 10_000 })
    const first = budget.reserve(4001)
    expect(budget.left().tokens).toBe(7999)
    const second = budget.reserve(0, 2)
    expect(budget.left().tokens).toBe(5999)
    first.settle(usage(500, 100))
    expect(budget.left().tokens).toBe(7400)
    second.release()
    expect(budget.left().tokens).toBe(9400)
  })

  it('are refused when used, set aside and needed are above the limit', () => {
    const budget = budgetOf({ max_tokens: 5000 })
    budget.reserve(0).settle(usage(1500, 500))
    const open = budget.reserve(4000)
    expect(refusal(() => budget.reserve(4))).toEqual({
      code: 'limit_exceeded',
      message: expect.stringMatching(/^token limit exceeded: 2000 used\b.* 1001 more needed, 5000 allowed$/),
      fix: 'Raise --max-tokens.',
    })
    expect(refusal(() => budget.reserve(0))).toBeNull()
    open.release()
    expect(budget.left().tokens).toBe(2000)
  })

  it('that a call used beyond its estimate leave nothing, never less', () => {
    const budget = budgetOf({ max_tokens: 1500 })
    budget.reserve(0).settle(usage(9000, 0))
    expect(budget.left().tokens).toBe(0)
  })

  it('are given back once, however often a call ends', () => {
    const budget = budgetOf({ max_tokens: 5000 })
    const call = budget.reserve(0)
    call.settle(usage(10, 0))
    call.release()
    call.release()
    expect(budget.left().tokens).toBe(4990)
  })
})

describe('USD', () => {
  it('of a cap have no known price until a reply tells one', () => {
    const budget = budgetOf({ max_usd: 1 })
    expect(budget.priceUnknown()).toBe(true)
    budget.reserve(0).settle(usage(1, 1))
    expect(budget.priceUnknown()).toBe(true)
    expect(budget.spent().costUsd).toBeNull()
    budget.reserve(0).settle(usage(1, 1, 0))
    expect(budget.priceUnknown()).toBe(false)
    expect(budget.spent().costUsd).toBe(0)
  })

  it('without a cap need no price', () => {
    expect(budgetOf({}).priceUnknown()).toBe(false)
  })

  it('are set aside at the price of the dearest call', () => {
    const budget = budgetOf({ max_usd: 1 })
    budget.reserve(0).settle(usage(1, 1, 0.2))
    budget.reserve(0).settle(usage(1, 1, 0.1))
    expect(budget.left().usd).toBe(0.7)
    const open = budget.reserve(0, 2)
    expect(budget.left().usd).toBe(0.3)
    expect(refusal(() => budget.reserve(0, 2))).toEqual({
      code: 'limit_exceeded',
      message: expect.stringMatching(
        /^cost limit exceeded: \$0\.30 spent\b.* \$0\.40 more needed, \$1\.00 allowed$/,
      ),
      fix: 'Raise --max-usd.',
    })
    open.release()
    expect(refusal(() => budget.reserve(0, 2))).toBeNull()
  })

  it.each([3, 5, 7, 10, 30, 100])('at a cap of %i equal calls allow all of them and no more', (calls) => {
    const budget = budgetOf({ max_usd: calls * 0.01 })
    times(calls, () => budget.reserve(0).settle(usage(1, 1, 0.01)))
    expect(refusal(() => budget.reserve(0))?.code).toBe('limit_exceeded')
  })

  test.each([
    [0, '$0.0000'],
    [0.00012, '$0.0001'],
    [0.0999, '$0.0999'],
    [0.1, '$0.10'],
    [12.345, '$12.35'],
  ])('%d are written %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text)
  })
})

describe('depth and time', () => {
  it('of the deepest call is kept', () => {
    const budget = budgetOf({})
    for (const depth of [1, 3, 2]) budget.noteDepth(depth)
    expect(budget.spent().depthReached).toBe(3)
  })

  it('that is left goes down to zero', async () => {
    expect(budgetOf({ timeout_seconds: 100 }).left().seconds).toBe(100)
    const budget = budgetOf({ timeout_seconds: 0.001 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(budget.left().seconds).toBe(0)
  })
})

describe('a refusal', () => {
  test.each<[of: string, change: Partial<Limits>]>([
    ['tokens', { max_tokens: 6000 }],
    ['USD', { max_usd: 1 }],
  ])('names amounts of %s that add up to more than is allowed', (_of, change) => {
    const budget = budgetOf(change)
    budget.reserve(0).settle(usage(2000, 0, 0.3))
    budget.reserve(0, 2)
    const message = refusal(() => budget.reserve(10_000))?.message ?? ''
    const amounts = (message.match(/[\d.]+/g) ?? []).map(Number)
    const allowed = amounts.pop() ?? 0
    const named = amounts.reduce((sum, amount) => sum + amount, 0)
    expect(named, message).toBeGreaterThan(allowed)
  })
})
