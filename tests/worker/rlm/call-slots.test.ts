import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type CallSlot, createCallSlots } from '../../../src/worker/rlm/call-slots.ts'
import { ModelFailure } from '../../../src/worker/rlm/ports.ts'
import { memoryModel } from '../helpers/memory-model.ts'
import { runStep } from '../helpers/one-step.ts'

const { signal } = new AbortController()
const take = (slots: ReturnType<typeof createCallSlots>, count: number): Promise<CallSlot[]> =>
  Promise.all(Array.from({ length: count }, () => slots.acquire('r', signal)))

test('a refusal halves what is in flight, once for all calls that were in flight together', async () => {
  const slots = createCallSlots(16)
  const held = await take(slots, 16)
  for (const slot of held) slot.refused()
  expect(slots.width).toBe(8)
})

test('of few calls in flight the half of those counts, and one is always left', async () => {
  const slots = createCallSlots(64)
  const [first, second] = await take(slots, 3)
  first!.refused()
  expect(slots.width).toBe(1)
  second!.refused()
  first!.refused() // asked again since, and refused again
  expect(slots.width).toBe(1)
})

test('one more for each round that goes well, up to what is allowed', async () => {
  const slots = createCallSlots(4)
  const held = await take(slots, 4)
  held[0]!.refused()
  for (const slot of held) slot.release()
  const widths: number[] = []
  for (let call = 0; call < 8; call++) {
    const slot = await slots.acquire('r', signal)
    slot.succeeded()
    slot.release()
    widths.push(slots.width)
  }
  expect(widths).toEqual([2, 3, 3, 3, 4, 4, 4, 4])
})

test('a call from before the halving does not undo it', async () => {
  const slots = createCallSlots(4)
  const [first, second, third, fourth] = await take(slots, 4)
  first!.refused()
  for (const slot of [second, third, fourth]) slot!.succeeded()
  expect(slots.width).toBe(2)
})

test('branches that wait are served in turn, whoever waits with more', async () => {
  const slots = createCallSlots(1)
  const [held] = await take(slots, 1)
  const served: string[] = []
  const ask = async (branch: string) => {
    const slot = await slots.acquire(branch, signal)
    served.push(branch)
    await nextTurn()
    slot.release()
  }
  const waiting = [...['a', 'a', 'a', 'a'], 'b', 'b', 'c'].map(ask)
  held!.release()
  await Promise.all(waiting)
  expect(served).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'a'])
})

test('who is called off while waiting leaves the place to others, at once', async () => {
  const slots = createCallSlots(1)
  const [held] = await take(slots, 1)
  const controller = new AbortController()
  const off = slots.acquire('a', controller.signal)
  const other = slots.acquire('b', signal)
  controller.abort(new Error('called off'))
  await expect(off).rejects.toThrow('called off')
  held!.release()
  held!.release() // counts once
  const slot = await other
  const late = slots.acquire('c', signal)
  let admitted = false
  void late.then(() => {
    admitted = true
  })
  await nextTurn()
  expect(admitted).toBe(false)
  slot.release()
  await late
})

test('a model that refuses for its rate is asked by fewer at once', async () => {
  let refusals = 0
  const most: number[] = []
  const sub = memoryModel(() => {
    most.push(sub.inFlight)
    if (refusals++ < 8) return new ModelFailure('HTTP 429 slow down', { retryable: true })
    return 'x'
  })
  await runStep((step) => step.call('sub_rlm_batch', Array(24).fill('q')), {
    limits: { concurrency: 8 },
    sub,
  })
  expect(most[0]).toBe(8)
  expect(Math.max(...most.slice(8, 12))).toBeLessThanOrEqual(4)
})
