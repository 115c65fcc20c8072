import { expect, test } from 'vitest'
import { parseReply } from '../../../../src/worker/models/replies/formats.ts'

type Fields = Record<string, unknown>

/** What `claude -p --output-format json` of 2.1.329 prints, with some fields changed. */
function resultOf(changes: Fields = {}): Fields {
  return {
    type: 'result',
    subtype: 'success',
    is_error: false,
    api_error_status: null,
    duration_ms: 2043,
    duration_api_ms: 1830,
    num_turns: 1,
    result: 'Forty-two.',
    stop_reason: 'end_turn',
    session_id: '1f6c0f0e-4c53-4b6e-9c2e-3d7a2f9a0b11',
    total_cost_usd: 0.00606,
    usage: {
      input_tokens: 1234,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      output_tokens: 56,
    },
    modelUsage: { 'claude-sonnet': tokensOf({}) },
    permission_denials: [],
    terminal_reason: 'completed',
    uuid: '9f1de1c8-5a51-4c3b-8a5e-0c9a3df2b2aa',
    ...changes,
  }
}

function tokensOf(changes: Fields): Fields {
  return {
    inputTokens: 1234,
    outputTokens: 56,
    cacheReadInputTokens: 0,
    cacheCreationInputTokens: 0,
    webSearchRequests: 0,
    costUSD: 0.00606,
    contextWindow: 200_000,
    costBasis: 'list',
    ...changes,
  }
}

const parse = (changes: Fields) => parseReply(`${JSON.stringify(resultOf(changes))}\n`)
const events = [
  { type: 'system', subtype: 'init', cwd: '/repo', tools: [], model: 'claude-sonnet' },
  { type: 'assistant', message: { role: 'assistant', content: [{ type: 'text', text: 'Forty-two.' }] } },
]
const answer = {
  format: 'claude',
  text: 'Forty-two.',
  usage: { inputTokens: 1234, outputTokens: 56, costUsd: 0.00606 },
  error: null,
}

const lines = (...values: readonly unknown[]) =>
  `${values.map((value) => JSON.stringify(value)).join('\n')}\n`

test.each([
  ['json', lines(resultOf())],
  ['a list, as --verbose gives it', lines([...events, resultOf()])],
  ['a list printed over several lines', JSON.stringify([...events, resultOf()], null, 2)],
  ['stream-json', lines(...events, resultOf())],
  ['json behind log lines', `npm warn config\n(node:12) Warning: x\n${lines(resultOf())}`],
  ['json with CRLF line ends', lines(...events, resultOf()).replaceAll('\n', '\r\n')],
  ['json behind a byte order mark', `\ufeff${lines(resultOf())}`],
  ['json without a newline at the end', JSON.stringify(resultOf())],
])('the answer, its tokens and its price are read from %s', (_, output) => {
  expect(parseReply(output)).toEqual(answer)
})

test('of several results the last one counts', () => {
  expect(parseReply(lines(resultOf({ result: 'first' }), resultOf())).text).toBe('Forty-two.')
})

test.each([
  ['429', true],
  ['529', true],
  ['500', true],
  ['503', true],
  ['408', true],
  ['400', false],
  ['401', false],
  ['403', false],
  ['404', false],
])(
  'status %s under is_error is a failure although subtype says success; asked again: %s',
  (status, again) => {
    const message = `API Error: ${status} {"type":"error","error":{"message":"no"}}`
    const { error } = parse({ is_error: true, api_error_status: Number(status), result: message })
    expect(error).toEqual({ message, retryable: again })
  },
)

test.each([
  ['a connection that was reset', 'API Error: Unable to connect to API (ECONNRESET)'],
  [
    'an overload told in the text alone',
    'API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}',
  ],
])('%s has no status, and is asked again all the same', (_, message) => {
  const { error } = parse({ is_error: true, api_error_status: null, result: message })
  expect(error).toEqual({ message, retryable: true })
})

test.each([
  [
    'an error without a text',
    { is_error: true, result: '', subtype: 'error_during_execution' },
    'error_during_execution',
  ],
  ['a prompt that is too long', { is_error: true, result: 'Prompt is too long' }, 'Prompt is too long'],
  [
    'the turn limit, which has no result',
    { subtype: 'error_max_turns', result: undefined },
    'error_max_turns',
  ],
  [
    'the price limit, which has no result',
    { subtype: 'error_max_budget_usd', result: undefined, terminal_reason: 'budget_exhausted' },
    'error_max_budget_usd',
  ],
  ['an answer cut by its token limit', { stop_reason: 'max_tokens' }, 'the answer was cut short: max_tokens'],
  ['a refusal', { stop_reason: 'refusal' }, 'the answer was cut short: refusal'],
  [
    'a full context window',
    { stop_reason: 'model_context_window_exceeded' },
    'the answer was cut short: model_context_window_exceeded',
  ],
])('%s is a failure that is not asked again', (_, changes, message) => {
  expect(parse(changes).error).toEqual({ message, retryable: false })
})

test('what a failed call cost is told', () => {
  const { usage } = parse({ is_error: true, api_error_status: 500, result: 'API Error: 500' })
  expect(usage).toEqual({ inputTokens: 1234, outputTokens: 56, costUsd: 0.00606 })
})

test.each([
  ['a normal end', 'end_turn'],
  ['a stop sequence', 'stop_sequence'],
  ['an older program that tells no reason', undefined],
])('%s is no failure', (_, reason) => {
  expect(parse({ stop_reason: reason }).error).toBeNull()
})

test('an empty answer is an answer, for the caller to judge', () => {
  expect(parse({ result: '' })).toMatchObject({ text: '', error: null })
})

test.each([
  ['an older program', { input_tokens: 0, output_tokens: 0 }, 1234, 56],
  ['a newer program', { input_tokens: 14_808, output_tokens: 67 }, 14_808, 1519],
])('after a cut stream of %s the tokens are those of modelUsage', (_, usage, inputTokens, outputTokens) => {
  const parsed = parse({ usage, modelUsage: { m: tokensOf({ inputTokens, outputTokens }) } })
  expect(parsed.usage).toMatchObject({ inputTokens, outputTokens })
})

test('the tokens of all models are added up, those of the cache among them', () => {
  const modelUsage = {
    large: tokensOf({
      inputTokens: 10,
      cacheReadInputTokens: 200,
      cacheCreationInputTokens: 3000,
      outputTokens: 7,
    }),
    small: tokensOf({ inputTokens: 40_000, outputTokens: 80 }),
  }
  expect(parse({ modelUsage }).usage).toMatchObject({ inputTokens: 43_210, outputTokens: 87 })
})

test('without modelUsage the tokens are those of usage, those of the cache among them', () => {
  const usage = {
    input_tokens: 1,
    cache_read_input_tokens: 20,
    cache_creation_input_tokens: 300,
    output_tokens: 5,
  }
  for (const modelUsage of [undefined, {}])
    expect(parse({ usage, modelUsage }).usage).toEqual({
      inputTokens: 321,
      outputTokens: 5,
      costUsd: 0.00606,
    })
})

test('without any usage none is told', () => {
  expect(parse({ usage: undefined, modelUsage: undefined }).usage).toBeNull()
})

test.each([
  ['a price of basis "unknown" is invented', { m: tokensOf({ costBasis: 'unknown' }) }, null],
  [
    'one model of basis "unknown" spoils the sum',
    { a: tokensOf({}), b: tokensOf({ costBasis: 'unknown' }) },
    null,
  ],
  ['a price of basis "list" counts', { m: tokensOf({}) }, 0.00606],
  ['an older program tells no basis: its price counts', { m: tokensOf({ costBasis: undefined }) }, 0.00606],
])('%s', (_, modelUsage, costUsd) => {
  expect(parse({ modelUsage }).usage?.costUsd).toBe(costUsd)
})

test('without a price none is told, and numbers that are none count as nothing', () => {
  expect(parse({ total_cost_usd: undefined }).usage?.costUsd).toBeNull()
  const modelUsage = { m: tokensOf({ inputTokens: -5, outputTokens: 'many' }) }
  expect(parse({ modelUsage }).usage).toMatchObject({ inputTokens: 0, outputTokens: 0 })
})

test('any character of an answer arrives as it was, NUL, line separators and half a surrogate pair too', () => {
  const result = ' \0\u2028\r\n"\\🙂\ud800\t```\n'
  expect(parse({ result }).text).toBe(result)
})

test('an answer of ten megabytes is read', () => {
  const result = 'line of text\n'.repeat(800_000)
  expect(parse({ result }).text).toBe(result)
})
