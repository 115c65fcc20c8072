// Before a runner is ready: what it sends, prints or leaves out, starting it ends with a word about why, and leaves nothing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { HostCall } from '../../../src/worker/rlm/ports.ts'
import { startRunner } from '../../../src/worker/sandboxes/runner-process.ts'
import { temporaryFolder } from './helpers/python-session.ts'
import { expectGone, standIn } from './helpers/stand-in.ts'

const notReady: Record<string, [program: string, message: string]> = {
  garbage: ['write(b"x" * 100); hang()', 'it sent a frame without the secret: it printed nothing'],
  'a frame with another secret': [
    'write(frame("{}", bytes(16))); hang()',
    'it sent a frame without the secret: it printed nothing',
  ],
  'a frame that is too large': [
    'write(b"\\xff" * 4 + secret); hang()',
    'it sent a frame of 4294967295 bytes: it printed nothing',
  ],
  'an end of a step': [
    'send(done("forged")); hang()',
    'it sent a message that does not belong here: it printed nothing',
  ],
  'a call': ['send(call(1)); hang()', 'it sent a message that does not belong here: it printed nothing'],
  'that it is ready without saying how it is locked': [
    'send({"op": "ready", "python": "3"}); hang()',
    'it sent a message that does not belong here: it printed nothing',
  ],
  'that it is locked in words of its own': [
    'send({"op": "ready", "python": "3", "kernel": {"seccomp": "yes", "landlock": 0}}); hang()',
    'it sent a message that does not belong here: it printed nothing',
  ],
  'half a frame and dies': ['write(frame("{}")[:9]); os._exit(3)', 'exit status 3: it printed nothing'],
  'nothing and dies': ['os._exit(0)', 'exit status 0: it printed nothing'],
  'nothing and is killed': ['os.kill(os.getpid(), signal.SIGKILL)', 'signal SIGKILL: it printed nothing'],
  'words of why and dies': [
    'os.write(2, "kein Modul: ä\\n".encode()); os._exit(1)',
    'exit status 1: kein Modul: ä',
  ],
}

describe('starting a runner that sends', () => {
  for (const [what, [program, message]] of Object.entries(notReady)) {
    test(`${what} is refused with the reason`, async () => {
      const call = vi.fn<HostCall>(async () => null)
      await expect(standIn(program, { call })).rejects.toThrow(new Error(message))
      expect(call).not.toHaveBeenCalled()
    })
  }

  test('a flood of words and dies shows the first of them only', async () => {
    const started = standIn('for n in range(200): os.write(2, b"x" * 10_000)\nos._exit(1)')
    const { message } = await started.then(
      () => new Error('it started'),
      (error: Error) => error,
    )
    expect(message).toMatch(/^exit status 1: x+$/)
    expect(message.length).toBeLessThan(200_000)
  })
})

describe('starting a runner', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('that never gets ready is given up after 20 s, and ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const pidFile = join(temporaryFolder(), 'pid')
    const started = standIn(`open(${JSON.stringify(pidFile)}, "w").write(str(os.getpid()))\nhang()`)
    const refused = expect(started).rejects.toThrow(new Error('it was not ready after 20 s'))
    const pid = await untilWritten(pidFile)
    vi.advanceTimersByTime(20_000)
    await refused
    vi.useRealTimers()
    await expectGone(pid)
  })

  test('that is cancelled meanwhile rejects with the reason, and leaves no process', async () => {
    const pidFile = join(temporaryFolder(), 'pid')
    const controller = new AbortController()
    const started = standIn(`open(${JSON.stringify(pidFile)}, "w").write(str(os.getpid()))\nhang()`, {
      signal: controller.signal,
    })
    const refused = expect(started).rejects.toThrow('cancelled by a test')
    const pid = await untilWritten(pidFile)
    controller.abort(new Error('cancelled by a test'))
    await refused
    await expectGone(pid)
  })

  test('whose program is not there is refused with the reason', async () => {
    const program = join(temporaryFolder(), 'nosuch')
    const started = startRunner(
      { argv: [program], env: {}, pack: 0, setup: {}, call: async () => null },
      new AbortController().signal,
    )
    await expect(started).rejects.toThrow(`spawn ${program} ENOENT: it printed nothing`)
  })

  test('many at a time gives each its own', async () => {
    const runners = await Promise.all(
      Array.from({ length: 8 }, () => standIn('ready()\nwhile True: send(done(receive()["code"]))')),
    )
    const outputs = await Promise.all(
      runners.map(async (runner, at) => runner.run(`code ${at}`, 10_000, new AbortController().signal)),
    )
    expect(outputs.map((end) => (end as { output: string }).output)).toEqual(
      runners.map((_, at) => `code ${at}`),
    )
  })
})

async function untilWritten(file: string): Promise<number> {
  for (;;) {
    try {
      const pid = Number(readFileSync(file, 'utf8'))
      if (pid > 0) return pid
    } catch {
      // not yet
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}
