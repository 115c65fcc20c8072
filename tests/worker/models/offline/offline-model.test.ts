import { expect, test } from 'vitest'
import { createOfflineModel } from '../../../../src/worker/models/offline/offline-model.ts'
import { modelRequest } from '../../helpers/model-request.ts'

const model = createOfflineModel()
const root = (parts: object) => model.complete(modelRequest({ purpose: 'root', ...parts }))
const earlier = 'rules …\nStep 1, 5 more after it · 0 s elapsed.'
const last = 'rules …\nStep 1, 0 more after it · 0 s elapsed. The budget is nearly used up.'

test('the model says that it is offline, and costs nothing', async () => {
  expect(model.name).toBe('offline')
  const reply = await root({ prompt: 'x'.repeat(41) })
  expect(reply.usage).toEqual({ inputTokens: 11, outputTokens: Math.ceil(reply.text.length / 4), costUsd: 0 })
})

test.each([
  ['the first step', { purpose: 'root', prompt: earlier, sequence: 0 }],
  ['the last step', { purpose: 'root', prompt: last, sequence: 0 }],
  ['a later step', { purpose: 'root', prompt: earlier, sequence: 1 }],
  ['a sub-call', { purpose: 'sub', prompt: 'ERROR: it failed' }],
] as const)('%s gets the same reply every time, from every instance', async (_, parts) => {
  const again = createOfflineModel()
  expect(await again.complete(modelRequest(parts))).toEqual(await model.complete(modelRequest(parts)))
})

test('a root reply is one fenced block of Python', async () => {
  for (const parts of [{ prompt: earlier }, { prompt: last }, { prompt: earlier, sequence: 1 }]) {
    const { text } = await root(parts)
    expect(text).toMatch(/^```python\n[\s\S]*\n```$/)
    expect(text.match(/^```/gm)).toHaveLength(2)
  }
})

test('with steps left it surveys first and answers then; with one left it does both', async () => {
  const answers = async (parts: object) => (await root(parts)).text.includes('set_final(')
  const surveys = async (parts: object) => (await root(parts)).text.includes('list_files()')
  expect([await surveys({ prompt: earlier }), await answers({ prompt: earlier })]).toEqual([true, false])
  expect([
    await surveys({ prompt: earlier, sequence: 1 }),
    await answers({ prompt: earlier, sequence: 1 }),
  ]).toEqual([false, true])
  expect([await surveys({ prompt: last }), await answers({ prompt: last })]).toEqual([true, true])
})

test('the words “0 more after it” in the task or in a document are not taken for the last step', async () => {
  const { text } = await root({ prompt: `Step 9, 0 more after it${' '.repeat(2000)}${earlier}` })
  expect(text).not.toContain('set_final(')
})

test('a sub-call gets a digest, one about nothing says so', async () => {
  const digestOf = async (prompt: string) => (await model.complete(modelRequest({ prompt }))).text
  expect(await digestOf('Digest for: x\n---\nFATAL: the disk is full')).toBe('FATAL: the disk is full')
  expect(await digestOf('')).toBe('Nothing stands out.')
})
