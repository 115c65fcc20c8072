// What a turn cost, from the files that it left.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { measureTurn, readNote } from '../../../src/worker/records/turn.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

let home: string
let surroundings: Parameters<typeof measureTurn>[1]

beforeEach(() => {
  home = temporaryFolder()
  surroundings = { repo: '/a/my repo', env: { HOME: home } }
})

function file(name: string, ...lines: readonly unknown[]): string {
  const path = join(home, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  return path
}

const measure = (fields: Record<string, unknown>) => {
  const note = readNote({
    id: '1.1',
    run_id: 'r',
    iteration: 1,
    role: 'planner',
    runner: '/bin/claude',
    ...fields,
  })
  const { usage, cost_usd, model, models, session_id } = measureTurn(note, surroundings)
  return { usage, cost_usd, model, models, session_id }
}
const nothing = { usage: null, cost_usd: null, model: null, models: undefined, session_id: null }
const tokens = (input_tokens: number, output_tokens: number) => ({ input_tokens, output_tokens })

describe("a runner's turn", () => {
  test('is measured by what it printed, model by model', () => {
    const log = file('log', 'a warning', {
      type: 'result',
      is_error: false,
      result: 'x',
      total_cost_usd: 0.5,
      modelUsage: {
        opus: { inputTokens: 10, outputTokens: 2, costUSD: 0.4 },
        haiku: { inputTokens: 5, outputTokens: 1, costUSD: 0.1 },
      },
    })
    expect(measure({ file: log, model: 'given' })).toEqual({
      usage: tokens(15, 3),
      cost_usd: 0.5,
      model: 'given',
      session_id: null,
      models: [
        { model: 'opus', ...tokens(10, 2), cost_usd: 0.4 },
        { model: 'haiku', ...tokens(5, 1), cost_usd: 0.1 },
      ],
    })
  })

  test('tells nothing when its output is plain text, missing or overwritten', () => {
    expect(measure({ file: file('log', 'hello') })).toEqual(nothing)
    expect(measure({ file: join(home, 'none') })).toEqual(nothing)
    expect(measure({ file: '' })).toEqual(nothing)
  })

  test('tells nothing when its session was never kept, or its name is a path', () => {
    expect(measure({ session_id: 's-1' })).toEqual({ ...nothing, session_id: 's-1' })
    file('.claude/projects/x/secret.jsonl', { type: 'assistant', message: { usage: { input_tokens: 1 } } })
    expect(measure({ session_id: '../x/secret' }).usage).toBeNull()
  })
})

describe('a session of Claude', () => {
  const message = (id: string, output: number, model = 'opus') => ({
    type: 'assistant',
    message: { id, model, usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: output } },
  })

  test('counts each message once, by its last line', () => {
    file(
      '.claude/projects/-a-my-repo/s-1.jsonl',
      { type: 'user' },
      message('m1', 1),
      message('m1', 7),
      message('m2', 2),
    )
    expect(measure({ session_id: 's-1' })).toEqual({
      usage: tokens(30, 9),
      cost_usd: null,
      model: 'opus',
      session_id: 's-1',
      models: [{ model: 'opus', ...tokens(30, 9), cost_usd: null }],
    })
  })

  test('is found in another project, and under CLAUDE_CONFIG_DIR', () => {
    file('other/projects/elsewhere/s-2.jsonl', message('m1', 4, 'haiku'), message('m2', 5))
    surroundings = { ...surroundings, env: { HOME: home, CLAUDE_CONFIG_DIR: join(home, 'other') } }
    expect(measure({ session_id: 's-2' }).models?.map(({ model }) => model)).toEqual(['haiku', 'opus'])
  })
})

describe('a session of Codex', () => {
  const count = (input_tokens: number, output_tokens: number) => ({
    type: 'event_msg',
    payload: { type: 'token_count', info: { total_token_usage: { input_tokens, output_tokens } } },
  })

  test('is named by the banner, and its last count holds all before it', () => {
    const empty = { type: 'event_msg', payload: { type: 'token_count', info: null } }
    file(
      'codex/sessions/2026/01/09/rollout-2026-01-09T10-00-00-0199-a.jsonl',
      { type: 'turn_context', payload: { model: 'gpt-x' } },
      count(10, 1),
      count(90, 8),
      empty,
    )
    file('codex/sessions/2026/01/10/rollout-2026-01-10T10-00-00-0199-b.jsonl', count(1, 1))
    surroundings = { ...surroundings, env: { CODEX_HOME: join(home, 'codex') } }
    const errors = file('errors', 'Codex', 'model: gpt-x', 'session id: 0199-a', '-----')
    expect(measure({ runner: 'codex', errors, file: file('log', 'an answer') })).toEqual({
      usage: tokens(90, 8),
      cost_usd: null,
      model: 'gpt-x',
      session_id: '0199-a',
      models: [{ model: 'gpt-x', ...tokens(90, 8), cost_usd: null }],
    })
  })

  test('keeps the model of the configuration when it names none', () => {
    file('.codex/sessions/2026/01/09/rollout-1-s.jsonl', count(5, 1))
    expect(measure({ runner: 'codex', session_id: 's', model: 'given' }).model).toBe('given')
    expect(measure({ runner: 'codex', session_id: 's' }).model).toBe('unknown')
  })
})

describe('an analysis', () => {
  test.each([
    [{ input_tokens: 7, output_tokens: 2, cost_usd: 0.25 }, tokens(7, 2), 0.25],
    [{ input_tokens: 7, output_tokens: 2, cost_usd: 0 }, tokens(7, 2), 0],
    [{ input_tokens: 7, output_tokens: 2, cost_usd: null }, tokens(7, 2), null],
    [{ input_tokens: 'x', output_tokens: -2 }, tokens(0, 0), null],
    [undefined, null, null],
  ])('is measured by its result: %j', (usage, expected, cost) => {
    const result = file('result.json', { ok: true, usage })
    expect(measure({ source: 'rlms', file: result })).toMatchObject({ usage: expected, cost_usd: cost })
  })

  test('that left no result tells nothing', () => {
    expect(measure({ source: 'rlms', file: file('result.json', '{"cut') })).toMatchObject({ usage: null })
  })
})
