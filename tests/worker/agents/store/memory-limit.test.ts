// What happens to values for which memory has no room.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

const text = (number: number, length = 998) => String(number % 10).repeat(length)

test('values stay within the limit, and none is lost', async () => {
  const store = await openStore(temporaryFolder(), 10_000)
  for (let number = 0; number < 100; number++) {
    await store.set(`v${number}`, text(number), { persist: number % 3 === 0 })
    expect(store.getMemoryUsage().currentBytes).toBeLessThanOrEqual(10_000)
  }
  for (let number = 0; number < 100; number++) {
    expect(await store.get(`v${number}`)).toBe(text(number))
    expect(store.getMemoryUsage().currentBytes).toBeLessThanOrEqual(10_000)
  }
})

test('a value larger than the limit is kept as well', async () => {
  const store = await openStore(temporaryFolder(), 100)
  await store.set('large', { text: text(1) })
  expect(store.getMemoryUsage().currentBytes).toBe(0)
  expect(await store.get('large')).toEqual({ text: text(1) })
  expect(await store.summarize('large', 2)).toMatch(/^\{"text":/)
})

test('those used last stay in memory', async () => {
  const store = await openStore(temporaryFolder(), 3000)
  for (let number = 0; number < 3; number++) await store.set(`v${number}`, text(number), { persist: true })
  await store.get('v0')
  await store.set('v3', text(3), { persist: true })
  const left: number[] = []
  for (const key of ['v1', 'v2', 'v0', 'v3']) {
    await store.delete(key)
    left.push(store.getMemoryUsage().currentBytes)
  }
  expect(left).toEqual([3000, 2000, 1000, 0])
})

test('what was spilled leaves no file, and its room is used again', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder, 1000)
  for (let round = 0; round < 50; round++) await store.set(`v${round % 5}`, text(round, 5000))
  expect(readdirSync(folder)).toEqual([])
  for (let number = 0; number < 5; number++)
    expect(await store.get(`v${number}`)).toBe(text(45 + number, 5000))
  await store.clear()
  await store.set('x', text(1, 5000))
  expect(await store.get('x')).toBe(text(1, 5000))
})

test('a spill file of which most is waste is packed, values and all', async () => {
  const store = await openStore(temporaryFolder(), 0)
  await store.set('x', text(0, 8 << 20))
  await store.set('first', text(7, 100))
  for (let round = 0; round < 20; round++) await store.set('x', text(round, 8 << 20))
  await store.set('last', text(8, 100))
  expect(await store.get('first')).toBe(text(7, 100))
  expect(await store.get('x')).toBe(text(9, 8 << 20))
  expect(await store.get('last')).toBe(text(8, 100))
})

test('whatever is set, read and deleted, in whatever order, a store with little memory gives what a map would', async () => {
  const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key: keys, size: fc.nat(600), persist: fc.boolean() }),
    fc.record({ do: fc.constantFrom('get' as const, 'delete' as const), key: keys }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const store = await openStore(join(temporaryFolder(), 'store'), 1000)
      const model = new Map<string, string>()
      for (const [at, one] of steps.entries()) {
        if (one.do === 'set') {
          const value = `${at}:`.padEnd(one.size, 'x')
          await store.set(one.key, value, { persist: one.persist })
          model.set(one.key, value)
        } else if (one.do === 'delete') {
          await store.delete(one.key)
          model.delete(one.key)
        } else if (model.has(one.key)) expect(await store.get(one.key)).toBe(model.get(one.key))
        expect(store.getMemoryUsage().currentBytes).toBeLessThanOrEqual(1000)
      }
      for (const [key, value] of model) expect(await store.get(key)).toBe(value)
      expect((await store.list()).map(({ key }) => key).sort()).toEqual([...model.keys()].sort())
    }),
    { numRuns: 60 },
  )
})
