// What a later store on the same folder reads, and what one that is open at the same time does.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

test('what is persisted is there for the next store, the rest is not', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const ref = await store.set('kept', { a: [1, 'ü'] }, { persist: true, scope: 's' })
  await store.set('forgotten', 'x')
  store.close()
  const next = await openStore(folder)
  expect(next.ref('kept')).toEqual(ref)
  expect(await next.get('kept')).toEqual({ a: [1, 'ü'] })
  expect(await next.list()).toEqual([expect.objectContaining({ key: 'kept', scope: 's', persist: true })])
})

test('values of any size and keys of any kind come back exactly', async () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.integer({ min: 0xd700, max: 0xe000 }).map((unit) => String.fromCharCode(unit)) }),
    fc.json({ maxDepth: 3 }).map((json) => JSON.parse(json) as unknown),
    fc.integer({ min: 262_100, max: 262_200 }).map((length) => '€'.repeat(length / 3)),
  )
  const keys = fc.string({ unit: 'binary', maxLength: 300 })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(keys, anything), { maxLength: 8 }), async (pairs) => {
      const folder = temporaryFolder()
      const store = await openStore(folder)
      for (const [key, value] of pairs) await store.set(key, value, { persist: true })
      const next = await openStore(folder)
      const wanted = new Map(pairs)
      expect(new Set((await next.list()).map(({ key }) => key))).toEqual(new Set(wanted.keys()))
      for (const [key, value] of wanted) expect(await next.get(key)).toEqual(value)
    }),
    { numRuns: 40 },
  )
})

test('stores that are open at the same time see what the others have persisted', async () => {
  const folder = temporaryFolder()
  const [one, two] = [await openStore(folder), await openStore(folder)]
  await one.set('x', 1, { persist: true })
  expect(two.has('x')).toBe(true)
  expect(two.ref('x')).toEqual(one.ref('x'))
  await two.set('x', 2, { persist: true })
  expect(await one.get('x')).toBe(2)
  await one.delete('x')
  expect(two.has('x')).toBe(false)
  await two.set('x', 'y'.repeat(300_000), { persist: true })
  expect(await one.get('x')).toBe('y'.repeat(300_000))
  await one.clear()
  expect(await two.list()).toEqual([])
  await one.set('private', 1)
  expect(two.has('private')).toBe(false)
})

test('the later of two sets of a key counts, for every store and every later one, whatever the clocks say', async () => {
  const folder = temporaryFolder()
  const stores = [await openStore(folder), await openStore(folder), await openStore(folder)]
  for (let round = 0; round < 30; round++) await stores[(round * 7) % 3]!.set('x', round, { persist: true })
  for (const store of [...stores, await openStore(folder)]) expect(await store.get('x')).toBe(29)
})

test('a variable stays persisted until it is told otherwise, and then nothing of it comes back', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  await store.set('a', 1, { persist: true })
  await store.set('b', 'x'.repeat(300_000), { persist: true })
  await store.set('a', 2)
  await store.set('b', 'small', { persist: false })
  expect(await store.get('b')).toBe('small')
  const next = await openStore(folder)
  expect(await next.get('a')).toBe(2)
  expect(next.has('b')).toBe(false)
  expect(readdirSync(join(folder, 'values'))).toEqual([])
})

test('opening reads no value, and a value is read once', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  for (let number = 0; number < 20; number++)
    await store.set(`v${number}`, 'x'.repeat(number % 2 ? 1000 : 300_000), { persist: true })
  const next = await openStore(folder)
  expect(next.getMemoryUsage().currentBytes).toBe(0)
  await next.get('v0')
  await next.get('v0')
  await next.get('v1')
  expect(next.getMemoryUsage().currentBytes).toBe(300_002 + 1002)
})

test('a large value has a file of its own, which goes when the value does', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const files = () => readdirSync(join(folder, 'values')).length
  await store.set('x', 'a'.repeat(1 << 20), { persist: true })
  const [segment] = readdirSync(join(folder, 'variables'))
  expect(statSync(join(folder, 'variables', segment!)).size).toBeLessThan(1000)
  await store.set('x', 'b'.repeat(1 << 20), { persist: true })
  expect(files()).toBe(1)
  const other = await openStore(folder)
  expect(await other.get('x')).toBe('b'.repeat(1 << 20))
  await store.set('x', 'small', { persist: true })
  expect(files()).toBe(0)
  expect(await other.get('x')).toBe('small')
  await other.set('x', 'c'.repeat(1 << 20), { persist: true })
  await store.delete('x')
  expect(files()).toBe(0)
})

test('all that was persisted is safe from a power cut when flush resolves', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  await store.set('small', 1, { persist: true })
  await store.set('large', 'a'.repeat(1 << 20), { persist: true })
  await store.set('gone', 'a'.repeat(1 << 20), { persist: true })
  await store.delete('gone')
  await expect(store.flush()).resolves.toBeUndefined()
  await expect(store.flush()).resolves.toBeUndefined()
})
