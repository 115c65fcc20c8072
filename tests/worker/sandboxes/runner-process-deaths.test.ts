// A runner that dies at any point, does nothing, or leaves others behind: its step settles, and nothing of it is left.
import { describe, expect, test, vi } from 'vitest'
import type { HostCall } from '../../../src/worker/rlm/ports.ts'
import { expectGone, pidOf, standIn, stepOf } from './helpers/stand-in.ts'

const never = new AbortController().signal

describe('a runner that dies', () => {
  const exit = (detail: string) => ({ op: 'died', why: 'exit', detail })
  const points: Record<string, [program: string, detail: string]> = {
    'when it gets the code': ['os._exit(0)', 'exit status 0'],
    'with a status': ['os._exit(7)', 'exit status 7'],
    'by a signal': ['os.kill(os.getpid(), signal.SIGKILL)', 'signal SIGKILL'],
    'in the middle of a header': ['write(frame("{}")[:3]); os._exit(1)', 'exit status 1'],
    'in the middle of the secret': ['write(frame("{}")[:10]); os._exit(1)', 'exit status 1'],
    'in the middle of a message': [
      'write(frame(json.dumps(done("forged")))[:-1]); os._exit(1)',
      'exit status 1',
    ],
    'while its call is answered': ['send(call(1)); os._exit(1)', 'exit status 1'],
    'when it has its answer': ['send(call(1)); receive(); os._exit(1)', 'exit status 1'],
    'in the middle of a text': [
      'write(frame(with_texts(done(None), b"x" * 100_000))[:-1]); os._exit(1)',
      'exit status 1',
    ],
    'while it reads its answer': ['send(call(1)); read(1000); os._exit(1)', 'exit status 1'],
    'having closed what it writes to': ['os.close(4); os._exit(1)', 'exit status 1'],
    'having closed what it reads from': [
      'send(call(1)); os.close(3); time.sleep(0.2); os._exit(1)',
      'exit status 1',
    ],
  }
  for (const [when, [program, detail]] of Object.entries(points)) {
    test(`${when} ends its step`, async () => {
      expect(await stepOf(program, { call: async () => 'a long answer '.repeat(1_000_000) })).toEqual(
        exit(detail),
      )
    })
  }

  test('at any byte of its last message ends its step', async () => {
    const length = 20 + '{"op": "done", "output": "", "length": 0, "error": null}'.length
    for (let at = 0; at < length; at += 7)
      expect(await stepOf(`write(frame(json.dumps(done()))[:${at}]); os._exit(1)`)).toEqual(
        exit('exit status 1'),
      )
  })

  test('between steps has the next one say how', async () => {
    const runner = await standIn('ready()\nreceive()\nsend(done("first"))\nos._exit(9)')
    expect(await runner.run('x', 10_000, never)).toMatchObject({ output: 'first' })
    await expectGone(pidOf(runner))
    await expect.poll(() => runner.run('x', 10_000, never)).toEqual(exit('exit status 9'))
  })

  test('before it took the whole code ends the step', async () => {
    const runner = await standIn('ready()\nread(1000)\nos._exit(4)')
    expect(await runner.run('x'.repeat(5_000_000), 10_000, never)).toEqual(exit('exit status 4'))
  })

  test('while its call is pending has that call called off', async () => {
    const calledOff = vi.fn()
    const call: HostCall = (_name, _args, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          calledOff()
          reject(signal.reason)
        })
      })
    expect(await stepOf('send(call(1))\ntime.sleep(0.1)\nos._exit(2)', { call })).toEqual(
      exit('exit status 2'),
    )
    expect(calledOff).toHaveBeenCalledOnce()
  })

  test('while its call is pending has the late answer, or the late error, go nowhere', async () => {
    for (const settle of ['resolve', 'reject'] as const) {
      let later = () => {}
      const end = await stepOf('send(call(1))\ntime.sleep(0.1)\nos._exit(2)', {
        call: () =>
          new Promise((resolve, reject) => {
            later = () => (settle === 'resolve' ? resolve('late') : reject(new Error('late')))
          }),
      })
      expect(end).toEqual(exit('exit status 2'))
      later()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })
})

describe('a runner that starts processes of its own', () => {
  test('has them ended with it, also when it is gone before them', async () => {
    for (const then of ['hang()', 'time.sleep(0.1); os._exit(0)']) {
      const runner = await standIn(
        `ready()\nreceive()\npid = os.fork()\nif pid == 0: hang()\nsend(done(str(pid)))\n${then}`,
      )
      const end = await runner.run('x', 10_000, never)
      if (then !== 'hang()') await expectGone(pidOf(runner))
      await runner.end()
      await expectGone(Number((end as { output: string }).output))
    }
  })
})

describe('a runner that does nothing', () => {
  const waiting: Record<string, string> = {
    'at all': 'hang()',
    'but call, and not read the answer': 'send(call(1)); hang()',
    'but send half a frame': 'write(frame(json.dumps(done()))[:30]); hang()',
    'but announce a large frame': 'write(struct.pack(">I", 64 << 20) + secret); hang()',
    'but close what it writes to': 'os.close(4); hang()',
    'but stop itself': 'os.kill(os.getpid(), signal.SIGSTOP)',
  }
  for (const [what, program] of Object.entries(waiting)) {
    test(`${what} is ended at the step's limit`, async () => {
      const runner = await standIn(
        `signal.signal(signal.SIGINT, signal.SIG_IGN)\nready()\nreceive()\n${program}`,
      )
      expect(await runner.run('x', 100, never)).toEqual({
        op: 'died',
        why: 'overrun',
        detail: 'it did not stop at its limit of 0.1 s',
      })
      await expectGone(pidOf(runner))
    })
  }
})
