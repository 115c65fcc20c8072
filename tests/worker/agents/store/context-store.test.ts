// Every method of the store, its defaults and what it says, as agents-api names them.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ContextStore } from '../../../../src/worker/agents/index.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

test('a set gives a reference, and ref gives the same one', async () => {
  const store = await openStore(temporaryFolder())
  const before = Date.now()
  const ref = await store.set('notes', 'Grüße')
  expect(ref).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{12}-\d+$/),
    key: 'notes',
    scope: 'global',
    type: 'text',
    sizeBytes: Buffer.byteLength('"Grüße"'),
    createdAt: expect.any(Number),
  })
  expect(ref.createdAt).toBeGreaterThanOrEqual(before)
  expect(store.ref('notes')).toEqual(ref)
  expect((await store.set('notes', 'Grüße')).id).not.toBe(ref.id)
})

test.each<[type: string, value: unknown]>([
  ['text', ''],
  ['json', ['a']],
  ['json', 1],
  ['json', null],
  ['json', { a: 1 }],
  ['memory', { entries: [] }],
  ['memory', { memories: [], result: 1 }],
  ['result', { result: 1 }],
  ['result', { output: null }],
])('the type %s is inferred of %j', async (type, value) => {
  const store = await openStore(temporaryFolder())
  expect((await store.set('x', value)).type).toBe(type)
  expect(await store.get('x')).toEqual(value)
})

test('a scope and a type that are given are kept, and listed by', async () => {
  const store = await openStore(temporaryFolder())
  await store.set('a', 'x', { scope: 'one', type: 'stream' })
  await store.set('b', 'x', { scope: 'two', persist: true })
  await store.set('c', [1])
  const keys = async (filter?: Parameters<ContextStore['list']>[0]) =>
    (await store.list(filter)).map(({ key }) => key)
  expect(await keys()).toEqual(['a', 'b', 'c'])
  expect(await keys({ scope: 'one' })).toEqual(['a'])
  expect(await keys({ type: 'text' })).toEqual(['b'])
  expect(await keys({ scope: 'two', type: 'json' })).toEqual([])
  expect(await store.list({ scope: 'global' })).toEqual([
    { key: 'c', type: 'json', scope: 'global', sizeBytes: 3, createdAt: expect.any(Number), persist: false },
  ])
})

test('a variable that is not there is told by its key', async () => {
  const store = await openStore(temporaryFolder())
  const ref = await store.set('gone', 1)
  await store.delete('gone')
  await store.delete('gone')
  expect(() => store.ref('gone')).toThrow(new Error('Variable not found: gone'))
  for (const asked of [store.get('gone'), store.resolve(ref), store.summarize('gone')])
    await expect(asked).rejects.toThrow(new Error('Variable not found: gone'))
  await expect(store.persistForSubAgent('gone')).rejects.toThrow(new Error('Variable not found: gone'))
  expect(store.has('gone')).toBe(false)
})

test('a reference resolves to what its key has now', async () => {
  const store = await openStore(temporaryFolder())
  const ref = await store.set('x', 'old')
  await store.set('x', 'new')
  expect(await store.resolve(ref)).toBe('new')
})

test('a value is what it was when it was set, whatever is done to it or to what get gave', async () => {
  const store = await openStore(temporaryFolder())
  const value = { list: [1] }
  await store.set('x', value)
  value.list.push(2)
  ;((await store.get('x')) as typeof value).list.push(3)
  expect(await store.get('x')).toEqual({ list: [1] })
})

test('what has no JSON is refused, and the variable is as it was', async () => {
  const store = await openStore(temporaryFolder())
  await store.set('x', 'before')
  const circle: unknown[] = []
  circle.push(circle)
  await expect(store.set('x', undefined)).rejects.toThrow(
    'Variable has no JSON form: x: a value of type undefined has none. Set a string, or what JSON.stringify takes.',
  )
  await expect(store.set(7 as unknown as string, 'x')).rejects.toThrow(
    new TypeError('The key of a variable must be a string: 7.'),
  )
  await expect(store.set('x', circle)).rejects.toThrow(/^Variable has no JSON form: x: Converting circular/)
  await expect(store.set('x', 1n)).rejects.toThrow(/BigInt/)
  expect(await store.get('x')).toBe('before')
})

test('a summary is the value as far as it fits, then how much there is', async () => {
  const store = await openStore(temporaryFolder())
  await store.set('short', 'x'.repeat(800))
  await store.set('long', `${'x'.repeat(800)}y`)
  await store.set('object', { a: ['x'.repeat(20)] })
  await store.set('pair', '1234567🙂')
  expect(await store.summarize('short')).toBe('x'.repeat(800))
  expect(await store.summarize('long')).toBe(`${'x'.repeat(800)}... [truncated, 803 bytes total, type: text]`)
  expect(await store.summarize('object', 2)).toBe('{"a":["x... [truncated, 30 bytes total, type: json]')
  expect(await store.summarize('pair', 2)).toBe('1234567... [truncated, 13 bytes total, type: text]')
})

test('clear takes everything away, for good', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  await store.set('a', 'x', { persist: true })
  await store.set('b', 'x'.repeat(300_000), { persist: true })
  await store.set('c', 'x')
  await store.clear()
  expect(await store.list()).toEqual([])
  expect(store.getMemoryUsage().currentBytes).toBe(0)
  await store.set('d', 'later', { persist: true })
  expect((await (await openStore(folder)).list()).map(({ key }) => key)).toEqual(['d'])
})

test('memory is used by the bytes of the JSON, out of 256 MiB unless told otherwise', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  expect(store.getMemoryUsage()).toEqual({ currentBytes: 0, maxBytes: 268_435_456, percentage: 0 })
  await store.set('a', 'x'.repeat(98))
  await store.set('a', 'y'.repeat(98))
  expect(store.getMemoryUsage().currentBytes).toBe(100)
  const small = await openStore(folder, 1000)
  await small.set('b', 'x'.repeat(98))
  expect(small.getMemoryUsage()).toEqual({ currentBytes: 100, maxBytes: 1000, percentage: 10 })
})

test('the folder is told as a full path, and made when it is not there', async () => {
  const folder = join(temporaryFolder(), 'deep', 'er')
  const store = await openStore(folder)
  expect(store.getStorageDir()).toBe(folder)
  expect(new ContextStore('.rlm-data').getStorageDir()).toBe(join(process.cwd(), '.rlm-data'))
})

test('a store that was closed can be opened again, and has what was persisted', async () => {
  const store = await openStore(temporaryFolder(), 10)
  await store.set('kept', 'x'.repeat(100), { persist: true })
  await store.set('gone', 'x'.repeat(100))
  store.close()
  await store.init()
  expect(await store.get('kept')).toBe('x'.repeat(100))
  expect((await store.list()).map(({ key }) => key)).toEqual(['kept'])
  await store.set('more', 1, { persist: true })
  expect(await store.get('more')).toBe(1)
})
