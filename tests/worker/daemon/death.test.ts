// The daemon dies: before a lease, after it, between steps, in a step, in a call. The session goes on as if nothing had
// been, nothing is asked twice; where that can't be, the model is told that its variables are gone.
import { expect, test, vi } from 'vitest'
import { readRecord } from '../../../src/worker/daemon/record.ts'
import type { HostCall, Outcome } from '../../../src/worker/rlm/ports.ts'
import { isAlive, waitFor, waitUntilGone } from '../helpers/processes.ts'
import { openSession } from '../sandboxes/helpers/python-session.ts'
import { countedNative, type Daemon, familyOf, fromDaemon, startLab } from './helpers/daemon-lab.ts'

async function openOver(daemon: Daemon, call: HostCall = async () => 'answer') {
  const native = countedNative()
  const session = await openSession({
    open: fromDaemon(daemon.folder, native.open),
    files: { 'a.txt': 'some words' },
    call,
  })
  return { ...session, native }
}

async function killDaemon({ pid }: Daemon): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await waitUntilGone(pid)
}

const lost: Outcome = {
  output: '',
  outputLength: 0,
  error: {
    code: 'sandbox_lost',
    message: 'the runner is gone (the daemon died)',
    line: null,
    stateLost: true,
  },
}

test('dead before the lease: a process of its own is opened, and the daemon replaced', async () => {
  const daemon = await startLab()
  await killDaemon(daemon)
  const { output, native } = await openOver(daemon)
  expect(await output('print(context)')).toBe('some words\n')
  expect(native.count).toBe(1)
  await waitFor('another daemon', () => {
    const { pid } = readRecord(daemon.folder) ?? daemon
    return pid !== daemon.pid && isAlive(pid)
  })
  const next = await openOver(daemon)
  expect(await next.output('print(1)')).toBe('1\n')
  expect(next.native.count).toBe(0)
})

test('stopped on purpose: it stays so', async () => {
  const daemon = await startLab()
  const { output, native } = await openOver(daemon)
  process.kill(daemon.pid, 'SIGTERM')
  await waitUntilGone(daemon.pid)
  expect(await output('print(1)')).toBe('1\n')
  expect(native.count).toBe(1)
  expect(readRecord(daemon.folder)).toBeUndefined()
})

test('dead after the lease: the first step runs elsewhere', async () => {
  const daemon = await startLab()
  const { output, native } = await openOver(daemon)
  await killDaemon(daemon)
  expect(await output('print(context)')).toBe('some words\n')
  expect(native.count).toBe(1)
})

test('dead between steps: variables, functions, draws and answers are there again, and nothing is asked twice', async () => {
  const daemon = await startLab()
  const call = vi.fn<HostCall>(async (_, args) => `answer to ${String(args[0])}`)
  const { output, run, native } = await openOver(daemon, call)
  await output('import random\ndef f(n): return n * 2\nx = [f(2), random.random(), llm_query("one")]')
  expect((await run('y = x[2]\n1 / 0')).error?.message).toMatch(/^ZeroDivisionError/)
  const before = await output('print(x, y, f(4))')
  await killDaemon(daemon)
  expect(await output('print(x, y, f(4))')).toBe(before)
  expect(await output('print(llm_query("two"))')).toBe('answer to two\n')
  expect(call.mock.calls.map(([, args]) => args[0])).toEqual(['one', 'two'])
  expect(native.count).toBe(1)
})

test('dead in the middle of a step: the step is run again, with what was answered', async () => {
  const daemon = await startLab()
  const call = vi.fn<HostCall>(async (_, args) => `answer to ${String(args[0])}`)
  const { run, native } = await openOver(daemon, call)
  const step = run(
    'a = llm_query("one")\nfor n in range(20_000_000): pass\nprint(a, llm_query("two"))',
    60_000,
  )
  await waitFor('the first call', () => call.mock.calls.length === 1)
  await killDaemon(daemon)
  expect(await step).toMatchObject({ output: 'answer to one answer to two\n', error: null })
  expect(call.mock.calls.map(([, args]) => args[0])).toEqual(['one', 'two'])
  expect(native.count).toBe(1)
})

test('dead in the middle of a call: the call goes on, and its answer reaches the step', async () => {
  const daemon = await startLab()
  let answer: (value: string) => void = () => {}
  const call = vi.fn<HostCall>(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  const { run } = await openOver(daemon, call)
  const step = run('print(llm_query("slow"))')
  await waitFor('the call', () => call.mock.calls.length === 1)
  await killDaemon(daemon)
  answer('at last')
  expect(await step).toMatchObject({ output: 'at last\n', error: null })
  expect(call).toHaveBeenCalledTimes(1)
  expect(call.mock.calls[0]![2].aborted).toBe(false)
})

test('its nursery killed: the daemon ends, and the session goes on elsewhere', async () => {
  const daemon = await startLab()
  const { output } = await openOver(daemon)
  await output('x = 7')
  process.kill(familyOf(daemon.pid).nursery, 'SIGKILL')
  expect(await output('print(x)')).toBe('7\n')
  await waitUntilGone(daemon.pid)
})

test('dead after a step that came out by chance: the model is told that its variables are gone', async () => {
  const daemon = await startLab()
  const { output, run } = await openOver(daemon)
  await output('import time\nprint(time.time_ns())')
  await killDaemon(daemon)
  expect(await run('print(1)')).toEqual(lost)
  expect(await output('print("next")')).toBe('next\n')
})

test('dead after a step that asked by chance: nothing is answered that was not asked', async () => {
  const daemon = await startLab()
  const asked: unknown[] = []
  const { output, run } = await openOver(daemon, async (_, args) => {
    asked.push(args[0])
    return 'answer'
  })
  await output('import time\nx = llm_query(str(time.time_ns()))')
  await killDaemon(daemon)
  expect(await run('print(x)')).toEqual(lost)
  expect(asked).toHaveLength(1)
})

test('dead after a step that was interrupted: the model is told that its variables are gone', async () => {
  const daemon = await startLab()
  const { output, run } = await openOver(daemon)
  expect((await run('n = 0\nwhile True: n += 1', 200)).error?.message).toMatch(/^TimeoutError/)
  await killDaemon(daemon)
  expect(await run('print(n)')).toEqual(lost)
  expect(await output('print("next")')).toBe('next\n')
})

test('dead after more was said than is kept: the model is told that its variables are gone', async () => {
  const daemon = await startLab()
  const { output, run } = await openOver(daemon, async () => 'x'.repeat(17 << 20))
  await output('x = llm_query("a")')
  await output('y = llm_query("b")')
  await killDaemon(daemon)
  expect(await run('print(len(x))')).toEqual(lost)
})

test('dead after variables were lost already: what came since is there again', async () => {
  const daemon = await startLab({ workers: 1 })
  const { output, run } = await openOver(daemon)
  await waitFor('the worker', () => familyOf(daemon.pid).workers.length === 2)
  await output('import time\nprint(time.time_ns())')
  const step = run('while True: pass')
  setTimeout(() => process.kill(Math.min(...familyOf(daemon.pid).workers), 'SIGKILL'), 100)
  expect((await step).error?.stateLost).toBe(true)
  await output('z = 3')
  await killDaemon(daemon)
  expect(await output('print(z)')).toBe('3\n')
})

test('dead while a step is cancelled: it is cancelled', async () => {
  const daemon = await startLab()
  const { run } = await openOver(daemon)
  const controller = new AbortController()
  const step = run('while True: pass', 60_000, controller.signal)
  const ended = expect(step).rejects.toThrow('cancelled by a test')
  setTimeout(() => {
    controller.abort(new Error('cancelled by a test'))
    process.kill(daemon.pid, 'SIGKILL')
  }, 100)
  await ended
})

test('that hangs is not waited for long', async () => {
  const daemon = await startLab()
  process.kill(daemon.pid, 'SIGSTOP')
  try {
    const { output, native } = await openOver(daemon)
    expect(await output('print(1)')).toBe('1\n')
    expect(native.count).toBe(1)
  } finally {
    process.kill(daemon.pid, 'SIGCONT')
  }
})
