import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { createHttpModel } from '../../../src/worker/models/http-model.ts'
import { chatServer, completion, chatError as error, send } from '../helpers/chat-server.ts'
import { modelFailureOf, modelRequest, rejectionOf } from '../helpers/model-request.ts'
import { waitFor } from '../helpers/processes.ts'

const key = 'sk-test-4f1d2c'
beforeEach(() => {
  vi.stubEnv('RLMS_HTTP_API_KEY', key)
  vi.stubEnv('OPENAI_API_KEY', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

async function failureOf(answer: (response: ServerResponse) => void) {
  const { model, host } = await chatServer(answer)
  const failure = await modelFailureOf(model.complete(modelRequest()))
  expect(failure.message).not.toContain(key)
  return { failure, message: failure.message.replaceAll(host, 'HOST') }
}

test('the prompt is one message of the user, with the key in the Authorization header', async () => {
  const { model, seen } = await chatServer(send(200, completion()))
  const prompt = 'It\'s "odd"\r\n🙂\0\u2028'
  const reply = await model.complete(modelRequest({ prompt }))
  expect(reply).toEqual({ text: 'Forty-two.', usage: { inputTokens: 1234, outputTokens: 56, costUsd: null } })
  expect(seen).toHaveLength(1)
  expect(seen[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions' })
  expect(seen[0]?.headers).toMatchObject({
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
  })
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    model: 'qwen3',
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    stream_options: { include_usage: true },
  })
})

test('slashes at the end of the base URL do not count', async () => {
  const { url, seen } = await chatServer(send(200, completion()))
  await createHttpModel(`${url}/v1//`, 'qwen3').complete(modelRequest())
  expect(seen[0]?.path).toBe('/v1/chat/completions')
})

test('what the base URL asks for stays behind the path', async () => {
  const { url, seen } = await chatServer(send(200, completion()))
  await createHttpModel(`${url}/v1/?api-version=2`, 'qwen3').complete(modelRequest())
  expect(seen[0]?.path).toBe('/v1/chat/completions?api-version=2')
})

test('the price counts where the server tells it', async () => {
  const usage = { prompt_tokens: 10, completion_tokens: 2, cost: 0.0031 }
  const { model } = await chatServer(send(200, completion({ usage })))
  expect((await model.complete(modelRequest())).usage).toEqual({
    inputTokens: 10,
    outputTokens: 2,
    costUsd: 0.0031,
  })
})

test('tokens are estimated where the server tells none', async () => {
  const { model } = await chatServer(send(200, completion({ usage: null })))
  const { usage } = await model.complete(modelRequest({ prompt: 'x'.repeat(41) }))
  expect(usage).toEqual({ inputTokens: 11, outputTokens: 3, costUsd: null })
})

test.each([
  ['no choices', { choices: [] }],
  ['a choice without a message', { choices: [{ finish_reason: 'stop' }] }],
  ['a message without content', { choices: [{ message: { content: null } }] }],
])('an answer with %s is an empty one', async (_, changes) => {
  const { model } = await chatServer(send(200, completion(changes)))
  expect((await model.complete(modelRequest())).text).toBe('')
})

test.each(['length', 'content_filter'])(
  'an answer that finished for the reason %s was cut short',
  async (reason) => {
    const { failure, message } = await failureOf(send(200, completion({}, { finish_reason: reason })))
    expect(message).toBe(`qwen3 at HOST: the answer was cut short: ${reason}`)
    expect(failure).toMatchObject({ retryable: false, usage: { inputTokens: 1234, outputTokens: 56 } })
  },
)

test.each([
  [429, error('Rate limit reached'), { 'retry-after': '7' }, 'HTTP 429 Rate limit reached', true, 7000],
  [429, error('Slow down'), {}, 'HTTP 429 Slow down', true, null],
  [500, '<html>Internal Server Error</html>', {}, 'HTTP 500', true, null],
  [503, error('Loading model'), { 'retry-after': '0.5' }, 'HTTP 503 Loading model', true, 500],
  [408, '', {}, 'HTTP 408', true, null],
  [400, error('context too long'), {}, 'HTTP 400 context too long', false, null],
  [401, error('no access'), {}, 'HTTP 401 no access', false, null],
  [404, { error: 'model "qwen3" not found' }, {}, 'HTTP 404 model "qwen3" not found', false, null],
  [200, error('Provider returned error'), {}, 'HTTP 200 Provider returned error', false, null],
] as const)(
  'status %i with %j is a failure',
  async (status, body, headers, told, retryable, retryAfterMs) => {
    const { failure, message } = await failureOf(send(status, body, headers))
    expect(message).toBe(`qwen3 at HOST answered with an error: ${told}`)
    expect(failure).toMatchObject({ code: 'model_invocation_failed', retryable, retryAfterMs })
  },
)

test('an error with status 200 that names a status of its own is asked again by that one', async () => {
  const { failure } = await failureOf(send(200, { error: { message: 'Provider returned error', code: 502 } }))
  expect(failure.retryable).toBe(true)
})

test('an error in the middle of an answer, which a gateway tells beside it, is a failure', async () => {
  const choice = { finish_reason: 'error', error: { code: 502, message: 'Upstream is gone' } }
  const { failure, message } = await failureOf(send(200, completion({}, choice)))
  expect(message).toBe('qwen3 at HOST answered with an error: HTTP 200 Upstream is gone')
  expect(failure.retryable).toBe(true)
})

test('a pause that only the text asks for counts', async () => {
  const { failure } = await failureOf(send(429, error('Rate limit reached. Please try again in 6m30s.')))
  expect(failure.retryAfterMs).toBe(390_000)
})

test('an answer of more than 64 MiB is none', async () => {
  const { failure, message } = await failureOf((response) => {
    const mebibyte = Buffer.alloc(1 << 20, 'x')
    const write = (): unknown =>
      response.destroyed || (response.write(mebibyte) ? setImmediate(write) : response.once('drain', write))
    write()
  })
  expect(message).toBe('qwen3 at HOST answered with more than 64 MiB')
  expect(failure.retryable).toBe(false)
})

test('an error with status 200 that says nothing is still a failure', async () => {
  const { message } = await failureOf(send(200, { error: { code: 'server_error' } }))
  expect(message).toMatch(/^qwen3 at HOST answered with an error: HTTP 200/)
})

test('of a long error the beginning is told', async () => {
  const { message } = await failureOf(send(400, error('x'.repeat(5000))))
  expect(message.length).toBeLessThan(600)
})

test.each([
  ['no JSON', 'OK'],
  ['half an object', '{"choices": [{"mess'],
  ['a list', '[1]'],
  ['nothing', ''],
])('status 200 with %s is a failure', async (_, body) => {
  const { failure, message } = await failureOf(send(200, body))
  expect(message).toBe('qwen3 at HOST answered with something that is no JSON object')
  expect(failure.retryable).toBe(false)
})

test.each([
  ['is cut', (response: ServerResponse) => response.destroy()],
  ['is cut by a reset', (response: ServerResponse) => response.socket?.resetAndDestroy()],
])('a body that %s is a failure that is asked again', async (_, cut) => {
  const { failure, message } = await failureOf((response) => {
    response.writeHead(200, { 'content-length': '5000' })
    response.write('{"choices": [', () => setTimeout(() => cut(response), 30))
  })
  expect(message).toMatch(/^qwen3 at HOST cannot be reached: ./)
  expect(failure.retryable).toBe(true)
})

test('a connection that is closed without a word, and one that is refused, are asked again', async () => {
  const { failure } = await failureOf((response) => response.destroy())
  expect(failure.retryable).toBe(true)
  const refused = await modelFailureOf(
    createHttpModel('http://127.0.0.1:9/v1', 'qwen3').complete(modelRequest()),
  )
  expect(refused.message).toMatch(/^qwen3 at 127\.0\.0\.1:9 cannot be reached: ./)
  expect(refused.retryable).toBe(true)
})

test.each([
  ['before it answers', () => {}],
  ['in the middle of its answer', (response: ServerResponse) => void response.writeHead(200).write('{"choi')],
])(
  "a server that hangs %s is left when the signal says so, for the signal's reason, and says who had not answered",
  async (_, answer) => {
    const { model, seen } = await chatServer(answer)
    const controller = new AbortController()
    const asking = rejectionOf(model.complete(modelRequest({ signal: controller.signal })))
    await waitFor('the request', () => seen.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 50)) // until what the server says has come
    const reason = new RlmsError('limit_exceeded', 'time limit exceeded: 5 s allowed')
    controller.abort(reason)
    expect(await asking).toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringMatching(
        /^time limit exceeded: 5 s allowed; qwen3 at 127\.0\.0\.1:\d+ had not answered$/,
      ),
      fix: reason.fix,
    })
  },
)
