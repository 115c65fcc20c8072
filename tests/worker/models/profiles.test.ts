import { expect, test } from 'vitest'
import { costOf, profileOf, readPrice, vendorOf } from '../../../src/worker/models/profiles.ts'

test('a list price counts at the own API of its vendor, and nowhere else', () => {
  const name = 'claude-haiku-4-5-20251001'
  expect(profileOf(name, vendorOf('api.anthropic.com'))).toEqual({
    contextTokens: 200_000,
    maxOutputTokens: 32_000,
    subcalls: 'plain',
    price: { input: 1, cachedInput: 0.1, output: 5 },
  })
  expect(profileOf(name, vendorOf('127.0.0.1:8080'))).toMatchObject({ contextTokens: 200_000, price: null })
  expect(profileOf(name, vendorOf('api.openai.com')).price).toBeNull()
})

test('of a model that nobody knows everything is unknown, never guessed', () => {
  for (const name of ['my-own-7b', null, '', 'constructor'])
    expect(profileOf(name, 'openai')).toEqual({
      contextTokens: null,
      maxOutputTokens: 8192,
      subcalls: 'plain',
      price: null,
    })
})

test.each([
  ['gpt-5-mini-2025-08-07', 0.25],
  ['gpt-5', 1.25],
  ['gpt-4.1-nano', 0.1],
  ['gpt-4o-mini', 0.15],
  ['gpt-4o', 2.5],
])('the nearest name counts: %s', (name, input) => {
  expect(profileOf(name, 'openai').price?.input).toBe(input)
})

test('a price that the user sets counts everywhere, before the list', () => {
  const own = { input: 0.1, output: 0.2, cachedInput: null }
  expect(profileOf('qwen3-32b', null, { 'qwen3*': own })).toMatchObject({ price: own, subcalls: 'greedy' })
  expect(profileOf('gpt-4o', 'openai', { 'gpt-4o': own }).price).toBe(own)
  expect(profileOf('gpt-4o', 'openai', { 'gpt-4': own }).price?.input).toBe(2.5)
})

test('a cost is what the tokens cost, cached ones as they are priced; unknown where the price is', () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 100_000 }
  expect(costOf({ input: 3, output: 15, cachedInput: 0.3 }, usage)).toBeCloseTo(4.5, 10)
  expect(costOf({ input: 3, output: 15, cachedInput: 0.3 }, usage, 500_000)).toBeCloseTo(3.15, 10)
  expect(costOf({ input: 3, output: 15, cachedInput: null }, usage, 500_000)).toBeCloseTo(4.5, 10)
  expect(costOf({ input: 0, output: 0, cachedInput: null }, usage)).toBe(0)
  expect(costOf(null, usage)).toBeNull()
})

test.each([
  [{ input: 3 }],
  [{ input: 3, output: -1 }],
  [{ input: '3', output: 1 }],
  [{ input: 3, output: 1, in: 1 }],
  [3],
  [null],
])('a price written as %j is refused', (value) => {
  expect(() => readPrice(value, 'prices.x')).toThrow(
    'prices.x must be {input, output} with US dollars per million tokens',
  )
})
