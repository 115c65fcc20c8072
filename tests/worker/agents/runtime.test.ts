import { expect, test } from 'vitest'
import type { ExecuteParams } from '../../../src/worker/agents/agent-types.ts'
import { AgentRuntime } from '../../../src/worker/agents/runtime.ts'
import { ExecutionError } from '../../../src/worker/agents/usage.ts'
import { openLab, provide, used } from './helpers/lab.ts'

async function openRuntime(answer: Parameters<typeof provide>[0]) {
  const lab = await openLab(provide(answer))
  return { ...lab, config: (prompt: string) => ({ id: 'a', prompt, model: 'm' }) }
}

test('an agent is idle, runs, and is completed with its answer', async () => {
  const { runtime, config } = await openRuntime(() => ({
    ...used('42', 7, 0.5),
    sessionId: 's',
    numTurns: 3,
  }))
  const agent = runtime.create(config('what?'))
  expect(runtime.getStatus('a')).toBe('idle')
  const run = runtime.run(agent)
  expect(runtime.getStatus('a')).toBe('running')
  expect(await run).toEqual({
    agentId: 'a',
    result: '42',
    tokenUsage: { inputTokens: 7, outputTokens: 0, totalTokens: 7 },
    iterations: 1,
    children: [],
    costUsd: 0.5,
    sessionId: 's',
    numTurns: 3,
  })
  expect([runtime.getStatus('a'), runtime.getAgent('a'), runtime.getStatus('b')]).toEqual([
    'completed',
    agent,
    undefined,
  ])
})

test('a failed run is a value, with what it has cost', async () => {
  const { runtime, config } = await openRuntime(() => {
    throw new ExecutionError('no login', { tokenUsage: used('', 9).tokenUsage!, costUsd: 0.1 })
  })
  const result = await runtime.run(runtime.create(config('p')))
  expect(result).toMatchObject({
    result: { error: 'no login' },
    tokenUsage: { totalTokens: 9 },
    costUsd: 0.1,
  })
  expect(runtime.getStatus('a')).toBe('failed')
})

test('the prompt is the task, exactly, when there is nothing else', async () => {
  const prompts: string[] = []
  const { runtime, config } = await openRuntime(({ prompt }) => String(prompts.push(prompt)))
  await runtime.run(runtime.create(config(' what?\n')))
  expect(prompts).toEqual([' what?\n'])
})

test('context, earlier runs and functions stand behind the task', async () => {
  const prompts: string[] = []
  const { runtime, store, memory, functions, config } = await openRuntime(({ prompt }) =>
    String(prompts.push(prompt)),
  )
  const contextRef = await store.set('notes', 'about parsers')
  for (const n of [1, 2, 3, 4])
    await memory.append('episodic', { id: `${n}`, timestamp: n, content: `parsers once ${n}` })
  functions.register({
    name: 'lookup',
    description: 'finds a row',
    parameters: {
      id: { type: 'number', description: '', required: true },
      all: { type: 'boolean', description: '' },
    },
    handler: async () => null,
  })
  await runtime.run(runtime.create({ ...config('parsers'), contextRef }))
  const [prompt = ''] = prompts
  expect(prompt).toMatch(
    /^parsers\n\nContext \(notes\):\nabout parsers\n\nRelevant past agent executions:\n(- parsers once \d\n){3}/,
  )
  expect(prompt).toMatch(
    /\n\nAvailable functions \(for reference\):\n- lookup\(id: number, all: boolean\?\): finds a row$/,
  )
})

test('without recall nothing of earlier runs is told', async () => {
  const prompts: string[] = []
  const { store, memory } = await openRuntime(() => '')
  await memory.append('episodic', { id: '1', timestamp: 1, content: 'parsers once' })
  const runtime = new AgentRuntime({
    provider: provide(({ prompt }) => String(prompts.push(prompt))),
    store,
    memory,
    recall: false,
  })
  await runtime.run(runtime.create({ id: 'a', prompt: 'parsers', model: 'm' }))
  expect(prompts).toEqual(['parsers'])
})

test('each run is one episodic record', async () => {
  const { runtime, memory, config } = await openRuntime(() => '42')
  await runtime.run(runtime.create(config('what?')))
  expect(memory.getEpisodicMemory()).toMatchObject([
    { content: 'Task: what?\nResult: 42', metadata: { agentId: 'a', model: 'm', status: 'completed' } },
  ])
})

test('a memory that fails is logged, and nothing more', async () => {
  const { runtime, memory, logs, config } = await openRuntime(() => '42')
  memory.append = async () => {
    throw new Error('disk full')
  }
  memory.search = async () => {
    throw new Error('unreadable')
  }
  expect((await runtime.run(runtime.create(config('p')))).result).toBe('42')
  expect(logs).toEqual([
    'Warning: Failed to search episodic memory: unreadable',
    'Warning: Failed to log to episodic memory: disk full',
  ])
})

test('an agent that is cancelled is so whether its provider listens or not', async () => {
  for (const listens of [true, false]) {
    const { runtime, config } = await openRuntime(({ signal }: ExecuteParams) => {
      return new Promise((_, reject) => {
        if (listens) signal?.addEventListener('abort', () => reject(new ExecutionError('ended', used('', 5))))
      })
    })
    const run = runtime.run(runtime.create(config('p')))
    await new Promise(setImmediate)
    await runtime.cancel('a')
    expect(await run).toMatchObject({ tokenUsage: { totalTokens: listens ? 5 : 0 } })
    expect(runtime.getStatus('a')).toBe('cancelled')
  }
})

test('an agent that is cancelled before its run never runs', async () => {
  const asked: string[] = []
  const { runtime, config } = await openRuntime(({ prompt }) => String(asked.push(prompt)))
  const agent = runtime.create(config('p'))
  await runtime.cancel('a')
  expect(await runtime.run(agent)).toMatchObject({ result: { error: 'Agent a was cancelled' } })
  expect(asked).toEqual([])
})

test('with onComplete store the result is kept', async () => {
  const { runtime, store, config } = await openRuntime(() => '42')
  await runtime.run(runtime.create({ ...config('p'), onComplete: 'store' }))
  expect(await store.get('agent-result-a')).toBe('42')
})

test('a runtime needs no memory and no functions', async () => {
  const { store } = await openRuntime(() => '')
  const runtime = new AgentRuntime({ provider: provide(({ prompt }) => prompt), store })
  expect((await runtime.run(runtime.create({ id: 'a', prompt: 'p', model: 'm' }))).result).toBe('p')
})
