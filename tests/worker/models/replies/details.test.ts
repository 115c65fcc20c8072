import { expect, test } from 'vitest'
import { readDetails } from '../../../../src/worker/models/replies/formats.ts'

const lines = (...values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')

test("claude tells its session, and each model's tokens and price", () => {
  const output = lines({
    type: 'result',
    is_error: false,
    result: 'x',
    session_id: 's-1',
    modelUsage: {
      opus: {
        inputTokens: 10,
        cacheReadInputTokens: 5,
        cacheCreationInputTokens: 1,
        outputTokens: 3,
        costUSD: 0.5,
      },
      local: { inputTokens: 2, outputTokens: 1, costUSD: 0.1, costBasis: 'unknown' },
    },
  })
  expect(readDetails(output)).toEqual({
    session: 's-1',
    models: [
      { model: 'opus', inputTokens: 16, outputTokens: 3, costUsd: 0.5 },
      { model: 'local', inputTokens: 2, outputTokens: 1, costUsd: null },
    ],
  })
})

test('codex tells its thread', () => {
  const output = lines({ type: 'thread.started', thread_id: 't-1' }, { type: 'turn.completed', usage: {} })
  expect(readDetails(output)).toEqual({ session: 't-1', models: [] })
})

test('opencode tells its session', () => {
  const output = lines(
    { type: 'step_start', sessionID: 'ses_1' },
    { type: 'text', sessionID: 'ses_1', part: {} },
  )
  expect(readDetails(output)).toEqual({ session: 'ses_1', models: [] })
})

test.each([
  [
    'one object',
    lines({
      session_id: 'g-1',
      response: 'x',
      stats: { models: { pro: { tokens: { input: 7, candidates: 2, thoughts: 1 } } } },
    }),
  ],
  [
    'a stream',
    lines(
      { type: 'init', session_id: 'g-1' },
      {
        type: 'result',
        status: 'success',
        stats: { models: { pro: { tokens: { prompt: 7, candidates: 3 } } } },
      },
    ),
  ],
])('gemini tells its session and models: %s', (_, output) => {
  expect(readDetails(output)).toEqual({
    session: 'g-1',
    models: [{ model: 'pro', inputTokens: 7, outputTokens: 3, costUsd: null }],
  })
})

test('plain text tells nothing', () => {
  expect(readDetails('an answer')).toEqual({ session: null, models: [] })
})
