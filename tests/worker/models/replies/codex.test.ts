import { expect, test } from 'vitest'
import { parseReply } from '../../../../src/worker/models/replies/formats.ts'

type Event = Record<string, unknown>

const started: Event[] = [
  { type: 'thread.started', thread_id: '0199a213-81c0-7800-8aa1-bbab2a035a53' },
  { type: 'turn.started' },
]
const completed: Event = {
  type: 'turn.completed',
  usage: {
    input_tokens: 24_763,
    cached_input_tokens: 24_448,
    cache_write_input_tokens: 0,
    output_tokens: 122,
    reasoning_output_tokens: 64,
  },
}
const item = (id: number, fields: Event): Event => ({
  type: 'item.completed',
  item: { id: `item_${id}`, ...fields },
})
const message = (text: string, id = 1) => item(id, { type: 'agent_message', text })
const retry = (count: number, cause: string): Event => ({
  type: 'error',
  message: `Reconnecting... ${count}/5 (${cause})`,
})
const failed = (text: string): Event => ({ type: 'turn.failed', error: { message: text } })

const lines = (...events: readonly Event[]) => `${events.map((event) => JSON.stringify(event)).join('\n')}\n`
const parse = (...events: readonly Event[]) => parseReply(lines(...started, ...events))
const usage = { inputTokens: 24_763, outputTokens: 122, costUsd: null }

test('the answer is the last agent message; cached and reasoning tokens are in the counts already', () => {
  const thoughts = item(0, { type: 'reasoning', text: '**Thinking**' })
  const reply = parse(thoughts, message('Let me see.', 1), message('Forty-two.', 2), completed)
  expect(reply).toEqual({ format: 'codex', text: 'Forty-two.', usage, error: null })
})

test('its own retries are no failure when the turn completes', () => {
  const cause = 'unexpected status 503 Service Unavailable'
  expect(parse(retry(1, cause), retry(2, cause), message('done'), completed).error).toBeNull()
})

test('an item of type error is a warning', () => {
  const warning = item(0, { type: 'error', message: 'model metadata not found; using fallback' })
  expect(parse(warning, message('done'), completed)).toMatchObject({ text: 'done', error: null })
})

test.each([
  ['exceeded retry limit, last status: 429 Too Many Requests', true],
  ['unexpected status 503 Service Unavailable: upstream', true],
  ['stream disconnected before completion: Rate limit reached for gpt-5 on tokens per min', true],
  ["We're currently experiencing high demand: the model is overloaded", true],
  ['unexpected status 401 Unauthorized: Missing bearer', false],
  ['unexpected status 400 Bad Request: {"error":{"code":"context_length_exceeded"}}', false],
])('turn.failed is a failure: “%s”, asked again: %s', (text, retryable) => {
  expect(parse(retry(1, 'x'), failed(text)).error).toEqual({ message: text, retryable })
})

test('a turn that failed after a message keeps the failure, and tells no usage', () => {
  expect(parse(message('half an ans'), failed('stream closed'))).toMatchObject({
    usage: null,
    error: { message: 'stream closed', retryable: false },
  })
})

test('a failure without a message is still one', () => {
  expect(parse({ type: 'turn.failed' }).error).toEqual({ message: 'the turn failed', retryable: false })
})

test('a turn that never completed failed with its last retry', () => {
  const events = [retry(1, 'first cause'), retry(2, 'unexpected status 500')]
  expect(parse(message('half'), ...events).error).toEqual({
    message: 'Reconnecting... 2/5 (unexpected status 500)',
    retryable: true,
  })
})

test('a turn that never completed, without a word', () => {
  expect(parse().error).toEqual({ message: 'the turn did not complete', retryable: false })
})

test('output that was cut within a line is a turn that did not complete, and no plain text', () => {
  const output = lines(...started, message('done'), completed)
  expect(parseReply(output.slice(0, -30))).toMatchObject({
    format: 'codex',
    error: { message: 'the turn did not complete' },
  })
})

test('an empty answer is an answer, for the caller to judge', () => {
  expect(parse(completed)).toMatchObject({ text: '', usage, error: null })
})

test('a turn without usage counts nothing', () => {
  expect(parse(message('x'), { type: 'turn.completed' }).usage).toEqual({
    inputTokens: 0,
    outputTokens: 0,
    costUsd: null,
  })
})

test.each([
  ['CRLF line ends', lines(...started, message('done'), completed).replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${lines(...started, message('done'), completed)}`],
  [
    'log lines before and between',
    `WARNING: proceeding\n${lines(...started)}warn: x\n{"cut": \n${lines(message('done'), completed)}`,
  ],
  ['no newline at the end', lines(...started, message('done'), completed).trimEnd()],
])('%s changes nothing', (_, output) => {
  expect(parseReply(output)).toEqual({ format: 'codex', text: 'done', usage, error: null })
})

test('any character of an answer arrives as it was, line separators too', () => {
  const text = ' \0\u2028\u2029\r\n"\\🙂\n{"type":"turn.failed"}\n'
  expect(parse(message(text), completed).text).toBe(text)
})

test('an answer of ten megabytes is read', () => {
  const text = 'line of text\n'.repeat(800_000)
  expect(parse(message(text), completed).text).toBe(text)
})
