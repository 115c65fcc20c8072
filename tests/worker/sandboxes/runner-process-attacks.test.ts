// A runner that was taken over: whatever it sends in the middle of a step, the step settles, no forged answer is taken,
// nothing hangs and nothing of it is left.
import { describe, expect, test, vi } from 'vitest'
import type { HostCall } from '../../../src/worker/rlm/ports.ts'
import { expectGone, pidOf, standIn, stepOf } from './helpers/stand-in.ts'

const never = new AbortController().signal
const outOfPlace = 'it sent a message that does not belong here'
const misfit = 'it sent a frame whose texts do not fit'
const tooMany = 'it sent a frame of too many values'

/** What a runner sends instead of an honest message, and how the host calls it. */
const misbehaviours: Record<string, [program: string, detail: string]> = {
  'bytes that are no frame': [
    'write(b"garbage and more garbage, twenty bytes"); hang()',
    'it sent a frame without the secret',
  ],
  'text as if it were standard output': [
    'write(b"\\n{\\"op\\": \\"done\\"}\\n" * 20); hang()',
    'it sent a frame without the secret',
  ],
  'a frame with a secret of its own': [
    'write(frame("{}", bytes(16))); hang()',
    'it sent a frame without the secret',
  ],
  'a good message with a wrong secret': [
    'write(frame(json.dumps(done("forged")), secret[::-1])); hang()',
    'it sent a frame without the secret',
  ],
  'a frame one byte above the limit': [
    'write(struct.pack(">I", (64 << 20) + 1) + secret); hang()',
    'it sent a frame of 67108865 bytes',
  ],
  'a frame of four gigabytes': [
    'write(b"\\xff" * 4 + secret); hang()',
    'it sent a frame of 4294967295 bytes',
  ],
  'a frame that is no JSON': ['write(frame("{not json")); hang()', 'it sent a frame that is no JSON'],
  'an empty frame': ['write(frame("")); hang()', 'it sent a frame that is no JSON'],
  'a frame that is no UTF-8': ['write(frame(b"\\"\\xff")); hang()', 'it sent a frame that is no JSON'],
  'texts behind a message that announces none': [
    'write(frame(json.dumps(done()) + "\\nforged")); hang()',
    misfit,
  ],
  'a text that is longer than what follows': [
    'write(frame(with_texts(done(None), b"x", places=[[["output"], 1 << 40]]))); hang()',
    misfit,
  ],
  'a text of a negative length': [
    'write(frame(with_texts(done(None), b"x", places=[[["output"], -1]]))); hang()',
    misfit,
  ],
  'more bytes than its texts have': ['write(frame(with_texts(done(None), b"x", places=[]))); hang()', misfit],
  'a text for a place that is taken': ['write(frame(with_texts(done("mine"), b"x"))); hang()', misfit],
  'a text for a prototype': [
    'write(frame(with_texts(done(None), b"x", places=[[["__proto__", "x"], 1]]))); hang()',
    misfit,
  ],
  'a frame of nothing but brackets': ['write(frame(b"[" * (20 << 20) + b"]" * (20 << 20))); hang()', tooMany],
  'a frame of nothing but empty values': [
    'write(frame(b"[" + b"{}," * (16 << 20) + b"1]")); hang()',
    tooMany,
  ],
  'arguments that are nested deeply': [
    'write(frame(json.dumps(call(1)).replace("\\"q\\"", "[" * 100_000 + "]" * 100_000))); hang()',
    outOfPlace,
  ],
  'an end with more output than is kept': ['send(done("x" * (9 << 20))); hang()', outOfPlace],
  'an end with an error of more text than fits in a prompt': [
    'send(done(error={"code": "code_error", "message": "x" * 40_000, "line": None})); hang()',
    outOfPlace,
  ],
  'a call of a function with an endless name': ['send(call(1, "f" * 1_000_000)); hang()', outOfPlace],
  'an unknown message': ['send({"op": "exec", "code": "1"}); hang()', outOfPlace],
  'a message without a kind': ['send({}); hang()', outOfPlace],
  null: ['send(None); hang()', outOfPlace],
  'a list': ['send([done("forged")]); hang()', outOfPlace],
  'a text': ['send("done"); hang()', outOfPlace],
  'an answer, as the host writes them': ['send({"ok": True, "value": 1}); hang()', outOfPlace],
  'that it is ready, again': ['ready(); hang()', outOfPlace],
  'its first call with the number 0': ['send(call(0)); hang()', outOfPlace],
  'its first call with the number 2': ['send(call(2)); hang()', outOfPlace],
  'a call with a negative number': ['send(call(-1)); hang()', outOfPlace],
  'a call whose number is a text': ['send(call("1")); hang()', outOfPlace],
  'a call whose number is no whole one': ['send(call(1.5)); hang()', outOfPlace],
  'a call without a name': ['send({"op": "call", "id": 1, "args": []}); hang()', outOfPlace],
  'a call whose name is no text': ['send(call(1, 5)); hang()', outOfPlace],
  'a call whose arguments are no list': ['send(call(1, "f", {"0": "q"})); hang()', outOfPlace],
  'a call that was answered, again': ['send(call(1)); receive(); send(call(1)); hang()', outOfPlace],
  'a call with a number it left out': ['send(call(1)); receive(); send(call(3)); hang()', outOfPlace],
  'two calls at once': ['send(call(1), call(2)); hang()', outOfPlace],
  'the same call twice at once': ['send(call(1), call(1)); hang()', outOfPlace],
  'a thousand calls at once': ['send(*[call(n) for n in range(1, 1001)]); hang()', outOfPlace],
  'that the step is done while a call is pending': ['send(call(1), done("forged")); hang()', outOfPlace],
  'an end whose output is a number': [
    'send({"op": "done", "output": 5, "length": 0, "error": None}); hang()',
    outOfPlace,
  ],
  'an end with a negative length': ['send(done(length=-1)); hang()', outOfPlace],
  'an end with a length that is no whole number': ['send(done(length=0.5)); hang()', outOfPlace],
  'an end without a word about an error': [
    'send({"op": "done", "output": "", "length": 0}); hang()',
    outOfPlace,
  ],
  'an end with an error code that steps do not have': [
    'send(done(error={"code": "worker_failure", "message": "x", "line": None})); hang()',
    outOfPlace,
  ],
  'an end with an error whose text is none': [
    'send(done(error={"code": "code_error", "message": None, "line": None})); hang()',
    outOfPlace,
  ],
  'an end with an error whose line is a text': [
    'send(done(error={"code": "code_error", "message": "x", "line": "5"})); hang()',
    outOfPlace,
  ],
}

describe('a runner that sends', () => {
  for (const [what, [program, detail]] of Object.entries(misbehaviours)) {
    test(`${what} is ended, and the step with it`, async () => {
      const runner = await standIn(`ready()\ncode = receive()["code"]\n${program}`)
      expect(await runner.run('x', 10_000, never)).toEqual({ op: 'died', why: 'violation', detail })
      await expectGone(pidOf(runner))
    })
  }

  test('too many calls has at most the first one answered', async () => {
    const call = vi.fn<HostCall>(async () => 'answer')
    await stepOf('send(*[call(n) for n in range(1, 101)]); hang()', { call })
    expect(call.mock.calls.length).toBeLessThanOrEqual(1)
  })

  test('without an end fills no memory of the host', async () => {
    const before = process.memoryUsage().rss
    const end = await stepOf('while True: write(b"x" * 1_000_000)')
    expect(end).toMatchObject({ why: 'violation', detail: 'it sent a frame without the secret' })
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6)
  })

  test('a flood to standard error has its step end as if it had not', async () => {
    const end = await stepOf(
      'os.write(2, b"x" * 65536)\nfor n in range(300): os.write(2, b"x" * 65536)\nsend(done("fine"))\nhang()',
    )
    expect(end).toMatchObject({ op: 'done', output: 'fine' })
  })

  test('a large output behind its message has it taken, half characters replaced', async () => {
    const end = await stepOf(
      'text = "ä€😀".encode() * 100_000 + b"\\xff"\nwrite(frame(with_texts(done(None, length=300_001), text)))\nhang()',
    )
    expect(end).toMatchObject({ op: 'done', output: `${'ä€😀'.repeat(100_000)}\ufffd` })
  })

  test('anything to standard output has it go nowhere', async () => {
    expect(
      await stepOf('print("FINAL forged")\nos.write(1, b"x" * 100_000)\nsend(done("fine"))\nhang()'),
    ).toMatchObject({ output: 'fine' })
  })

  test('names and arguments of any kind has them reach the host function as they are', async () => {
    const call = vi.fn<HostCall>(async () => null)
    await stepOf(
      'send(call(1, "__proto__", [{"__proto__": {"x": 1}}, None, [[]], 1e300]))\nreceive()\nsend(done())\nhang()',
      { call },
    )
    expect(call.mock.calls[0]?.[0]).toBe('__proto__')
    expect(JSON.stringify(call.mock.calls[0]?.[1])).toBe('[{"__proto__":{"x":1}},null,[[]],1e+300]')
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})

describe('between steps', () => {
  const unasked = {
    'a call': 'send(call(1))',
    'an end': 'send(done("forged"))',
    bytes: 'write(b"x" * 100)',
    'that it is ready': 'ready()',
  }
  for (const [what, program] of Object.entries(unasked)) {
    test(`a runner that sends ${what} unasked is ended, and the next step told`, async () => {
      const call = vi.fn<HostCall>(async () => 'answer')
      const runner = await standIn(`ready()\nreceive()\nsend(done("first"))\n${program}\nhang()`, { call })
      expect(await runner.run('x', 10_000, never)).toMatchObject({ output: 'first' })
      await expectGone(pidOf(runner))
      expect(await runner.run('x', 10_000, never)).toMatchObject({ op: 'died', why: 'violation' })
      expect(call).not.toHaveBeenCalled()
    })
  }

  test('an end that is sent twice does not end the next step as well', async () => {
    const runner = await standIn('ready()\nreceive()\nsend(done("first"), done("forged"))\nreceive()\nhang()')
    expect(await runner.run('x', 10_000, never)).toMatchObject({ output: 'first' })
    expect(await runner.run('y', 10_000, never)).toMatchObject({ op: 'died', why: 'violation' })
  })

  test('an end that comes before any step is not taken for it', async () => {
    const runner = await standIn('ready()\nsend(done("forged"))\nreceive()\nhang()')
    await expectGone(pidOf(runner))
    expect(await runner.run('x', 10_000, never)).toMatchObject({ op: 'died', why: 'violation' })
  })
})
