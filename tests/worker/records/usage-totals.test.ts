import { expect, test } from 'vitest'
import { readEntry, type UsageEntry } from '../../../src/worker/records/usage-entry.ts'
import {
  budgetBlindSpot,
  budgetExceeded,
  formatUsd,
  splitByModel,
  sumBy,
  sumUsage,
  tokensOf,
} from '../../../src/worker/records/usage-totals.ts'

const entry = (fields: Record<string, unknown>): UsageEntry => readEntry(fields)
const told = (input_tokens: number, output_tokens: number, cost_usd: number | null) =>
  entry({ usage: { input_tokens, output_tokens }, cost_usd })

test('sums tell what is not known', () => {
  expect(
    sumUsage([told(10, 1, 0.1), told(20, 2, null), entry({ duration_ms: 500 }), told(5, 1, 0.2)]),
  ).toEqual({
    turns: 4,
    unknown: 1,
    input_tokens: 35,
    output_tokens: 4,
    cost_usd: 0.3,
    unpriced: 1,
    duration_ms: 500,
  })
})

test('without any price there is none, and a price of nothing is a price', () => {
  expect(sumUsage([told(10, 1, null)]).cost_usd).toBeNull()
  expect(sumUsage([told(10, 1, 0)]).cost_usd).toBe(0)
  expect(sumUsage([])).toMatchObject({ turns: 0, cost_usd: null, input_tokens: 0 })
})

test('what no turn told is not nothing', () => {
  expect(sumUsage([entry({}), entry({})])).toMatchObject({
    unknown: 2,
    input_tokens: null,
    output_tokens: null,
  })
  expect(tokensOf(sumUsage([entry({})]))).toBeNull()
  expect(tokensOf(sumUsage([entry({}), told(3, 4, null)]))).toBe(7)
})

test.each([
  [{ maxUsd: 1, maxTokens: null }, '2 of 3 turns told no price (max_usd)'],
  [{ maxUsd: null, maxTokens: 1 }, '1 of 3 turns told no tokens (max_tokens)'],
  [
    { maxUsd: 1, maxTokens: 1 },
    '1 of 3 turns told no tokens (max_tokens), 2 of 3 turns told no price (max_usd)',
  ],
  [{ maxUsd: null, maxTokens: null }, null],
])('what a budget of %j cannot count is told: %s', (budget, blind) => {
  expect(budgetBlindSpot(sumUsage([told(1, 1, 0.1), told(1, 1, null), entry({})]), budget)).toBe(blind)
  expect(budgetBlindSpot(sumUsage([told(1, 1, 0)]), budget)).toBeNull()
})

test('one turn is not many', () => {
  expect(budgetBlindSpot(sumUsage([entry({})]), { maxUsd: null, maxTokens: 1 })).toBe(
    '1 of 1 turn told no tokens (max_tokens)',
  )
})

test('groups keep the order of their first entry', () => {
  const entries = ['b', 'a', 'b'].map((role) => entry({ role, usage: { input_tokens: 1 } }))
  expect(sumBy(entries, ({ role }) => role).map(({ name, totals }) => [name, totals.turns])).toEqual([
    ['b', 2],
    ['a', 1],
  ])
})

test('a turn of several models is split between them', () => {
  const models = [
    { model: 'opus', input_tokens: 3, output_tokens: 1, cost_usd: 0.5 },
    { model: 'haiku', input_tokens: 2, output_tokens: 1, cost_usd: null },
  ]
  const split = splitByModel([
    entry({ usage: { input_tokens: 5, output_tokens: 2 }, models }),
    told(1, 1, null),
  ])
  expect(split.map(({ model, usage, cost_usd }) => [model, usage?.input_tokens, cost_usd])).toEqual([
    ['opus', 3, 0.5],
    ['haiku', 2, null],
    [null, 1, null],
  ])
})

test.each([
  [{ maxUsd: 1, maxTokens: null }, null],
  [{ maxUsd: 0.3, maxTokens: null }, '$0.30 of $0.30 (max_usd)'],
  [{ maxUsd: null, maxTokens: 15 }, '15 of 15 tokens (max_tokens)'],
  [{ maxUsd: null, maxTokens: 16 }, null],
  [{ maxUsd: 0.01, maxTokens: 1 }, '$0.30 of $0.0100 (max_usd)'],
  [{ maxUsd: null, maxTokens: null }, null],
])('a budget of %j is used up: %s', (budget, reason) => {
  expect(budgetExceeded(sumUsage([told(10, 5, 0.1), told(0, 0, 0.2)]), budget)).toBe(reason)
})

test.each([
  [0, '0.00'],
  [0.00006, '0.0001'],
  [0.5, '0.50'],
  [12.345, '12.35'],
])('%f dollars are written %s', (usd, text) => {
  expect(formatUsd(usd)).toBe(text)
})

test('an entry of another shape is read as far as it tells something', () => {
  expect(
    readEntry({ role: 7, usage: { input_tokens: '5', output_tokens: -1 }, cost_usd: -3, models: [1, {}] }),
  ).toEqual({
    id: '',
    timestamp: '',
    run_id: '',
    iteration: 0,
    role: '',
    source: 'runner',
    runner: '',
    model: null,
    session_id: null,
    duration_ms: 0,
    usage: { input_tokens: 0, output_tokens: 0 },
    cost_usd: null,
    models: [{ model: '', input_tokens: 0, output_tokens: 0, cost_usd: null }],
  })
})
