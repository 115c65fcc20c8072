// The conversation with a runner that keeps to the protocol: started, asked, answered, interrupted, ended.
import { expect, test, vi } from 'vitest'
import { HostCallError, type Json } from '../../../src/worker/rlm/ports.ts'
import { startRunner } from '../../../src/worker/sandboxes/runner-process.ts'
import { expectGone, pidOf, standIn, standInCommand, stepOf } from './helpers/stand-in.ts'

const never = new AbortController().signal

test('a runner gets its setup, the environment it is given, a group of its own and the private descriptors only', async () => {
  const runner = await standIn(
    `
ready()
receive()
def is_open(descriptor):
    try: os.fstat(descriptor); return True
    except OSError: return False
send(done(json.dumps([setup, dict(os.environ), os.getcwd(), os.getpgid(0) == os.getpid(), [n for n in range(20) if is_open(n)]])))
hang()
`,
    { setup: { memory_bytes: 5, documents: [['ä', 0]] } },
  )
  const end = await runner.run('x', 10_000, never)
  const [setup, environment, folder, leads, open] = JSON.parse((end as { output: string }).output) as Json[]
  expect(setup).toEqual({ memory_bytes: 5, documents: [['ä', 0]] })
  expect({ ...(environment as object), LC_CTYPE: undefined }).toEqual({ GIVEN: 'this' })
  expect([folder, leads, open]).toEqual(['/', true, [0, 1, 2, 3, 4, 5]])
})

test('two runners have different secrets', async () => {
  const tell = 'ready()\nreceive()\nsend(done(secret.hex()))\nhang()'
  const ends = await Promise.all(
    [standIn(tell), standIn(tell)].map(async (runner) => (await runner).run('x', 10_000, never)),
  )
  const secrets = ends.map((end) => (end as { output: string }).output)
  expect(secrets[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(secrets[0]).not.toBe(secrets[1])
})

test('steps are run one after the other with their code as it was given', async () => {
  const runner = await standIn('ready()\nwhile True: send(done(receive()["code"]))')
  for (const code of ['print(1)', '', 'a\r\nb\\n\0', 'ä€😀\u2028', 'x'.repeat(1_000_000)])
    expect(await runner.run(code, 10_000, never)).toEqual({
      op: 'done',
      output: code,
      length: [...code].length,
      error: null,
    })
})

test('calls are answered one by one and their answers are for this call', async () => {
  const call = vi.fn(async (name: string, args: Json[]) => [name, ...args])
  const end = await stepOf(
    `
got = []
for number in range(1, 4):
    send(call(number, "f%d" % number, [number, {"k": None}]))
    got.append(receive())
send(done(json.dumps(got)))
hang()
`,
    { call },
  )
  expect(JSON.parse((end as { output: string }).output)).toEqual([
    { ok: true, value: ['f1', 1, { k: null }] },
    { ok: true, value: ['f2', 2, { k: null }] },
    { ok: true, value: ['f3', 3, { k: null }] },
  ])
  expect(call).toHaveBeenCalledTimes(3)
})

test('a host call that fails for the code says so and whether it can be swallowed', async () => {
  const errors = [
    new HostCallError('model_invocation_failed', 'overloaded'),
    new HostCallError('code_error', 'no text'),
    new HostCallError('limit_exceeded', 'subcall limit exceeded'),
    new HostCallError('sandbox_violation', 'no such function'),
  ]
  const end = await stepOf(
    'got = []\nfor number in range(1, 5):\n    send(call(number))\n    got.append(receive())\nsend(done(json.dumps(got)))\nhang()',
    {
      call: async () => {
        throw errors.shift()
      },
    },
  )
  expect(JSON.parse((end as { output: string }).output)).toEqual([
    { ok: false, code: 'model_invocation_failed', error: 'overloaded', final: false },
    { ok: false, code: 'code_error', error: 'no text', final: false },
    { ok: false, code: 'limit_exceeded', error: 'subcall limit exceeded', final: true },
    { ok: false, code: 'sandbox_violation', error: 'no such function', final: true },
  ])
})

test('a host call that fails for the run ends the step with its own error, and the runner', async () => {
  const runner = await standIn('ready()\nreceive()\nsend(call(1))\nhang()', {
    call: async () => {
      throw new RangeError('the machine broke')
    },
  })
  await expect(runner.run('x', 10_000, never)).rejects.toThrow(new RangeError('the machine broke'))
  await expectGone(pidOf(runner))
  expect(await runner.run('x', 10_000, never)).toEqual({
    op: 'died',
    why: 'exit',
    detail: 'ended by the host',
  })
})

test('the clock stands still while a call is answered', async () => {
  const end = await stepOf('send(call(1))\nreceive()\nsend(done("in time"))\nhang()', {
    limitMs: 300,
    call: () => new Promise((resolve) => setTimeout(() => resolve('late'), 900)),
  })
  expect(end).toMatchObject({ op: 'done', output: 'in time' })
})

test('a step that overruns is interrupted and may still end by itself', async () => {
  const end = await stepOf(
    'def stop(*args): send(done("interrupted")); hang()\nsignal.signal(signal.SIGINT, stop)\nhang()',
    { limitMs: 200 },
  )
  expect(end).toMatchObject({ op: 'done', output: 'interrupted' })
})

test('a step whose time is up calls nothing any more', async () => {
  const call = vi.fn(async () => 'answer')
  const end = await stepOf(
    'def stop(*args): send(call(1)); send(done(json.dumps(receive()))); hang()\nsignal.signal(signal.SIGINT, stop)\nhang()',
    { limitMs: 200, call },
  )
  expect(JSON.parse((end as { output: string }).output)).toEqual({
    ok: false,
    code: 'code_error',
    error: "TimeoutError: the step's time limit is reached",
    final: true,
  })
  expect(call).not.toHaveBeenCalled()
})

test('a step that ignores its interruption is ended', async () => {
  const runner = await standIn('signal.signal(signal.SIGINT, signal.SIG_IGN)\nready()\nreceive()\nhang()')
  expect(await runner.run('x', 200, never)).toEqual({
    op: 'died',
    why: 'overrun',
    detail: 'it did not stop at its limit of 0.2 s',
  })
  await expectGone(pidOf(runner))
})

test('a step that was interrupted and ended leaves no clock behind that ends the next', async () => {
  const runner = await standIn(
    `
def stop(*args): raise KeyboardInterrupt
signal.signal(signal.SIGINT, stop)
ready()
while True:
    code = receive()["code"]
    try:
        if code == "long": time.sleep(60)
        else: time.sleep(1.5)
        send(done(code))
    except KeyboardInterrupt: send(done("interrupted"))
`,
  )
  expect(await runner.run('long', 100, never)).toMatchObject({ output: 'interrupted' })
  expect(await runner.run('short', 10_000, never)).toMatchObject({ output: 'short' })
})

test('a step that is cancelled rejects with the reason and ends the runner', async () => {
  for (const program of ['hang()', 'send(call(1))\nreceive()\nhang()']) {
    const runner = await standIn(`ready()\nreceive()\n${program}`, {
      call: (_name, _args, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    const controller = new AbortController()
    const step = runner.run('x', 10_000, controller.signal)
    setTimeout(() => controller.abort(new Error('cancelled by a test')), 100)
    await expect(step).rejects.toThrow('cancelled by a test')
    await expectGone(pidOf(runner))
  }
})

test('a step that is cancelled before it begins rejects with the reason', async () => {
  const runner = await standIn('ready()\nhang()')
  await expect(runner.run('x', 10_000, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
})

test('a runner that is not wanted any more is not started', async () => {
  const start = startRunner(
    { argv: standInCommand('ready()\nhang()'), env: {}, pack: 0, setup: {}, call: async () => null },
    AbortSignal.abort(new Error('too late')),
  )
  await expect(start).rejects.toThrow('too late')
})

test('ending a runner leaves no process, also twice', async () => {
  const runner = await standIn('ready()\nhang()')
  await runner.end()
  await runner.end()
  await expectGone(pidOf(runner))
})
