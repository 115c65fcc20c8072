import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { createScriptedModel } from '../../../src/worker/models/scripted.ts'
import { modelFailureOf, modelRequest, rejectionOf } from '../helpers/model-request.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

function scriptFile(script: unknown): string {
  const file = join(temporaryFolder(), 'script.json')
  writeFileSync(file, typeof script === 'string' ? script : JSON.stringify(script))
  return file
}
const scripted = (script: unknown) => createScriptedModel(scriptFile(script))
type Asked = { purpose?: 'root' | 'sub'; sequence?: number; prompt?: string }
const ask = async (script: unknown, asked: Asked) =>
  (await scripted(script).complete(modelRequest(asked))).text

test('a text is the reply to everything', async () => {
  const text = '```python\nset_final("done")\n```\n'
  for (const purpose of ['root', 'sub'] as const)
    for (const sequence of [0, 5]) expect(await ask(text, { purpose, sequence })).toBe(text)
})

test.each([
  [0, 'first'],
  [1, 'second'],
  [2, 'third'],
  [9, 'third'],
])('of a list, question %i gets “%s”: the last one goes on', async (sequence, text) => {
  const list = ['first', { reply: 'second' }, 'third']
  expect(await ask(list, { purpose: 'root', sequence })).toBe(text)
  expect(await ask(list, { purpose: 'sub', sequence })).toBe(text)
})

test('a script may begin with a byte order mark', async () => {
  expect(await ask('\ufeff["first"]', {})).toBe('first')
})

test('root and sub replies may differ', async () => {
  const script = { root: ['code'], sub: ['answer'] }
  expect(await ask(script, { purpose: 'root' })).toBe('code')
  expect(await ask(script, { purpose: 'sub', sequence: 3 })).toBe('answer')
})

const matching = {
  sub: [{ match: 'wea.her', reply: 'sunny' }, 'one', { match: '^Name.*town$', reply: 'Paris' }, 'two'],
}

test.each([
  ['How is the weather?', 7, 'sunny'],
  ['Name\nthe town', 0, 'Paris'],
  ['Name the weather town', 0, 'sunny'],
  ['Else?', 0, 'one'],
  ['Else?', 1, 'two'],
])(
  '%j as question %i gets “%s”: the first pattern that fits, else by number',
  async (prompt, sequence, text) => {
    expect(await ask(matching, { prompt, sequence })).toBe(text)
  },
)

test('the usage is what the script says, else it is estimated', async () => {
  const [told, estimated] = [{ reply: 'Yes.', input_tokens: 7, output_tokens: 2, cost_usd: 0.25 }, '12345']
  const request = modelRequest({ prompt: '123456789' })
  expect(await scripted([told]).complete(request)).toEqual({
    text: 'Yes.',
    usage: { inputTokens: 7, outputTokens: 2, costUsd: 0.25 },
  })
  expect((await scripted([estimated]).complete(request)).usage).toEqual({
    inputTokens: 3,
    outputTokens: 2,
    costUsd: null,
  })
})

test.each([
  [{ error: 'overloaded', retryable: true }, true],
  [{ error: 'no access' }, false],
])('a reply with an error is a failure that tells what it cost: %j', async (fields, retryable) => {
  const failure = await modelFailureOf(
    scripted([{ ...fields, input_tokens: 9, output_tokens: 0 }]).complete(modelRequest()),
  )
  expect(failure).toMatchObject({
    message: `scripted: ${fields.error}`,
    retryable,
    usage: { inputTokens: 9, outputTokens: 0, costUsd: null },
  })
})

test('a reply without a text is an empty one', async () => {
  expect(await ask([{ cost_usd: 1 }], {})).toBe('')
})

test('a delayed reply comes later, and not at all when the call is cancelled meanwhile', async () => {
  const model = scripted([
    { reply: 'late', delay_ms: 30 },
    { reply: 'never', delay_ms: 60_000 },
  ])
  expect((await model.complete(modelRequest())).text).toBe('late')
  const controller = new AbortController()
  const asking = rejectionOf(model.complete(modelRequest({ sequence: 1, signal: controller.signal })))
  const reason = new RlmsError('cancelled', 'interrupted')
  controller.abort(reason)
  expect(await asking).toBe(reason)
})

test.each([
  ['an empty list', []],
  ['no replies of this kind', { root: ['x'] }],
  ['patterns only, none of which fits', [{ match: 'weather', reply: 'x' }]],
])('%s is a failure that names the question', async (_, script) => {
  const file = scriptFile(script)
  const { message } = await modelFailureOf(createScriptedModel(file).complete(modelRequest({ sequence: 2 })))
  expect(message).toBe(`scripted: ${file} has no reply for sub question 3`)
})

test('a script that is not there is refused when the model is made', () => {
  const file = join(temporaryFolder(), 'none.json')
  expect(() => createScriptedModel(file)).toThrow(
    expect.objectContaining({
      code: 'invalid_config',
      message: expect.stringMatching(/^the script of the scripted model cannot be read: ENOENT.*none\.json/),
    }),
  )
})

test.each([
  ['broken JSON', '[{"reply": ', /is no JSON: /],
  ['an unknown field', [{ replay: 'x' }], /is no script: .*replay/s],
  ['a field of another type', [{ reply: 5 }], /is no script: /],
  ['an unknown list', { roots: ['x'] }, /is no script: .*roots/s],
  ['a number in a list', [5], /is no script: /],
  ['a pattern that is none', [{ match: '(', reply: 'x' }], /is no script: .*\(/s],
])('a script with %s is refused by the name of its file when the model is made', (_, script, message) => {
  const file = scriptFile(script)
  expect(() => createScriptedModel(file)).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(message) }),
  )
  expect(() => createScriptedModel(file)).toThrow(file)
})
