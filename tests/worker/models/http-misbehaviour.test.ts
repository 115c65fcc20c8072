// Everything that an API was seen to do wrong, by both dialects, against a stand-in on the loopback; streams first,
// since a stream is what is asked for.
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHttpModel } from '../../../src/worker/models/http-model.ts'
import { retrying } from '../../../src/worker/models/retrying.ts'
import { type Answer, type Dialect, fail, say, serve, stream } from '../helpers/http-dialects.ts'
import { loopbackServer } from '../helpers/loopback-server.ts'
import { modelFailureOf, modelRequest, rejectionOf } from '../helpers/model-request.ts'

beforeEach(() => {
  for (const name of ['RLMS_HTTP_API_KEY', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'RLMS_HTTP_API_KEY_FILE'])
    vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

async function failureOf(dialect: Dialect, answer: Answer) {
  const { model, host } = await serve(dialect, answer)
  const failure = await modelFailureOf(model.complete(modelRequest({ prompt: 'x'.repeat(400) })))
  return { failure, message: failure.message.replaceAll(host, 'HOST') }
}

describe.each<Dialect>(['chat', 'messages'])('%s', (dialect) => {
  const words = say[dialect]
  const whole = stream(words.pieces(['Forty', '-two', '. ✓🙂'], words.stop))

  test('a stream is one answer, with what it used', async () => {
    const { model, seen } = await serve(dialect, whole)
    expect(await model.complete(modelRequest())).toEqual({
      text: 'Forty-two. ✓🙂',
      usage: { inputTokens: 1234, outputTokens: 56, costUsd: null },
    })
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ model: 'm-1', stream: true })
    expect(seen[0]?.path).toBe(dialect === 'chat' ? '/v1/chat/completions' : '/v1/messages')
  })

  test('pieces may end anywhere, in the middle of a character too', async () => {
    const { model } = await serve(dialect, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const events = words.pieces(['größe ', '🙂'], words.stop)
      const text = events.map(
        (event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\r\n\r\n`,
      )
      const bytes = Buffer.from(text.join(''))
      let at = 0
      const write = (): void => {
        if (at >= bytes.length) return void response.end()
        response.write(bytes.subarray(at, at + 7))
        at += 7
        setImmediate(write)
      }
      write()
    })
    expect((await model.complete(modelRequest())).text).toBe('größe 🙂')
  })

  test.each([
    [400, 'bad request', false],
    [401, 'no key', false],
    [403, 'forbidden', false],
    [404, 'no such model', false],
    [400, 'prompt is too long: 300000 tokens > 200000 maximum', false],
    [408, 'timeout', true],
    [429, 'slow down', true],
    [500, 'internal', true],
    [503, 'unavailable', true],
    [529, 'overloaded', true],
  ])('status %i, %j', async (status, told, retryable) => {
    const { failure, message } = await failureOf(dialect, fail(status, words.error(told)))
    expect(message).toBe(`m-1 at HOST answered with an error: HTTP ${status} ${told}`)
    expect(failure).toMatchObject({ code: 'model_invocation_failed', retryable, usage: null })
    expect(failure.rateLimited).toBe(status === 429 || status === 529)
  })

  test.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
    [{ 'retry-after': 'soon' }, null],
  ])('of a refusal with %j the pause counts', async (headers, pause) => {
    const { failure } = await failureOf(dialect, fail(429, words.error('slow down'), headers))
    expect(failure.retryAfterMs).toBe(pause)
  })

  test('a pause may be told as a date', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString()
    const { failure } = await failureOf(dialect, fail(503, '', { 'retry-after': date }))
    expect(failure.retryAfterMs).toBeGreaterThan(50_000)
    expect(failure.retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  test('one refusal, then an answer: asked twice', async () => {
    const { model, seen } = await serve(dialect, fail(429, '', { 'retry-after-ms': '1' }), whole)
    expect((await retrying(model).complete(modelRequest())).text).toBe('Forty-two. ✓🙂')
    expect(seen).toHaveLength(2)
  })

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['reset', (response) => response.socket?.resetAndDestroy()],
    ['closed', (response) => response.destroy()],
  ])('a connection that is %s before an answer is asked again, and cost nothing', async (_, cut) => {
    const { failure, message } = await failureOf(dialect, cut)
    expect(message).toMatch(/^m-1 at HOST cannot be reached: ./)
    expect(failure).toMatchObject({ retryable: true, usage: null })
  })

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['ends', (response) => response.end()],
    ['is reset', (response) => setTimeout(() => response.socket?.resetAndDestroy(), 30)],
    ['is closed', (response) => setTimeout(() => response.destroy(), 30)],
  ])('a stream that %s half way is no answer, is asked again, and was paid for', async (_, cut) => {
    const { failure, message } = await failureOf(dialect, stream(words.pieces(['Forty'], null), cut))
    expect(message).toMatch(/^m-1 at HOST cannot be reached: ./)
    expect(failure.retryable).toBe(true)
    const inputTokens = dialect === 'chat' ? 100 : 1234
    expect(failure.usage).toMatchObject({ inputTokens, costUsd: null })
  })

  test('an error in the middle of a stream is a failure, asked again by what it is', async () => {
    const events = [...words.pieces(['Forty'], null), words.errorEvent]
    const { failure, message } = await failureOf(dialect, stream(events))
    expect(message).toBe('m-1 at HOST answered with an error: HTTP 200 Overloaded')
    expect(failure.retryable).toBe(true)
  })

  test.each([
    ['an HTML page', '<html>hello</html>'],
    ['nothing', ''],
    ['half a JSON object', '{"choices": [{"mess'],
  ])('status 200 with %s is a failure that is not asked again', async (_, body) => {
    const { failure, message } = await failureOf(dialect, fail(200, body))
    expect(message).toBe('m-1 at HOST answered with something that is no JSON object')
    expect(failure.retryable).toBe(false)
  })

  test('a stream of nothing but comments and noise is no answer', async () => {
    const { message } = await failureOf(dialect, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(': keep-alive\n\nretry: 5\n\ndata: no json\n\n')
    })
    expect(message).toBe('m-1 at HOST cannot be reached: the answer was cut in the middle')
  })

  test('an empty answer is one: whoever asked judges it', async () => {
    const { model } = await serve(dialect, stream(words.pieces([], words.stop)))
    expect((await model.complete(modelRequest())).text).toBe('')
  })

  test.each([
    ['by its length', words.cut],
    ['by a refusal', words.refused],
  ])('an answer cut short %s is none, but was paid for', async (_, stop) => {
    const { failure, message } = await failureOf(dialect, stream(words.pieces(['Fort'], stop)))
    expect(message).toBe(`m-1 at HOST: the answer was cut short: ${stop}`)
    expect(failure).toMatchObject({ retryable: false, usage: { inputTokens: 1234, outputTokens: 56 } })
  })

  test.each<[string, Answer]>([
    ['never answers', () => {}],
    ['stops in the middle', stream(words.pieces(['Forty'], null), () => {})],
  ])('a server that %s is left at once when the signal says so', async (_, answer) => {
    const { model } = await serve(dialect, answer)
    const controller = new AbortController()
    const asking = rejectionOf(model.complete(modelRequest({ signal: controller.signal })))
    setTimeout(() => controller.abort(new Error('time is up')), 50)
    const started = Date.now()
    expect(await asking).toMatchObject({ message: 'time is up' })
    expect(Date.now() - started).toBeLessThan(5000)
  })

  test('calls one after another share a connection', async () => {
    const sockets = new Set<unknown>()
    const { model } = await serve(dialect, (response) => {
      sockets.add(response.socket)
      whole(response)
    })
    for (let call = 0; call < 5; call++) await model.complete(modelRequest())
    expect(sockets.size).toBe(1)
  })
})

test("Anthropic's question has its version, its key and a limit for the answer", async () => {
  vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant-1')
  const { model, seen } = await serve('messages', stream(say.messages.pieces(['x'], 'end_turn')))
  await model.complete(modelRequest({ prompt: 'why?' }))
  expect(seen[0]?.headers).toMatchObject({ 'x-api-key': 'sk-ant-1', 'anthropic-version': '2023-06-01' })
  expect(seen[0]?.headers.authorization).toBeUndefined()
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    model: 'm-1',
    max_tokens: 8192,
    messages: [{ role: 'user', content: 'why?' }],
    stream: true,
  })
})

test('what a cache answered for is counted, and cheaper where the price says so', async () => {
  const usage = { prompt_tokens: 1000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 600 } }
  const body = { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }], usage }
  const server = await loopbackServer((response) => fail(200, body)(response))
  const price = { input: 10, cachedInput: 1, output: 20 }
  const profile = { contextTokens: null, maxOutputTokens: 100, subcalls: 'plain' as const, price }
  const reply = await createHttpModel(server.url, 'm', { profile }).complete(modelRequest())
  expect(reply.usage).toEqual({ inputTokens: 1000, outputTokens: 100, costUsd: 0.0066 })
})
