// The key and the password of an HTTP model: which one is sent, and that no message tells them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createHttpModel } from '../../../src/worker/models/http-model.ts'
import { chatError, chatServer, completion, send } from '../helpers/chat-server.ts'
import { modelFailureOf, modelRequest, rlmsErrorOf } from '../helpers/model-request.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const key = 'sk-test-4f1d2c'
beforeEach(() => {
  vi.stubEnv('RLMS_HTTP_API_KEY', key)
  vi.stubEnv('OPENAI_API_KEY', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

test.each([
  ['RLMS_HTTP_API_KEY wins over OPENAI_API_KEY', 'one', 'two', 'Bearer one'],
  ['OPENAI_API_KEY is taken where the other is not set', undefined, 'two', 'Bearer two'],
  ['without a key there is no such header', undefined, undefined, undefined],
  ['an empty key is none', '', undefined, undefined],
  ['an empty RLMS_HTTP_API_KEY keeps the other one back', '', 'two', undefined],
])('%s', async (_, ours, openai, authorization) => {
  vi.stubEnv('RLMS_HTTP_API_KEY', ours)
  vi.stubEnv('OPENAI_API_KEY', openai)
  const { model, seen } = await chatServer(send(200, completion()))
  await model.complete(modelRequest())
  expect(seen[0]?.headers.authorization).toBe(authorization)
})

test.each([
  ['goes with the question', undefined, 'user:h%40unter2', `Basic ${btoa('user:h@unter2')}`],
  ['gives way to a key', 'one', 'user:h%40unter2', 'Bearer one'],
])('a password in the base URL %s', async (_, ours, credentials, authorization) => {
  vi.stubEnv('RLMS_HTTP_API_KEY', ours)
  const { url, seen } = await chatServer(send(200, completion()))
  await createHttpModel(url.replace('http://', `http://${credentials}@`), 'qwen3').complete(modelRequest())
  expect(seen[0]?.headers.authorization).toBe(authorization)
})

test('a server that tells the key back does not bring it into a message', async () => {
  const { model } = await chatServer(
    send(401, chatError(`Incorrect API key provided: ${key}. Authorization: Bearer ${key}`)),
  )
  const { message } = await modelFailureOf(model.complete(modelRequest()))
  expect(message).toMatch(/ Incorrect API key provided: \[secret\]\. Authorization: Bearer \[secret\]$/)
})

test('a key that cannot stand in a header is not told', async () => {
  vi.stubEnv('RLMS_HTTP_API_KEY', `${key}\n${key}`)
  const { model } = await chatServer(send(200, completion()))
  const failure = await modelFailureOf(model.complete(modelRequest()))
  expect(failure.message).not.toContain(key)
  expect(failure.retryable).toBe(false)
})

test('a password in the base URL is not told', async () => {
  const { url } = await chatServer(send(200, completion()))
  const model = createHttpModel(url.replace('http://', 'http://user:hunter2@'), 'qwen3')
  const said = await model.complete(modelRequest()).then(String, String)
  expect(`${model.name} ${said}`).not.toContain('hunter2')
})

test('a server that tells the password back does not bring it into a message', async () => {
  const { url } = await chatServer(send(401, chatError('no access for user:h@unter2')))
  const model = createHttpModel(url.replace('http://', 'http://user:h%40unter2@'), 'qwen3')
  expect((await modelFailureOf(model.complete(modelRequest()))).message).toMatch(
    /no access for user:\[secret\]$/,
  )
})

test('a key may stand in a file, which a variable names', async () => {
  const file = join(temporaryFolder(), 'key')
  writeFileSync(file, ' from-a-file\n')
  vi.stubEnv('RLMS_HTTP_API_KEY_FILE', file)
  const { model, seen } = await chatServer(send(401, chatError('no: from-a-file')))
  expect((await modelFailureOf(model.complete(modelRequest()))).message).toMatch(/no: \[secret\]$/)
  expect(seen[0]?.headers.authorization).toBe('Bearer from-a-file')
})

test('a model may have a variable or a file of its own for its key', async () => {
  vi.stubEnv('OTHER_KEY', 'other')
  const { url, seen } = await chatServer(send(200, completion()))
  await createHttpModel(url, 'qwen3', { keyVariable: 'OTHER_KEY' }).complete(modelRequest())
  expect(seen[0]?.headers.authorization).toBe('Bearer other')
  vi.stubEnv('OTHER_KEY', undefined)
  const asking = createHttpModel(url, 'qwen3', { keyVariable: 'OTHER_KEY' }).complete(modelRequest())
  expect(await rlmsErrorOf(asking)).toMatchObject({
    code: 'invalid_config',
    message: 'OTHER_KEY, which should hold the key, is not set',
  })
})

test('a file with the key that is not there is told, and nothing is asked', async () => {
  const { url, seen } = await chatServer(send(200, completion()))
  const file = join(temporaryFolder(), 'none')
  const asking = createHttpModel(url, 'qwen3', { keyFile: file }).complete(modelRequest())
  expect((await rlmsErrorOf(asking)).message).toMatch(/^the file with the key cannot be read: ENOENT/)
  expect(seen).toEqual([])
})
