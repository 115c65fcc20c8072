// The clock of a step counts execution only.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startStepClock } from '../../../src/worker/sandboxes/step-clock.ts'

// the fake timers move Date, not what node:perf_hooks gives
vi.mock('node:perf_hooks', () => ({ performance: { now: () => Date.now() } }))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a step that runs through its limit is told once', () => {
  const expired = vi.fn()
  startStepClock(1000, expired)
  vi.advanceTimersByTime(999)
  expect(expired).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(expired).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(10_000)
  expect(expired).toHaveBeenCalledOnce()
})

test('time that is paused does not count, however often', () => {
  const expired = vi.fn()
  const clock = startStepClock(1000, expired)
  for (let turn = 0; turn < 9; turn++) {
    vi.advanceTimersByTime(100)
    clock.pause()
    vi.advanceTimersByTime(60_000)
    clock.resume()
  }
  vi.advanceTimersByTime(99)
  expect(expired).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(expired).toHaveBeenCalledOnce()
})

test('a clock that was stopped never expires', () => {
  const expired = vi.fn()
  startStepClock(1000, expired).stop()
  vi.advanceTimersByTime(10_000)
  expect(expired).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test('a step whose time was used up before its pause expires right after it', () => {
  const expired = vi.fn()
  const clock = startStepClock(50, expired)
  vi.advanceTimersByTime(49)
  clock.pause()
  clock.resume()
  vi.advanceTimersByTime(2)
  expect(expired).toHaveBeenCalledOnce()
})
