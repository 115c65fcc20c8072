// The life of runner processes: killed from outside, replaced, cancelled, closed; none is left, and no call waits for one.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { isAlive, openSession, runnerProcesses, temporaryFolder } from './helpers/python-session.ts'

const lost = (detail: string) => ({
  output: '',
  outputLength: 0,
  error: { code: 'sandbox_lost', message: `the runner is gone (${detail})`, line: null, stateLost: true },
})

/** The one runner of this test, once it has run a step. */
async function theRunner(run: (code: string) => Promise<unknown>): Promise<number> {
  await run('pass')
  const [pid] = runnerProcesses()
  return pid!
}

test('a runner that was killed between steps is replaced, and the loss is told once', async () => {
  const { run, output } = await openSession()
  await output('lost = 1')
  const pid = await theRunner(run)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => isAlive(pid)).toBe(false)
  expect(await run('print(lost)')).toEqual(lost('signal SIGKILL'))
  expect((await run('print(lost)')).error?.message).toMatch(/^NameError: /)
  expect(await output('print("new")')).toBe('new\n')
})

test('a runner that is killed during a step ends the step', async () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const { run } = await openSession()
    const pid = await theRunner(run)
    const step = run('while True: pass')
    setTimeout(() => process.kill(pid, signal), 100)
    expect(await step).toEqual(lost(`signal ${signal}`))
  }
})

test('a runner that is killed while its call is answered ends the step, and the late answer goes nowhere', async () => {
  let answer = () => {}
  const called = withResolvers()
  const { run, output } = await openSession({
    call: () =>
      new Promise((resolve) => {
        answer = () => resolve('late')
        called.resolve(undefined)
      }),
  })
  const pid = await theRunner(run)
  const step = run('print(sub_rlm("q"))')
  await called.promise
  process.kill(pid, 'SIGKILL')
  expect(await step).toEqual(lost('signal SIGKILL'))
  const next = output('print("next")')
  answer()
  expect(await next).toBe('next\n')
})

test('a runner that is killed ten times over is replaced ten times', async () => {
  const { run, output } = await openSession()
  for (let round = 0; round < 10; round++) {
    expect(await output(`print(${round})`)).toBe(`${round}\n`)
    process.kill(await theRunner(run), 'SIGKILL')
    await run('pass')
  }
  expect(runnerProcesses().length).toBeLessThanOrEqual(1)
})

test('closing a sandbox leaves no process, whatever it was doing', async () => {
  for (const code of [undefined, 'print(1)', '1 / 0', 'import os']) {
    const { run, sandbox } = await openSession()
    if (code) await run(code)
    await sandbox.close()
    await sandbox.close()
    await expect.poll(() => runnerProcesses()).toEqual([])
  }
})

test('closing a sandbox in the middle of a step ends the step', async () => {
  const { run, sandbox } = await openSession()
  await run('pass')
  const step = run('while True: pass')
  setTimeout(() => void sandbox.close(), 100)
  expect(await step).toEqual(lost('ended by the host'))
  await expect.poll(() => runnerProcesses()).toEqual([])
})

test('cancelling a step rejects with the reason at once and leaves no process', async () => {
  const { run } = await openSession()
  await run('pass')
  for (const code of ['while True: pass', 'sum(range(10 ** 13))', 'import time\ntime.sleep(60)']) {
    const controller = new AbortController()
    const step = run(code, 60_000, controller.signal)
    const began = Date.now()
    setTimeout(() => controller.abort(new Error('cancelled by a test')), 100)
    await expect(step).rejects.toThrow('cancelled by a test')
    expect(Date.now() - began).toBeLessThan(10_000)
    await expect.poll(() => runnerProcesses()).toEqual([])
    await run('pass')
  }
})

test('a step that is cancelled before it begins does not run', async () => {
  const { run, output } = await openSession()
  await output('ran = False')
  await expect(run('ran = True', 1000, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
})

test('opening a sandbox that is not wanted any more rejects with the reason and leaves no process', async () => {
  await expect(openSession({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  const controller = new AbortController()
  const opened = openSession({ signal: controller.signal })
  setTimeout(() => controller.abort(new Error('cancelled while it started')), 10)
  await expect(opened).rejects.toThrow('cancelled while it started')
  await expect.poll(() => runnerProcesses()).toEqual([])
})

test('an interpreter that cannot run the sandbox is refused with what it says and a fix', async () => {
  const path = join(temporaryFolder(), 'python3')
  writeFileSync(path, `#!${findPython().path} -IS\nimport sys\nsys.exit("no module named _json")\n`)
  chmodSync(path, 0o755)
  const error = await openSession({ settings: { python: { path, version: [3, 11] } } }).catch(
    (refused: RlmsError) => refused,
  )
  expect(error).toBeInstanceOf(RlmsError)
  expect(error).toMatchObject({
    code: 'sandbox_unavailable',
    message: `${path} cannot run the sandbox: exit status 1: no module named _json`,
    fix: 'Try another interpreter with SUPERLOOP_RLMS_PYTHON.',
  })
})

test('an interpreter that is gone is refused', async () => {
  const path = join(temporaryFolder(), 'python3')
  await expect(openSession({ settings: { python: { path, version: [3, 11] } } })).rejects.toThrow(
    `${path} cannot run the sandbox: spawn ${path} ENOENT`,
  )
})

test('a host that is killed takes its runner with it, idle or busy', async () => {
  for (const code of ['pass', 'while True: pass']) {
    const host = startHost(code)
    await expect.poll(() => runnerProcesses(host.pid), { timeout: 10_000 }).toHaveLength(1)
    const [pid] = runnerProcesses(host.pid)
    await host.ready
    host.kill()
    await expect.poll(() => isAlive(pid!), { timeout: 5000 }).toBe(false)
  }
})

const hostProgram = (code: string) => `
  import { nativePython } from './sandboxes/native-python.ts'
  const documents = { list: [], packSize: 0, descriptor: 0 }
  const { signal } = new AbortController()
  const open = nativePython({ require: 'kernel', timeoutSeconds: 60 })
  open({ documents, functions: [], call: async () => null, signal }).then(async (sandbox) => {
    const step = sandbox.execute(${JSON.stringify(code)}, 60_000, signal)
    console.log('ready')
    await step
    setInterval(() => {}, 60_000)
  })`

/** A process of its own that opens a sandbox, runs `code` in it, and stays. */
function startHost(code: string) {
  const sources = join(import.meta.dirname, '../../../src/worker')
  const program = join(temporaryFolder(), 'host.cjs')
  execFileSync(
    join(sources, '../../node_modules/.bin/esbuild'),
    [
      '--bundle',
      '--platform=node',
      '--format=cjs',
      '--loader=ts',
      '--log-level=error',
      `--outfile=${program}`,
      `--define:import.meta.dirname=${JSON.stringify(join(sources, 'sandboxes'))}`,
    ],
    { cwd: sources, input: hostProgram(code) },
  )
  const host = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void host.kill('SIGKILL'))
  return { pid: host.pid!, ready: once(host.stdout, 'data'), kill: () => host.kill('SIGKILL') }
}

function withResolvers() {
  let resolve: (value: unknown) => void = () => {}
  const promise = new Promise((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
