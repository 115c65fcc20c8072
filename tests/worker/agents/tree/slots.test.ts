import { expect, test } from 'vitest'
import { createSlots, type Slot } from '../../../../src/worker/agents/tree/slots.ts'

const { signal } = new AbortController()
const isPending = async (promise: Promise<unknown>) =>
  (await Promise.race([promise, new Promise((resolve) => setImmediate(() => resolve('pending')))])) ===
  'pending'

test('the deepest go first, those of one depth in their order', async () => {
  const slots = createSlots(1)
  const first = await slots.acquire(0, signal)
  const order: string[] = []
  const wait = (name: string, depth: number) =>
    slots.acquire(depth, signal).then((slot) => {
      order.push(name)
      slot.release()
    })
  const all = [wait('a', 0), wait('b', 2), wait('c', 1), wait('d', 2)]
  first.release()
  await Promise.all(all)
  expect(order).toEqual(['b', 'd', 'c', 'a'])
})

test('a slot that is lent serves another, and is taken again', async () => {
  const slots = createSlots(1)
  const parent = await slots.acquire(0, signal)
  parent.lend()
  parent.lend()
  const child = await slots.acquire(1, signal)
  const back = parent.regain(signal)
  expect(await isPending(back)).toBe(true)
  child.release()
  await back
  expect(await isPending(slots.acquire(0, signal))).toBe(true)
})

test('however often it is lent, taken again and released, there is one', async () => {
  const slots = createSlots(1)
  const slot: Slot = await slots.acquire(0, signal)
  slot.lend()
  await Promise.all([slot.regain(signal), slot.regain(signal)])
  slot.release()
  slot.release()
  slot.lend()
  await slot.regain(signal)
  await slots.acquire(0, signal)
  expect(await isPending(slots.acquire(0, signal))).toBe(true)
})

test('one that is released while it waits to be taken again is free', async () => {
  const slots = createSlots(1)
  const parent = await slots.acquire(0, signal)
  parent.lend()
  const child = await slots.acquire(1, signal)
  const back = parent.regain(signal)
  parent.release()
  child.release()
  await back
  await slots.acquire(0, signal)
})

test('who stops waiting takes no slot', async () => {
  const slots = createSlots(1)
  const held = await slots.acquire(0, signal)
  const controller = new AbortController()
  const waiting = slots.acquire(3, controller.signal)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  held.release()
  await slots.acquire(0, signal)
  await expect(slots.acquire(0, controller.signal)).rejects.toThrow('enough')
})
