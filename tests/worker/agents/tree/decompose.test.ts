import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AgentTree } from '../../../../src/worker/agents/agent-types.ts'
import { openLab, provide, used } from '../helpers/lab.ts'

/** Agents that answer with the part that they are given. */
const reader = provide(({ prompt }) => {
  const [, path = ''] = /Context manifest: Read (.+)/.exec(prompt) ?? []
  const { chunk } = JSON.parse(readFileSync(path, 'utf8'))
  return readFileSync(chunk.filePath, 'utf8')
})
const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at + 1}`).join('\n')
const concatenate = { type: 'concatenate' } as const

test('each part has its agent, and the results their span', async () => {
  const { spawner, store, runtime } = await openLab(reader)
  const sourceRef = await store.set('big', lines(10))
  const ref = await spawner.decompose({
    prompt: 'read',
    sourceRef,
    chunks: 3,
    mergeStrategy: { type: 'structured' },
  })
  const results = (await store.resolve(ref)) as Record<string, string>
  expect(Object.values(results).join('\n')).toBe(lines(10))
  const spans = Object.keys(results).map((key) => spawner.spanOf(store.ref(key)))
  expect(spans.map((span) => [span?.key, span?.startLine, span?.endLine])).toEqual([
    ['big', 1, 4],
    ['big', 5, 8],
    ['big', 9, 10],
  ])
  const [first] = spawner.getTree().children
  expect(first).toMatchObject({ span: { key: 'big', startLine: 1 } })
  expect(runtime.getAgent(first!.id)?.config.prompt).toMatch(
    /^read\n\nThe variable "chunk" holds lines 1 to 4 of big\.$/,
  )
  expect(await store.get('chunk-big-2')).toBe('line 9\nline 10')
})

test('several levels are cut and merged one after the other, and spans are those of the source', async () => {
  const { spawner, store, events } = await openLab(reader)
  const sourceRef = await store.set('big', `ä\n${lines(15)}`)
  const ref = await spawner.decompose({
    prompt: 'read',
    sourceRef,
    chunks: 2,
    levels: 3,
    mergeStrategy: concatenate,
  })
  expect(String(await store.resolve(ref)).replaceAll('---\n', '')).toBe(`ä\n${lines(15)}`)
  expect(events.filter(({ type }) => type === 'merge')).toHaveLength(7)
  const spans = spawner.getTree().children.map(({ span }) => span!)
  expect(spans.map(({ startLine, endLine }) => [startLine, endLine])).toEqual(
    [1, 3, 5, 7, 9, 11, 13, 15].map((start) => [start, start + 1]),
  )
  const source = Buffer.from(`ä\n${lines(15)}`)
  expect(source.subarray(spans[4]?.start, spans[4]?.end).toString()).toBe('line 8\nline 9')
})

test('rows of CSV keep their header on every level', async () => {
  const { spawner, store } = await openLab(reader)
  const sourceRef = await store.set('rows', 'id,name\n1,a\n2,b\n3,c\n4,d\n')
  const options = { prompt: 'read', sourceRef, chunks: 2, by: 'records', mergeStrategy: concatenate } as const
  const ref = await spawner.decompose({ ...options, levels: 2 })
  const rows = ['1,a', '2,b', '3,c', '4,d'].map((row) => `id,name\n${row}`)
  expect(await store.resolve(ref)).toBe(
    ['0', '1'].map((at) => rows.slice(Number(at) * 2, Number(at) * 2 + 2).join('\n---\n')).join('\n---\n'),
  )
  const spanned = spawner.getTree().children.map(({ span }) => [span?.startLine, span?.endLine])
  expect(spanned).toEqual([2, 3, 4, 5].map((line) => [line, line]))
})

test('parts can overlap', async () => {
  const { spawner, store } = await openLab(reader)
  const sourceRef = await store.set('big', lines(4))
  const ref = await spawner.decompose({
    prompt: 'read',
    sourceRef,
    chunks: 2,
    overlap: 1,
    mergeStrategy: concatenate,
  })
  expect(await store.resolve(ref)).toBe('line 1\nline 2\n---\nline 2\nline 3\nline 4')
})

test('what could not start is a failure among the results; when nothing could, it is refused', async () => {
  const { spawner, store } = await openLab(
    provide(() => used('done', 100)),
    { tokenBudget: 100, maxConcurrent: 1 },
  )
  const sourceRef = await store.set('big', lines(2))
  const options = { prompt: 'read', sourceRef, chunks: 2, mergeStrategy: concatenate }
  const refusal = 'Token budget exhausted (100 / 100 tokens used)'
  expect(await store.resolve(await spawner.decompose(options))).toBe(`done\n---\n{"error":"${refusal}"}`)
  expect((spawner.getTree() as AgentTree).error).toBe(refusal)
  await expect(spawner.decompose(options)).rejects.toThrow(refusal)
})

test('a value that is no text is cut as its JSON', async () => {
  const { spawner, store } = await openLab(reader)
  const sourceRef = await store.set('data', { a: [1, 2] })
  const ref = await spawner.decompose({ prompt: 'read', sourceRef, chunks: 1, mergeStrategy: concatenate })
  expect(JSON.parse(String(await store.resolve(ref)))).toEqual({ a: [1, 2] })
})
