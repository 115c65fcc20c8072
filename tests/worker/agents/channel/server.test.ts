import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ExecuteParams } from '../../../../src/worker/agents/agent-types.ts'
import { askOrchestrator } from '../../../../src/worker/agents/channel/client.ts'
import type { ChannelRequest } from '../../../../src/worker/agents/channel/protocol.ts'
import { openLab, provide } from '../helpers/lab.ts'

type Ask = (request: ChannelRequest) => Promise<unknown>

/** Agents by their task: what each does with the channel is its answer. */
async function openChannel(agents: Record<string, (ask: Ask, params: ExecuteParams) => Promise<unknown>>) {
  const { signal } = new AbortController()
  return openLab(
    provide(async (params) => {
      const act = agents[params.prompt.split('\n')[0] ?? '']
      const ask: Ask = (request) => askOrchestrator(request, { ...params.env }, signal)
      return JSON.stringify((await act?.(ask, params)) ?? null)
    }),
    { maxConcurrent: 1, maxDepth: 3 },
  )
}

const message = (error: Error) => error.message
const get = (key: string): ChannelRequest => ({ op: 'get', key })
const set = (key: string, value: unknown): ChannelRequest => ({ op: 'set', key, value })
const spawn = (prompt: string, ...context: string[]): ChannelRequest => ({ op: 'spawn', prompt, context })

test('an agent reads what it was given, and keeps values of its own', async () => {
  const lab = await openChannel({
    top: async (ask) => {
      await ask(set('own', { ü: [1] }))
      return [await ask(get('report')), await ask(get('own')), await ask({ op: 'list' })]
    },
  })
  const report = await lab.store.set('some/report', 'text')
  expect(await lab.answer('top', { context: { report } })).toBe('["text",{"ü":[1]},["report","own"]]')
})

test('an agent sees nothing of others, nor what else is in the store', async () => {
  const lab = await openChannel({
    top: async (ask) => {
      const below = await ask(spawn('below'))
      return [below, await ask(get('secret')).catch(message), await ask(get('of below')).catch(message)]
    },
    below: async (ask) => ask(set('of below', 1)),
  })
  await lab.store.set('secret', 'key')
  expect(await lab.answer('top')).toBe('["null","Variable not found: secret","Variable not found: of below"]')
})

test('a child sees what stands above it, and what it is given under that name', async () => {
  const lab = await openChannel({
    top: async (ask) => {
      await ask(set('plan', 'of top'))
      return ask(spawn('below', 'plan'))
    },
    below: async (ask) => [await ask(get('plan')), await ask(get('report'))],
  })
  const report = await lab.store.set('report', 'text')
  expect(JSON.parse(String(await lab.answer('top', { context: { report } })))).toBe('["of top","text"]')
  expect(lab.spawner.getTree().children[0]?.children[0]).toMatchObject({
    task: 'below',
    depth: 1,
    status: 'completed',
  })
})

test('depth and failures of a child are told to its parent', async () => {
  const lab = await openChannel({
    top: async (ask) => [await ask(spawn('middle')), await ask(spawn('bad'))],
    middle: async (ask) => ask(spawn('last')),
    last: async (ask) => ask(spawn('too deep')).catch(message),
    bad: async () => {
      throw new Error('no login')
    },
  })
  const [middle, bad] = JSON.parse(String(await lab.answer('top')))
  expect(middle).toContain('Maximum recursion depth (3) exceeded')
  expect(bad).toEqual({ error: 'no login' })
})

test('functions are called, memory is written, logs are told', async () => {
  const lab = await openChannel({
    top: async (ask) => {
      await ask({ op: 'remember', text: 'the parser keeps comments' })
      await ask({ op: 'log', text: 'half way' })
      const call = (name: string, params: Record<string, unknown>) => ask({ op: 'call', name, params })
      return [
        await call('add', { a: 1 }),
        await call('add', {}).catch(message),
        await call('sub', {}).catch(message),
      ]
    },
  })
  lab.functions.register({
    name: 'add',
    description: 'adds one',
    parameters: { a: { type: 'number', description: '', required: true } },
    handler: async ({ a }) => Number(a) + 1,
  })
  const prompt = 'top'
  expect(await lab.answer(prompt)).toBe(
    '[2,"Missing required parameter: a for function add","Function not found: sub"]',
  )
  expect(lab.memory.getEpisodicMemory()[0]?.content).toBe('the parser keeps comments')
  expect(lab.logs).toEqual(['half way'])
})

test('whoever asks and goes away ends its child', async () => {
  const lab = await openChannel({
    top: async (_, { env = {} }) => {
      const socket = connect(env.RLM_AGENT_SOCKET ?? '')
      socket.write(`${env.RLM_AGENT_TOKEN}\n${JSON.stringify(spawn('below'))}\n`)
      await sleep(100)
      socket.destroy()
      await sleep(100)
    },
    below: () => sleep(60_000),
  })
  await lab.answer('top')
  expect(lab.spawner.getTree().children[0]?.children[0]?.status).toBe('cancelled')
})

test('nothing is read from who has no token, and a token ends with its agent', async () => {
  let env: Record<string, string> = {}
  const lab = await openChannel({
    top: async (ask, params) => {
      env = { ...params.env }
      expect(statSync(dirname(env.RLM_AGENT_SOCKET ?? '')).mode & 0o777).toBe(0o700)
      const refusals = []
      for (const said of ['x\n', `${'0'.repeat(64)}\n{"op":"list"}\n`, '0'.repeat(1000)])
        refusals.push(await exchange(env.RLM_AGENT_SOCKET ?? '', said))
      return [refusals, await ask(spawn('below'))]
    },
    below: async (_, params) => {
      env = { ...params.env }
      return null
    },
  })
  const refused = '{"ok":false,"error":"The token is not that of an agent that runs"}\n'
  expect(JSON.parse(String(await lab.answer('top')))).toEqual([[refused, refused, refused], 'null'])
  await expect(askOrchestrator({ op: 'list' }, env, new AbortController().signal)).rejects.toThrow(
    'the orchestrator is gone',
  )
  expect(existsSync(dirname(env.RLM_AGENT_SOCKET ?? ''))).toBe(false)
})

test.each([
  ['no JSON', '{', /JSON/],
  [
    'no request',
    '{"op":"steal"}',
    /^There is no request "steal"; there are get, set, list, spawn, call, remember, log$/,
  ],
  ['a request without its text', '{"op":"get"}', /^The request get lacks its text$/],
  [
    'a timeout that is none',
    '{"op":"spawn","prompt":"p","timeout":-1}',
    /^timeout must be a number above 0, not -1$/,
  ],
])('%s is refused with why', async (_, line, why) => {
  const lab = await openChannel({
    top: (_ask, { env = {} }) => exchange(env.RLM_AGENT_SOCKET ?? '', `${env.RLM_AGENT_TOKEN}\n${line}\n`),
  })
  const { ok, error } = JSON.parse(JSON.parse(String(await lab.answer('top'))))
  expect([ok, error]).toEqual([false, expect.stringMatching(why)])
})

function exchange(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(path, () => socket.write(text))
    socket.on('data', (bytes) => {
      said += bytes
    })
    socket.on('close', () => resolve(said))
    socket.on('error', reject)
  })
}
