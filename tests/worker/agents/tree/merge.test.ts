import { expect, test } from 'vitest'
import { openLab, provide } from '../helpers/lab.ts'

async function openMerge(values: readonly unknown[], options: Parameters<typeof openLab>[1] = {}) {
  const lab = await openLab(
    provide(({ prompt }) => `model: ${prompt}`),
    options,
  )
  const refs = await Promise.all(values.map((value, at) => lab.store.set(`k${at}`, value)))
  const merge = async (strategy: Parameters<typeof lab.spawner.merge>[1]) =>
    lab.store.resolve(await lab.spawner.merge(refs, strategy))
  return { ...lab, refs, merge }
}

const failure = { error: 'no login' }

test('concatenate joins by a line of dashes, JSON for what is no text', async () => {
  const { merge } = await openMerge(['a', { n: 1 }, failure])
  expect(await merge({ type: 'concatenate' })).toBe('a\n---\n{"n":1}\n---\n{"error":"no login"}')
})

test('structured is by key', async () => {
  const { merge } = await openMerge(['a', failure])
  expect(await merge({ type: 'structured' })).toEqual({ k0: 'a', k1: failure })
})

test('vote counts equal values and names the one that most gave', async () => {
  const { merge } = await openMerge(['yes', 'no', 'yes', { n: 1 }])
  expect(await merge({ type: 'vote' })).toEqual({
    winner: 'yes',
    votes: {
      '"yes"': { count: 2, value: 'yes' },
      '"no"': { count: 1, value: 'no' },
      '{"n":1}': { count: 1, value: { n: 1 } },
    },
  })
})

test('a vote tells a tie, and who failed; a failure is no vote', async () => {
  const { merge, events } = await openMerge(['yes', 'no', failure, failure])
  expect(await merge({ type: 'vote' })).toMatchObject({
    winner: 'yes',
    tied: ['yes', 'no'],
    failed: { k2: failure, k3: failure },
  })
  expect(events).toMatchObject([
    {
      type: 'merge',
      strategy: 'vote',
      inputs: ['k0', 'k1', 'k2', 'k3'],
      failed: ['k2', 'k3'],
      tied: ['yes', 'no'],
    },
  ])
})

test('a vote in which all failed has no winner', async () => {
  const { merge } = await openMerge([failure])
  expect(await merge({ type: 'vote' })).toEqual({ winner: null, votes: {}, failed: { k0: failure } })
})

test('summarize puts blocks behind each other where no model is given', async () => {
  const { merge } = await openMerge(['a', failure])
  expect(await merge({ type: 'summarize' })).toBe(
    '[Result 1 from k0]:\na\n\n[Result 2 from k1]:\n{"error":"no login"}',
  )
})

test('summarize asks the model that is given, or an agent of the tree', async () => {
  const asked: string[] = []
  const own = await openMerge(['a', 'b'], { summarize: async (prompt) => `short ${asked.push(prompt)}` })
  expect(await own.merge({ type: 'summarize' })).toBe('short 1')
  expect(asked[0]).toMatch(/contradict[\s\S]+\[Result 1 from k0\]:\na\n\n\[Result 2 from k1\]:\nb$/)
  const { merge, spawner } = await openMerge(['a'], { summarize: 'agent' })
  expect(await merge({ type: 'summarize' })).toMatch(/^model: Below are/)
  expect(spawner.getTree().children).toHaveLength(1)
})

test('where the model fails, the results are the answer, with why', async () => {
  const { merge } = await openMerge(['a'], {
    summarize: async () => {
      throw new Error('no login')
    },
  })
  expect(await merge({ type: 'summarize' })).toBe('[not summarized: no login]\n\n[Result 1 from k0]:\na')
})

test('custom gets all values, and must be given', async () => {
  const { merge, refs, spawner } = await openMerge([1, 2, failure])
  expect(await merge({ type: 'custom', customMergeFn: async (all) => all })).toEqual([1, 2, failure])
  await expect(spawner.merge(refs, { type: 'custom' })).rejects.toThrow(
    'Custom merge strategy requires customMergeFn',
  )
})

test('a merge is a variable of its own', async () => {
  const { spawner, refs } = await openMerge(['a'])
  const ref = await spawner.merge(refs, { type: 'concatenate' })
  expect(ref).toMatchObject({ key: expect.stringMatching(/^merged-[0-9a-f-]{36}$/), type: 'result' })
})
