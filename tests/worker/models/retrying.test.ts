import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { retrying } from '../../../src/worker/models/retrying.ts'
import { type Model, ModelFailure, type ModelReply } from '../../../src/worker/rlm/ports.ts'
import { modelFailureOf, modelRequest, rejectionOf } from '../helpers/model-request.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const reply: ModelReply = { text: 'Yes.', usage: { inputTokens: 1, outputTokens: 1, costUsd: null } }
const overload = (message = 'HTTP 529') => new ModelFailure(message, { retryable: true })
const asks = (retryAfterMs: number) => new ModelFailure('HTTP 429', { retryable: true, retryAfterMs })

/** Fails with these, one a call, then answers; notes when it was asked and settled. */
function flaky(...failures: Error[]) {
  const log: string[] = []
  const askedAt: number[] = []
  const model: Model = {
    name: 'flaky',
    async complete() {
      askedAt.push(Date.now())
      log.push('asked')
      const failure = failures.shift()
      if (failure) throw failure
      return reply
    },
    settled: () => void log.push('settled'),
  }
  return {
    model: retrying(model),
    log,
    waits: () => askedAt.slice(1).map((at, index) => at - askedAt[index]!),
  }
}

/** Lets all timers run until the call has ended. */
async function end<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  await vi.runAllTimersAsync()
  return promise
}

test('an answer is passed on, as it is, after one call', async () => {
  const { model, log } = flaky()
  expect(await end(model.complete(modelRequest()))).toEqual(reply)
  expect(log).toEqual(['asked'])
})

test('a failure that may pass is asked again; what the last call left is settled before the next', async () => {
  const { model, log } = flaky(overload(), overload())
  expect(await end(model.complete(modelRequest()))).toEqual(reply)
  expect(log).toEqual(['asked', 'settled', 'asked', 'settled', 'asked'])
})

test('after five calls the last failure is the answer; that one is for the caller to settle', async () => {
  const failures = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map(overload)
  const { model, log } = flaky(...failures)
  expect(await end(modelFailureOf(model.complete(modelRequest())))).toMatchObject({ message: 'fifth' })
  expect(log.filter((entry) => entry === 'asked')).toHaveLength(5)
  expect(log.at(-1)).toBe('asked')
})

test('a failure that will not pass is not asked again, and keeps its words', async () => {
  const { model, log } = flaky(new ModelFailure('HTTP 401', { fix: 'Log in.', retryAfterMs: 5 }))
  const failure = await end(modelFailureOf(model.complete(modelRequest())))
  expect(failure).toMatchObject({
    code: 'model_invocation_failed',
    message: 'HTTP 401',
    fix: 'Log in.',
    usage: null,
    retryable: false,
    retryAfterMs: 5,
  })
  expect(log).toEqual(['asked'])
})

test.each([
  ['an error of another kind', new RlmsError('invalid_config', 'no model')],
  ['a defect', new TypeError('x is not a function')],
])('%s is not asked again', async (_, error) => {
  const { model, log } = flaky(error)
  expect(await end(rejectionOf(model.complete(modelRequest())))).toBe(error)
  expect(log).toEqual(['asked'])
})

test('the waits grow from call to call', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const { model, waits } = flaky(overload(), overload(), overload(), overload())
  await end(model.complete(modelRequest()))
  const [first = 0, ...later] = waits()
  expect(first).toBeGreaterThanOrEqual(100)
  expect(later).toEqual([first * 2, first * 4, first * 8])
})

test('the waits are not the same for all, and none is longer than half a minute', async () => {
  const waitsAt = async (random: number) => {
    vi.spyOn(Math, 'random').mockReturnValue(random)
    const { model, waits } = flaky(overload(), overload(), overload(), overload())
    await end(model.complete(modelRequest()))
    return waits()
  }
  const [short, long] = [await waitsAt(0), await waitsAt(0.999)]
  for (const [at, wait] of short.entries()) expect(long[at]).toBeGreaterThan(wait * 1.5)
  expect(Math.max(...long)).toBeLessThanOrEqual(30_000)
})

test.each([0, 0.5, 0.999])('what the other side asked for is a floor (jitter %d)', async (random) => {
  vi.spyOn(Math, 'random').mockReturnValue(random)
  const { model, waits } = flaky(asks(45_000), asks(20))
  await end(model.complete(modelRequest()))
  const [first = 0, second = 0] = waits()
  expect(first).toBeGreaterThanOrEqual(45_000)
  expect(first).toBeLessThan(46_000)
  expect(second).toBeGreaterThanOrEqual(20)
})

test('a wait ends at once when the call is cancelled, with the reason, and nothing is asked any more', async () => {
  const { model, log } = flaky(asks(60_000))
  const controller = new AbortController()
  const reason = new RlmsError('cancelled', 'interrupted by SIGINT')
  const asking = rejectionOf(model.complete(modelRequest({ signal: controller.signal })))
  await vi.advanceTimersByTimeAsync(30_000)
  controller.abort(reason)
  expect(await asking).toBe(reason)
  await vi.runAllTimersAsync()
  expect(log).toEqual(['asked', 'settled'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a wait that the end of the time cuts short tells what was waited for', async () => {
  const { model } = flaky(...Array.from({ length: 9 }, () => overload('m: overloaded')))
  const controller = new AbortController()
  const late = new RlmsError('limit_exceeded', 'time limit exceeded: 2 s allowed', 'Raise it.')
  setTimeout(() => controller.abort(late), 2000)
  const failure = rejectionOf(model.complete({ ...modelRequest(), signal: controller.signal }))
  await vi.advanceTimersByTimeAsync(2000)
  expect(await failure).toMatchObject({
    code: 'limit_exceeded',
    message: expect.stringMatching(
      /^time limit exceeded: 2 s allowed; asked (once|[2-9] times), at last m: /,
    ),
    fix: 'Raise it.',
  })
})

test('a call that failed because it was cancelled is not asked again', async () => {
  const controller = new AbortController()
  const reason = new RlmsError('cancelled', 'interrupted by SIGINT')
  const { model, log } = flaky(overload())
  controller.abort(reason)
  expect(await end(rejectionOf(model.complete(modelRequest({ signal: controller.signal }))))).toBe(reason)
  expect(log.filter((entry) => entry === 'asked')).toHaveLength(1)
})

const paid = (inputTokens: number, costUsd: number | null) =>
  new ModelFailure('HTTP 529', { retryable: true, usage: { inputTokens, outputTokens: 2, costUsd } })

test.each([
  ['with prices', [paid(100, 0.5), paid(10, 0.25)], 111, 5, 0.75],
  ['without', [paid(100, null), overload()], 101, 3, null],
])(
  'what attempts cost that failed is added to what the answer cost, %s',
  async (_, failures, input, output, usd) => {
    const { model } = flaky(...failures)
    const { usage } = await end(model.complete(modelRequest()))
    expect(usage).toEqual({ inputTokens: input, outputTokens: output, costUsd: usd })
  },
)

test('a failure tells what all its attempts cost', async () => {
  const { model } = flaky(paid(100, 0.5), paid(10, null), new ModelFailure('HTTP 401'))
  const { usage, message } = await end(modelFailureOf(model.complete(modelRequest())))
  expect([message, usage]).toEqual(['HTTP 401', { inputTokens: 110, outputTokens: 4, costUsd: 0.5 }])
})

test('the name stays, and a model that keeps nothing needs no settling', async () => {
  let calls = 0
  const model = retrying({
    name: 'bare',
    async complete() {
      if (calls++ === 0) throw overload()
      return reply
    },
  })
  expect(model.name).toBe('bare')
  expect(await end(model.complete(modelRequest()))).toEqual(reply)
})
