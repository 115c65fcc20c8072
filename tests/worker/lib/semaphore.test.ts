import { expect, test } from 'vitest'
import { createSemaphore } from '../../../src/worker/lib/semaphore.ts'

const never = new AbortController().signal

test('as many as there are slots hold it at once, the next one waits for a release', async () => {
  const semaphore = createSemaphore(2)
  const first = await semaphore.acquire(never)
  await semaphore.acquire(never)
  const log: string[] = []
  const third = semaphore.acquire(never).then(() => log.push('third'))
  await nothingMoves()
  expect(log).toEqual([])
  first()
  await third
  expect(log).toEqual(['third'])
})

test('waiters are served in the order they came', async () => {
  const semaphore = createSemaphore(1)
  const release = await semaphore.acquire(never)
  const served: number[] = []
  const waiting = [1, 2, 3, 4].map(async (number) => {
    const done = await semaphore.acquire(never)
    served.push(number)
    done()
  })
  release()
  await Promise.all(waiting)
  expect(served).toEqual([1, 2, 3, 4])
})

test('who is aborted while waiting gets the reason, and leaves the place to the one behind', async () => {
  const semaphore = createSemaphore(1)
  const release = await semaphore.acquire(never)
  const controller = new AbortController()
  const leaving = semaphore.acquire(controller.signal)
  const behind = semaphore.acquire(never)
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(leaving).rejects.toBe(reason)
  release()
  await expect(behind).resolves.toBeTypeOf('function')
})

test('the slot that nobody waits for any more is free again', async () => {
  const semaphore = createSemaphore(1)
  const release = await semaphore.acquire(never)
  const controller = new AbortController()
  const leaving = semaphore.acquire(controller.signal)
  controller.abort()
  await expect(leaving).rejects.toThrow()
  release()
  await expect(semaphore.acquire(never)).resolves.toBeTypeOf('function')
})

test('who comes aborted takes no slot', async () => {
  const semaphore = createSemaphore(1)
  const reason = new Error('too late')
  await expect(semaphore.acquire(AbortSignal.abort(reason))).rejects.toBe(reason)
  await expect(semaphore.acquire(never)).resolves.toBeTypeOf('function')
})

test('an abort after the slot was given changes nothing', async () => {
  const semaphore = createSemaphore(1)
  const release = await semaphore.acquire(never)
  const controller = new AbortController()
  const next = semaphore.acquire(controller.signal)
  release()
  const releaseNext = await next
  controller.abort()
  releaseNext()
  await expect(semaphore.acquire(never)).resolves.toBeTypeOf('function')
})

test('a release that is called twice frees one slot', async () => {
  const semaphore = createSemaphore(1)
  const release = await semaphore.acquire(never)
  release()
  release()
  await semaphore.acquire(never)
  let second = false
  void semaphore.acquire(never).then(() => {
    second = true
  })
  await nothingMoves()
  expect(second).toBe(false)
})

/** All promises that can settle have settled. */
function nothingMoves(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
