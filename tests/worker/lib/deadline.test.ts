import { getEventListeners } from 'node:events'
import { performance } from 'node:perf_hooks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openDeadline, pause } from '../../../src/worker/lib/deadline.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const timeIsUp = () => new Error('time is up')
const never = new AbortController().signal

test('a deadline aborts its signal with the reason when the time is up, and not before', () => {
  const deadline = openDeadline(1000, undefined, timeIsUp)
  vi.advanceTimersByTime(999)
  expect(deadline.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(deadline.signal.reason).toEqual(new Error('time is up'))
})

test('a deadline tells how much time has passed', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(50)
  const deadline = openDeadline(1000, undefined, timeIsUp)
  clock.mockReturnValue(450)
  expect(deadline.elapsedMs()).toBe(400)
  clock.mockReturnValue(5450)
  expect(deadline.elapsedMs()).toBe(5400)
})

test("a deadline ends with its parent, for the parent's reason", () => {
  const parent = new AbortController()
  const deadline = openDeadline(1000, parent.signal, timeIsUp)
  const reason = new Error('interrupted')
  parent.abort(reason)
  expect(deadline.signal.reason).toBe(reason)
})

test('a deadline under a parent that has ended has ended', () => {
  const reason = new Error('interrupted')
  const deadline = openDeadline(1000, AbortSignal.abort(reason), timeIsUp)
  expect(deadline.signal.reason).toBe(reason)
  deadline.close(new Error('over'))
  expect(deadline.signal.reason).toBe(reason)
})

test('closing a deadline ends what still listens, for the reason given', () => {
  const deadline = openDeadline(1000, undefined, timeIsUp)
  const over = new Error('the run is over')
  deadline.close(over)
  expect(deadline.signal.reason).toBe(over)
})

test('a closed deadline leaves no timer and no listener behind', () => {
  const parent = new AbortController()
  const deadline = openDeadline(1000, parent.signal, timeIsUp)
  deadline.close(new Error('over'))
  expect(vi.getTimerCount()).toBe(0)
  expect(getEventListeners(parent.signal, 'abort')).toEqual([])
})

test('closing a deadline that has gone off does not change its reason', () => {
  const deadline = openDeadline(1000, undefined, timeIsUp)
  vi.advanceTimersByTime(1000)
  deadline.close(new Error('over'))
  expect(deadline.signal.reason).toEqual(new Error('time is up'))
})

test('a pause lasts as long as it says, and leaves no listener behind', async () => {
  const controller = new AbortController()
  let over = false
  const pausing = pause(500, controller.signal).then(() => {
    over = true
  })
  await vi.advanceTimersByTimeAsync(499)
  expect(over).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await pausing
  expect(over).toBe(true)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

test("a pause ends at once when it is aborted, for the signal's reason, and leaves no timer", async () => {
  const controller = new AbortController()
  const pausing = pause(60_000, controller.signal)
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(pausing).rejects.toBe(reason)
  expect(vi.getTimerCount()).toBe(0)
})

test('a pause under a signal that was aborted does not begin', async () => {
  await expect(pause(60_000, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
  expect(vi.getTimerCount()).toBe(0)
})

test('a pause longer than a timer can hold does not end at once', async () => {
  let over = false
  const month = 30 * 24 * 3600 * 1000
  void pause(month, never).then(() => {
    over = true
  })
  await vi.advanceTimersByTimeAsync(month - 1)
  expect(over).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(over).toBe(true)
})

test('a deadline later than a timer can hold goes off when it says', () => {
  const month = 30 * 24 * 3600 * 1000
  const deadline = openDeadline(month, undefined, timeIsUp)
  vi.advanceTimersByTime(month - 1)
  expect(deadline.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(deadline.signal.aborted).toBe(true)
  openDeadline(month, undefined, timeIsUp).close(new Error('over'))
  expect(vi.getTimerCount()).toBe(0)
})
