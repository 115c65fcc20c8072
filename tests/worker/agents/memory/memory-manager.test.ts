// The layers of memory, as agents-api names them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { MemoryManager } from '../../../../src/worker/agents/index.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { entry, openMemory } from '../helpers/open-memory.ts'

const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id)
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

async function fill(memory: MemoryManager, count: number): Promise<void> {
  for (const number of numbers(0, count)) await memory.append('episodic', entry(number))
}

test('entries are kept as they were appended, for this memory and the next', async () => {
  const folder = temporaryFolder()
  const memory = await openMemory(folder)
  const given = { ...entry(1, 'Grüße\n🙂'), metadata: { tags: ['a'] } }
  await memory.append('episodic', given)
  given.metadata.tags.push('b')
  const kept = { ...entry(1, 'Grüße\n🙂'), metadata: { tags: ['a'] } }
  expect(memory.getEpisodicMemory()).toEqual([kept])
  expect((await openMemory(folder)).getEpisodicMemory()).toEqual([kept])
  expect(memory.getWorkingMemory()).toEqual([])
})

test('working memory keeps the newest 50, or as many as it is told', async () => {
  const folder = temporaryFolder()
  const [memory, small] = [await openMemory(folder), await openMemory(folder, 3)]
  for (const number of numbers(0, 60)) await memory.append('working', entry(number))
  expect(idsOf(memory.getWorkingMemory())).toEqual(numbers(10, 60).map((number) => `id-${number}`))
  expect(idsOf(small.getWorkingMemory())).toEqual(['id-57', 'id-58', 'id-59'])
  await small.append('working', entry(60))
  expect(memory.getWorkingMemory()).toHaveLength(50)
  expect(memory.getWorkingMemory().at(-1)).toEqual(entry(60))
})

test('two memories on one folder see each other at once', async () => {
  const folder = temporaryFolder()
  const [one, two] = [await openMemory(folder), await openMemory(folder)]
  await one.append('procedural', entry(1, 'run the tests'))
  expect(idsOf(await two.search('procedural', 'tests'))).toEqual(['id-1'])
  await two.learn({ key: 'port', value: 8080 })
  expect(await one.recall('port')).toMatchObject({ key: 'port', value: 8080 })
  await one.clear()
  expect(two.getStats()).toEqual({ working: 0, episodic: 0, semantic: 0, procedural: 0, knowledge: 0 })
})

test('what is learned is recalled by its key, the last of it, and found by its words', async () => {
  const folder = temporaryFolder()
  const memory = await openMemory(folder)
  await memory.learn({ key: 'database', value: 'sqlite' })
  await memory.learn({ key: 'database', value: { name: 'postgres', port: 5432 } })
  expect(await memory.recall('database')).toEqual({
    key: 'database',
    value: { name: 'postgres', port: 5432 },
    timestamp: expect.any(Number),
  })
  expect(await memory.recall('none')).toBeNull()
  expect(await memory.search('semantic', 'postgres')).toEqual([
    {
      id: 'database',
      timestamp: expect.any(Number),
      content: 'database: {"name":"postgres","port":5432}',
    },
  ])
  await memory.append('semantic', entry(1, 'postgres is slow'))
  expect((await openMemory(folder)).getStats()).toMatchObject({ semantic: 1, knowledge: 1 })
  await memory.clear('semantic')
  expect(await memory.recall('database')).toBeNull()
})

test('compact leaves a summary in front of the last ten', async () => {
  const memory = await openMemory(temporaryFolder())
  await fill(memory, 25)
  await memory.compact('episodic')
  const [summary, ...rest] = memory.getEpisodicMemory()
  expect(summary!.content).toBe(
    `[Summary of 15 entries]\n${numbers(0, 15)
      .map((number) => `- entry ${number}`)
      .join('\n')}`,
  )
  expect(summary).toMatchObject({
    timestamp: entry(14).timestamp,
    metadata: { isSummary: true, entryCount: 15 },
  })
  expect(rest).toEqual(numbers(15, 25).map((number) => entry(number)))
})

test('a summary that is summarized counts for the entries that it stands for', async () => {
  const folder = temporaryFolder()
  const [memory, other] = [await openMemory(folder), await openMemory(folder)]
  await fill(memory, 12)
  await memory.compact('episodic', { keepLast: 4 })
  await other.compact('episodic', { keepLast: 2 })
  for (const one of [memory, other, await openMemory(folder)]) {
    expect(one.getEpisodicMemory()[0]!.metadata).toEqual({ isSummary: true, entryCount: 10 })
    expect(idsOf(one.getEpisodicMemory().slice(1))).toEqual(['id-10', 'id-11'])
  }
  const before = memory.getEpisodicMemory()
  await memory.compact('episodic', { keepLast: 2 })
  await memory.compact('episodic', { keepLast: 5 })
  expect(memory.getEpisodicMemory()).toEqual(before)
})

test('compact without a summary forgets, and with keepLast 0 keeps nothing else', async () => {
  const memory = await openMemory(temporaryFolder())
  await fill(memory, 12)
  await memory.compact('episodic', { keepLast: 2, summarizeOlder: false })
  expect(idsOf(memory.getEpisodicMemory())).toEqual(['id-10', 'id-11'])
  await memory.compact('episodic', { keepLast: 0 })
  expect(memory.getEpisodicMemory().map(({ metadata }) => metadata)).toEqual([
    { isSummary: true, entryCount: 2 },
  ])
})

test('a model writes the summary where one is given; when it fails, all is as it was', async () => {
  const folder = temporaryFolder()
  const asked: string[][] = []
  const summarize = async (entries: readonly { content: string }[]) => {
    asked.push(entries.map(({ content }) => content))
    if (asked.length === 1) throw new Error('the model is away')
    return 'They were entries.'
  }
  const memory = await openMemory(folder, 50, { summarize })
  await fill(memory, 3)
  await expect(memory.compact('episodic', { keepLast: 1 })).rejects.toThrow('the model is away')
  expect(memory.getEpisodicMemory()).toHaveLength(3)
  await memory.compact('episodic', { keepLast: 1 })
  expect(memory.getEpisodicMemory()[0]!.content).toBe('[Summary of 2 entries]\nThey were entries.')
  expect(asked[1]).toEqual(['entry 0', 'entry 1'])
})

test('what is appended while a model writes the summary is not lost, and nothing is summarized twice', async () => {
  const folder = temporaryFolder()
  const other = await openMemory(folder)
  let rounds = 0
  const memory = await openMemory(folder, 50, {
    summarize: async () => {
      await other.append('episodic', entry(100 + rounds))
      if (rounds++ === 0) await other.compact('episodic', { keepLast: 3 })
      return 'a summary'
    },
  })
  await fill(memory, 6)
  await memory.compact('episodic', { keepLast: 2 })
  expect(rounds).toBe(2)
  for (const one of [memory, other]) {
    expect(one.getEpisodicMemory()[0]!.metadata).toEqual({ isSummary: true, entryCount: 5 })
    expect(idsOf(one.getEpisodicMemory().slice(1))).toEqual(['id-5', 'id-100', 'id-101'])
  }
})

test('memories of different scopes share nothing', async () => {
  const folder = temporaryFolder()
  const names = ['global', 'a', 'A', '../a', '']
  const memories = await Promise.all(names.map((scope) => openMemory(folder, 50, { scope })))
  for (const [at, memory] of memories.entries()) {
    await memory.append('working', entry(at, `the secret of ${at}`))
    await memory.learn({ key: 'secret', value: at })
  }
  await memories[1]!.clear('procedural')
  for (const [at, memory] of memories.entries()) {
    expect(memory.getWorkingMemory()).toEqual([entry(at, `the secret of ${at}`)])
    expect(idsOf(await memory.search('working', 'secret'))).toEqual([`id-${at}`])
    expect(await memory.search('semantic', 'secret')).toHaveLength(1)
    expect(await memory.recall('secret')).toMatchObject({ value: at })
  }
  await memories[0]!.clear()
  expect(memories[1]!.getStats()).toMatchObject({ working: 1, knowledge: 1 })
  expect((await openMemory(folder)).getWorkingMemory()).toEqual([])
})

test('what cannot be remembered is told', async () => {
  const memory = await openMemory(temporaryFolder())
  await expect(memory.append('short' as 'working', entry(1))).rejects.toThrow(
    new TypeError('No such memory: short. There are working, episodic, semantic, procedural.'),
  )
  await expect(memory.append('working', { ...entry(1), content: 1 as unknown as string })).rejects.toThrow(
    new TypeError('The content of a memory entry must be a string: id-1.'),
  )
  await expect(memory.learn({ key: 'k', value: undefined })).rejects.toThrow(
    new TypeError('What is learned must have a JSON form: k.'),
  )
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'memory'), '')
  await expect(openMemory(folder)).rejects.toThrow(
    /^The memory cannot be opened: .*: ENOTDIR: .*\. A file is in its place: remove it, or use another folder\.$/,
  )
})
