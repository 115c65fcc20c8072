// What a caller's own code can do wrong: listeners that throw, providers that count badly, limits that are no numbers.
import { expect, test, vi } from 'vitest'
import type { ExecutionResult, MergeStrategy } from '../../../src/worker/agents/agent-types.ts'
import { countable } from '../../../src/worker/agents/usage.ts'
import { openLab, provide } from './helpers/lab.ts'

test('a listener that throws costs no agent its result, nor a slot', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const fail = () => {
    throw new Error('no')
  }
  const { spawner, answer } = await openLab(
    provide(() => 'done'),
    { onEvent: fail, onLog: fail, maxConcurrent: 1 },
  )
  expect([await answer('one'), await answer('two')]).toEqual(['done', 'done'])
  expect([spawner.getActiveCount(), spawner.getTree().status]).toEqual([0, 'completed'])
  expect(warn).toHaveBeenCalledWith('A listener to agents failed: no')
  warn.mockRestore()
})

test('tokens and US dollars that are no numbers are not counted, and lift no budget', async () => {
  const tokenUsage = { inputTokens: 4, outputTokens: 3, totalTokens: Number.NaN }
  const strange = { result: 'x', tokenUsage, costUsd: '3' } as unknown as ExecutionResult
  const { spawner, answer } = await openLab(
    provide(() => strange),
    { tokenBudget: 10 },
  )
  await answer('one')
  await answer('two')
  expect([spawner.getTotalTokenUsage().totalTokens, spawner.getTotalCostUsd()]).toEqual([14, 0])
  await expect(answer('three')).rejects.toThrow('Token budget exhausted (14 / 10 tokens used)')
  expect(countable({ costUsd: -1 })).toEqual({})
})

test('a provider that gives nothing has failed', async () => {
  for (const nothing of [null, {}] as unknown as ExecutionResult[]) {
    const { spawner, answer } = await openLab({ execute: async () => nothing })
    expect(await answer('one')).toEqual({ error: 'the provider gave no result' })
    expect(spawner.getTree().children[0]?.status).toBe('failed')
  }
})

test('a limit that is no number is refused, since it would limit nothing', async () => {
  const work = provide(() => 'done')
  await expect(openLab(work, { maxDepth: Number.NaN })).rejects.toThrow('maxDepth must be a number: NaN.')
  const text = '3' as unknown as number
  await expect(openLab(work, { maxConcurrent: text })).rejects.toThrow('maxConcurrent must be a number: 3.')
  await expect(openLab(work, { tokenBudget: Number.NaN })).rejects.toThrow('tokenBudget must be a number')
  const { answer } = await openLab(work)
  for (const name of ['tokenBudget', 'maxBudgetUsd', 'timeout'])
    await expect(answer('x', { [name]: Number.NaN })).rejects.toThrow(`${name} must be a number: NaN.`)
})

test('a merge that is none is refused with those that are', async () => {
  const { spawner } = await openLab(provide(() => 'done'))
  await expect(spawner.merge([], { type: 'best' } as unknown as MergeStrategy)).rejects.toThrow(
    'There is no merge "best"; there are concatenate, summarize, structured, vote, custom.',
  )
})
