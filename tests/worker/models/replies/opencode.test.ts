import { expect, test } from 'vitest'
import { parseReply } from '../../../../src/worker/models/replies/formats.ts'

type Event = Record<string, unknown>

const sessionID = 'ses_66a1b2c3dffeXYZ'
const event = (type: string, fields: Event): Event => ({
  type,
  timestamp: 1_760_000_000_000,
  sessionID,
  ...fields,
})
const part = (type: string, fields: Event) =>
  event(type, { part: { id: 'prt_1', sessionID, messageID: 'msg_1', ...fields } })
const stepStart = part('step_start', { type: 'step-start' })
const text = (words: string) => part('text', { type: 'text', text: words, time: { start: 1, end: 2 } })
const stepFinish = (fields: Event = {}) =>
  part('step_finish', {
    type: 'step-finish',
    reason: 'stop',
    cost: 0.012,
    tokens: { input: 1200, output: 50, reasoning: 6, cache: { read: 30, write: 4 } },
    ...fields,
  })
const failure = (name: string, data: Event) => event('error', { error: { name, data } })

const lines = (...events: readonly Event[]) => `${events.map((entry) => JSON.stringify(entry)).join('\n')}\n`
const parse = (...events: readonly Event[]) => parseReply(lines(...events))

test('the answer is the text parts; reasoning and cached tokens count', () => {
  expect(parse(stepStart, text('Forty'), text('-two.'), stepFinish())).toEqual({
    format: 'opencode',
    text: 'Forty-two.',
    usage: { inputTokens: 1234, outputTokens: 56, costUsd: 0.012 },
    error: null,
  })
})

test('tokens and price are added up over the steps', () => {
  const tool = part('tool_use', { type: 'tool', tool: 'read', state: { status: 'completed' } })
  const reply = parse(
    stepStart,
    tool,
    stepFinish({ reason: 'tool-calls', cost: 0.5 }),
    stepStart,
    text('x'),
    stepFinish(),
  )
  expect(reply.usage).toEqual({ inputTokens: 2468, outputTokens: 112, costUsd: 0.512 })
  expect(reply.error).toBeNull()
})

test('a price of nothing is no price: the configuration told none', () => {
  expect(parse(stepStart, text('x'), stepFinish({ cost: 0 })).usage?.costUsd).toBeNull()
})

test.each([
  [429, true],
  [529, true],
  [500, true],
  [503, true],
  [400, false],
  [401, false],
  [404, false],
])('an error of status %i is a failure; asked again: %s', (statusCode, retryable) => {
  const { error } = parse(
    stepStart,
    failure('APIError', { message: 'Too much', statusCode, isRetryable: retryable }),
  )
  expect(error).toEqual({ message: 'Too much', retryable })
})

test.each([
  ['The connection was reset: ECONNRESET', true],
  ['The key is not valid', false],
])('an error without a status is judged by its message: “%s”, asked again: %s', (message, retryable) => {
  expect(parse(stepStart, failure('UnknownError', { message })).error).toEqual({ message, retryable })
})

test.each([
  ['without a message is told by its name', failure('ProviderAuthError', {}), 'ProviderAuthError'],
  ['without anything is still one', event('error', {}), 'unknown error'],
])('an error %s', (_, entry, message) => {
  expect(parse(entry).error).toEqual({ message, retryable: false })
})

test('an error after a text is a failure', () => {
  const reply = parse(stepStart, text('half'), failure('UnknownError', { message: 'stream closed' }))
  expect(reply).toMatchObject({ text: 'half', error: { message: 'stream closed' }, usage: null })
})

test.each(['length', 'content-filter'])(
  'an answer that ended for the reason “%s” was cut short',
  (reason) => {
    const { error, usage } = parse(stepStart, text('half'), stepFinish({ reason }))
    expect(error).toEqual({ message: `the answer was cut short: ${reason}`, retryable: false })
    expect(usage).toMatchObject({ inputTokens: 1234 })
  },
)

test('only the reason of the last step counts', () => {
  const reply = parse(stepStart, stepFinish({ reason: 'length' }), stepStart, text('whole'), stepFinish())
  expect(reply.error).toBeNull()
})

test('an empty answer is an answer, for the caller to judge', () => {
  expect(parse(stepStart, stepFinish())).toMatchObject({ format: 'opencode', text: '', error: null })
})

test('a run without a finished step tells no usage', () => {
  expect(parse(stepStart, text('x')).usage).toBeNull()
})

test.each([
  ['CRLF line ends', lines(stepStart, text('done'), stepFinish()).replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${lines(stepStart, text('done'), stepFinish())}`],
  ['log lines between', `> build · gpt\n${lines(stepStart)}\nwarn {x}\n${lines(text('done'), stepFinish())}`],
  ['no newline at the end', lines(stepStart, text('done'), stepFinish()).trimEnd()],
])('%s changes nothing', (_, output) => {
  expect(parseReply(output)).toMatchObject({ format: 'opencode', text: 'done', error: null })
})

test('a failure that is all that was printed is found behind a byte order mark too', () => {
  const output = `\ufeff${lines(failure('APIError', { message: 'Too much', statusCode: 429 }))}`
  expect(parseReply(output).error).toEqual({ message: 'Too much', retryable: true })
})

test('an answer of ten megabytes, and any character, is read', () => {
  const words = `${'line of text\n'.repeat(800_000)}\0\u2028\r\n"\\🙂`
  expect(parse(stepStart, text(words), stepFinish()).text).toBe(words)
})
