import { expect, test } from 'vitest'
import { parseReply } from '../../../../src/worker/models/replies/formats.ts'

type Fields = Record<string, unknown>

/** Of what it counts, `prompt` holds all input; `input` is what did not come from the cache. */
const tokens = (changes: Fields = {}) => ({
  input: 1234,
  prompt: 1234,
  candidates: 50,
  total: 1290,
  cached: 0,
  thoughts: 6,
  tool: 0,
  ...changes,
})
const statsOf = (models: Fields) => ({ models, tools: { totalCalls: 0 }, files: { totalLinesAdded: 0 } })
const modelOf = (changes: Fields = {}) => ({
  api: { totalRequests: 1, totalErrors: 0 },
  tokens: tokens(changes),
})
const session = { session_id: 'f3b0a1de-6d53-4f0e-9d0e-7f1f1f5d2c10' }

function answerOf(changes: Fields = {}): Fields {
  return { ...session, response: 'Forty-two.', stats: statsOf({ 'gemini-pro': modelOf() }), ...changes }
}
const print = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const parse = (changes: Fields) => parseReply(print(answerOf(changes)))

test.each([
  ['json', print(answerOf())],
  ['json on one line', JSON.stringify(answerOf())],
  ['json behind log lines', `Loaded cached credentials.\n[WARN] {skipping}\n${print(answerOf())}`],
  [
    'json behind a log line that begins with a brace',
    `{"level":"info","msg":"hooks: 0"}\n${print(answerOf())}`,
  ],
  ['json with CRLF line ends behind log lines', `Loaded.\n${print(answerOf())}`.replaceAll('\n', '\r\n')],
  ['json with CRLF line ends', print(answerOf()).replaceAll('\n', '\r\n')],
  ['json behind a byte order mark', `\ufeff${print(answerOf())}`],
])('the answer and its tokens, thoughts among them, are read from %s', (_, output) => {
  expect(parseReply(output)).toEqual({
    format: 'gemini',
    text: 'Forty-two.',
    usage: { inputTokens: 1234, outputTokens: 56, costUsd: null },
    error: null,
  })
})

test('tokens that came from the cache were sent too, and count as with the other programs', () => {
  const stats = statsOf({ m: modelOf({ input: 34, prompt: 1234, cached: 1200 }) })
  expect(parse({ stats }).usage).toMatchObject({ inputTokens: 1234 })
})

test('an older program tells no input beside the prompt', () => {
  const stats = statsOf({ m: modelOf({ input: undefined, prompt: 1234, cached: 1200 }) })
  expect(parse({ stats }).usage).toMatchObject({ inputTokens: 1234 })
})

test('the tokens of all models are added up', () => {
  const stats = statsOf({
    pro: modelOf(),
    flash: modelOf({ input: 100, prompt: 100, candidates: 10, thoughts: 0 }),
  })
  expect(parse({ stats }).usage).toEqual({ inputTokens: 1334, outputTokens: 66, costUsd: null })
})

test('a prompt that was never sent tells no usage, and its answer is empty', () => {
  expect(parse({ response: '', stats: statsOf({}) })).toMatchObject({ text: '', usage: null, error: null })
})

test.each([
  [429, true],
  [500, true],
  [503, true],
  ['529', true],
  [400, false],
  [401, false],
  ['INVALID_ARGUMENT', false],
])(
  'an error of code %s, as it stands on standard error, is a failure; asked again: %s',
  (code, retryable) => {
    const error = { type: 'Error', message: '[API Error: it did not work]', code }
    expect(parseReply(print({ ...session, error }))).toEqual({
      format: 'gemini',
      text: '',
      usage: null,
      error: { message: '[API Error: it did not work]', retryable },
    })
  },
)

test.each([
  [
    'whose text tells a rate limit is asked again',
    { message: 'Too Many Requests', code: 1 },
    'Too Many Requests',
    true,
  ],
  [
    'without a message is told by its type',
    { type: 'FatalTurnLimitedError', code: 53 },
    'FatalTurnLimitedError',
    false,
  ],
  ['without anything is still one', {}, 'unknown error', false],
])('an error %s', (_, error, message, retryable) => {
  expect(parseReply(print({ ...session, error })).error).toEqual({ message, retryable })
})

test('an empty answer with warnings is a failure that tells them, although the exit status is 0', () => {
  const reply = parse({ response: '', warnings: ['Loop detected, stopping execution', 'second'] })
  expect(reply.error).toEqual({ message: 'Loop detected, stopping execution; second', retryable: false })
  expect(reply.usage).toMatchObject({ outputTokens: 56 })
})

test('an answer with warnings is an answer', () => {
  expect(parse({ warnings: ['256-color support not detected'] })).toMatchObject({
    text: 'Forty-two.',
    error: null,
  })
})

test('an error beside an empty answer is a failure that tells what it cost', () => {
  const error = { type: 'INVALID_STREAM', message: 'Model stream ended with empty response text.' }
  expect(parse({ response: '', error })).toMatchObject({
    error: { message: error.message },
    usage: { inputTokens: 1234 },
  })
})

const streamed = (...events: readonly Fields[]) =>
  events.map((event) => `${JSON.stringify({ timestamp: '2026-01-01T00:00:00.000Z', ...event })}\n`).join('')
const begin: Fields[] = [
  { type: 'init', ...session, model: 'gemini-pro' },
  { type: 'message', role: 'user', content: 'What is this?' },
]
const said = (content: string): Fields => ({ type: 'message', role: 'assistant', content, delta: true })
const counts = { total_tokens: 1290, input_tokens: 1234, output_tokens: 56, cached: 200, input: 1034 }
const result = (changes: Fields = {}): Fields => ({
  type: 'result',
  status: 'success',
  stats: { ...counts, duration_ms: 900, tool_calls: 0, models: { 'gemini-pro': counts } },
  ...changes,
})

test('stream-json: the answer is what the assistant said, piece by piece', () => {
  const reply = parseReply(
    `Loaded cached credentials.\n${streamed(...begin, said('Forty'), said('-two.'), result())}`,
  )
  expect(reply).toMatchObject({ format: 'gemini', text: 'Forty-two.', error: null })
})

test('stream-json: the tokens are those of its result', () => {
  const usage = { inputTokens: 1234, outputTokens: 56, costUsd: null }
  expect(parseReply(streamed(...begin, said('x'), result())).usage).toEqual(usage)
})

test('stream-json: thoughts, which only the total holds, count', () => {
  const stats = { ...counts, output_tokens: 50 }
  expect(parseReply(streamed(...begin, said('x'), result({ stats }))).usage).toMatchObject({
    outputTokens: 56,
  })
})

test('stream-json: what ends without a result is a failure, and half an answer', () => {
  expect(parseReply(streamed(...begin, said('half')))).toMatchObject({
    format: 'gemini',
    text: 'half',
    usage: null,
    error: { message: 'the answer did not end', retryable: false },
  })
})

test('stream-json: a result with an error is a failure', () => {
  const error = { type: 'Error', message: '[API Error: 429 Too Many Requests]' }
  const reply = parseReply(streamed(...begin, said('half'), result({ status: 'error', error })))
  expect(reply.error).toEqual({ message: '[API Error: 429 Too Many Requests]', retryable: true })
})

test('stream-json: a result of status error without a word is a failure', () => {
  expect(parseReply(streamed(...begin, result({ status: 'error' }))).error).not.toBeNull()
})

test('an answer of ten megabytes, and any character, is read', () => {
  const response = `${'line of text\n'.repeat(800_000)}\0\u2028\r\n"\\🙂`
  expect(parse({ response }).text).toBe(response)
})
