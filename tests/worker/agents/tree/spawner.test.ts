import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { AgentTree, ExecuteParams } from '../../../../src/worker/agents/agent-types.ts'
import { openLab, provide, slowly, used } from '../helpers/lab.ts'

const echo = provide(({ prompt }) => prompt)

test('a result is a variable of its own', async () => {
  const { spawner, store } = await openLab(echo)
  const ref = await spawner.spawn({ prompt: 'a', context: {} })
  expect(ref).toMatchObject({ key: expect.stringMatching(/^sub-result-[0-9a-f-]{36}$/), type: 'result' })
  expect(await store.resolve(ref)).toBe('a')
})

test('variables are given by a manifest of files', async () => {
  const prompts: string[] = []
  const { spawner, store } = await openLab(provide(({ prompt }) => String(prompts.push(prompt))))
  const report = await store.set('report', 'größer')
  const gone = { ...report, key: 'gone' }
  await spawner.spawn({ prompt: 'read', context: { report, gone } })
  const [, path = ''] = /^read\n\nContext manifest: Read (.+)$/.exec(prompts[0] ?? '') ?? []
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  expect(manifest).toEqual({
    report: { filePath: expect.any(String), sizeBytes: 10, type: 'text' },
    gone: '[not available]',
  })
  expect(readFileSync(manifest.report.filePath, 'utf8')).toBe('größer')
  const [{ id } = { id: '' }] = spawner.getTree().children
  expect(await store.get(`manifest-${id}`)).toEqual(manifest)
})

test('a large variable that does not change is written once for twenty agents', async () => {
  const files: string[] = []
  const { spawner, store, folder } = await openLab(
    provide(({ prompt }) => {
      const [, path = ''] = /Context manifest: Read (.+)/.exec(prompt) ?? []
      return String(files.push(JSON.parse(readFileSync(path, 'utf8')).big.filePath))
    }),
  )
  const big = await store.set('big', 'a line\n'.repeat(1_500_000))
  await spawner.spawnMany(Array.from({ length: 20 }, () => ({ prompt: 'read', context: { big } })))
  expect([files.length, new Set(files).size]).toEqual([20, 1])
  expect(sizeOf(folder)).toBeLessThan(11e6)
})

test('there are as many levels as the depth allows', async () => {
  const { spawner, answer } = await openLab(echo, { maxDepth: 2 })
  await expect(spawner.spawn({ prompt: 'a', context: {} }, undefined, 1)).resolves.toBeDefined()
  await expect(spawner.spawn({ prompt: 'a', context: {} }, undefined, 2)).rejects.toThrow(
    'Maximum recursion depth (2) exceeded',
  )
  await answer('top')
  const top = spawner.getTree().children.at(-1)!
  await answer('below', {}, top.id)
  const below = spawner.getTree().children.at(-1)!.children[0]!
  await expect(answer('too deep', {}, below.id)).rejects.toThrow('Maximum recursion depth (2) exceeded')
})

test('no more run at once than there are slots, also when some fail', async () => {
  const { provider, seen } = slowly(20, ({ prompt }) => {
    if (prompt === '3') throw new Error('no')
    return prompt
  })
  const { spawner } = await openLab(provider, { maxConcurrent: 3 })
  const refs = await spawner.spawnMany(
    Array.from({ length: 10 }, (_, at) => ({ prompt: `${at}`, context: {} })),
  )
  expect([refs.length, seen.most, seen.running, spawner.getActiveCount()]).toEqual([10, 3, 0, 0])
})

test('an agent that fails or runs out of time is a value, and failed in the tree', async () => {
  const { spawner, answer } = await openLab(
    provide(async ({ prompt }) => {
      if (prompt === 'bad') throw new Error('no login')
      return new Promise(() => {})
    }),
  )
  expect(await answer('bad')).toEqual({ error: 'no login' })
  const late = await answer('late', { timeout: 30 })
  const [, { id }] = spawner.getTree().children as [AgentTree, AgentTree]
  expect(late).toEqual({ error: `Sub-agent ${id} timed out after 30ms` })
  expect(spawner.getTree().children.map(({ status, error }) => [status, error])).toEqual([
    ['failed', 'no login'],
    ['failed', `Sub-agent ${id} timed out after 30ms`],
  ])
})

test('the token budget is checked before an agent waits, and again when its slot comes', async () => {
  const { provider, seen } = slowly(20, () => used('done', 60))
  const { spawner, answer } = await openLab(provider, { tokenBudget: 100, maxConcurrent: 1 })
  const ends = await Promise.allSettled(['a', 'b', 'c'].map((prompt) => answer(prompt)))
  expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message))).toEqual(
    ['done', 'done', 'Token budget exhausted (120 / 100 tokens used)'],
  )
  await expect(answer('d')).rejects.toThrow('Token budget exhausted (120 / 100 tokens used)')
  expect([seen.prompts, spawner.getTotalTokensUsed()]).toEqual([['a', 'b'], 120])
  expect(spawner.getTotalTokenUsage()).toEqual({ inputTokens: 120, outputTokens: 0, totalTokens: 120 })
})

test('money is shared out among those that wait, summed, and limits too', async () => {
  const budgets: Array<number | undefined> = []
  const { spawner, answer } = await openLab(
    provide(async ({ maxBudgetUsd }) => {
      budgets.push(maxBudgetUsd)
      await sleep(10)
      return used('done', 0, 1)
    }),
    { maxBudgetUsd: 8, maxConcurrent: 2 },
  )
  await spawner.spawnMany(Array.from({ length: 4 }, () => ({ prompt: 'p', context: {} })))
  const [first = 0, second = 0, third = 0, fourth = 0] = budgets
  expect([first, second, third + fourth]).toEqual([2, 2, 6])
  expect(spawner.getTree()).toMatchObject({ costUsd: 4, children: Array(4).fill({ costUsd: 1 }) })
  await answer('own', { maxBudgetUsd: 0.5 })
  expect(budgets.at(-1)).toBe(0.5)
  for (const _ of [1, 2, 3]) await answer('more')
  await expect(answer('no more')).rejects.toThrow('USD budget exhausted (8 / 8 USD used)')
})

test('what an agent may use at most holds for all below it', async () => {
  const lab = await openLab(
    provide(async ({ prompt, env }) => {
      if (prompt !== 'top') return used(prompt, 30)
      const id = env?.RLM_AGENT_ID
      const ends = await Promise.allSettled(
        ['a', 'b'].map((child) => Promise.resolve().then(() => lab.answer(child, {}, id))),
      )
      const late = await lab.answer('c', {}, id).catch((error: Error) => error.message)
      return JSON.stringify([ends.map(({ status }) => status), late])
    }),
  )
  const said = await lab.answer('top', { tokenBudget: 50 })
  expect(said).toBe('[["fulfilled","fulfilled"],"Token budget exhausted (60 / 50 tokens used)"]')
  expect(await lab.answer('a')).toMatch(/^a/)
})

test('a parent that waits for its child gives its slot away: a deep tree in one slot ends', async () => {
  const most = { running: 0, at: 0 }
  const lab = await openLab(
    provide(async ({ prompt, env }: ExecuteParams): Promise<string> => {
      most.at = Math.max(most.at, ++most.running)
      const level = Number(prompt)
      if (level === 4) return String(most.running--)
      most.running-- // it only waits
      await Promise.all([1, 2].map(() => lab.answer(String(level + 1), {}, env?.RLM_AGENT_ID)))
      most.at = Math.max(most.at, ++most.running)
      most.running--
      return 'done'
    }),
    { maxConcurrent: 1 },
  )
  expect(await lab.answer('0')).toBe('done')
  expect(most.at).toBe(1)
  const count = (node: AgentTree): number => 1 + node.children.reduce((sum, child) => sum + count(child), 0)
  expect(count(lab.spawner.getTree().children[0]!)).toBe(31)
})

test('when an agent ends, those below it that still run end too', async () => {
  const lab = await openLab(
    provide(async ({ prompt, env, signal }) => {
      if (prompt === 'below')
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      void lab.answer('below', {}, env?.RLM_AGENT_ID)
      await sleep(30)
      return 'done'
    }),
  )
  expect(await lab.answer('top')).toBe('done')
  const [top] = lab.spawner.getTree().children
  await expect.poll(() => lab.spawner.getTree().children[0]?.children[0]?.status).toBe('cancelled')
  expect(top?.status).toBe('completed')
})

test('a signal ends an agent that runs, and one that waits', async () => {
  const { provider, seen } = slowly(60_000)
  const { spawner, answer } = await openLab(provider, { maxConcurrent: 1 })
  const controller = new AbortController()
  const both = Promise.all(['a', 'b'].map((prompt) => answer(prompt, { signal: controller.signal })))
  await expect.poll(() => seen.running).toBe(1)
  controller.abort(new Error('enough'))
  expect(await both).toEqual([{ error: expect.any(String) }, { error: expect.any(String) }])
  expect(spawner.getTree().children.map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
  expect(seen.prompts).toEqual(['a'])
})

test('the tree has every root, with status, usage and time; reset forgets it', async () => {
  const { spawner, answer, events } = await openLab(provide(() => used('done', 5, 0.5)))
  expect(spawner.getTree()).toMatchObject({ id: 'root', status: 'idle', children: [] })
  await answer('one')
  await answer('two\nlines')
  expect(spawner.getTree()).toMatchObject({
    status: 'completed',
    tokenUsage: { totalTokens: 10 },
    costUsd: 1,
    children: ['one', 'two'].map((task) => ({
      task,
      status: 'completed',
      depth: 0,
      model: 'm',
      durationMs: expect.any(Number),
      tokenUsage: { totalTokens: 5 },
    })),
  })
  expect(events.map(({ type }) => type)).toEqual(['agent_start', 'agent_end', 'agent_start', 'agent_end'])
  spawner.reset()
  expect([spawner.getTree().children, spawner.getTotalTokensUsed()]).toEqual([[], 0])
})

function sizeOf(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.map((name) => statSync(join(folder, name))).filter((stat) => stat.isFile())
  return files.reduce((sum, { size }) => sum + size, 0)
}
