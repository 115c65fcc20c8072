// Calls of the host from code: what goes out and comes back, byte for byte, and how they fail.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { type HostCall, HostCallError, type Json } from '../../../src/worker/rlm/ports.ts'
import { isAlive, openSession, runnerProcesses } from './helpers/python-session.ts'

const sha256 = (text: string) => createHash('sha256').update(text, 'utf16le').digest('hex')

/** A text of every kind of character, as JavaScript and as Python source. */
const unit = 'line\nback\\slash \\n "quote" \'q\'\r\n ä€😀 \u2028\u0000\u001b\u007f \ud800 \udfff end '
const unitInPython = JSON.stringify(unit).replaceAll('\u2028', '\\u2028').replaceAll('\u007f', '\\u007f')

describe('a value', () => {
  test('of every kind of JSON comes back from the host and leaves again as it was', async () => {
    const values: Json = [
      null,
      true,
      false,
      0,
      -1,
      1.5,
      -0.25,
      1e300,
      5e-324,
      2 ** 53 - 1,
      -(2 ** 53 - 1),
      '',
      'ä',
      unit,
      [],
      {},
      [[]],
      { a: { b: [1, null] } },
      { '': 1, 'k\n': 2, ä: 3 },
    ]
    const { run, finals } = await openSession({ call: async () => values })
    for (let at = 0; at < values.length; at++) {
      const { error } = await run(`set_final(sub_rlm("q")[${at}])`)
      expect(error).toBeNull()
    }
    expect(JSON.stringify(finals)).toBe(JSON.stringify(values))
  })

  test('at random comes back and leaves again as it was', async () => {
    // integers that JSON readers would round leave as texts, by decision
    const isExact = (_key: string, value: unknown) =>
      typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? 1 : value
    const arbitrary = fc
      .jsonValue({ maxDepth: 5 })
      .map((value) => JSON.parse(JSON.stringify(value, isExact)) as Json)
    const values = fc.sample(arbitrary, 300)
    const { run, finals } = await openSession({ call: async () => values })
    expect((await run('set_final(sub_rlm("q"))')).error).toBeNull()
    expect(JSON.stringify(finals[0])).toBe(JSON.stringify(values))
  })

  test('that is an integer JSON would round leaves as its digits', async () => {
    const { run, finals } = await openSession()
    await run('set_final([123456789012345678, -2 ** 53, 2 ** 53 - 1, float("nan"), 1e400, (1, 2), {3}])')
    expect(finals).toEqual([
      ['123456789012345678', '-9007199254740992', 9007199254740991, 'nan', 'inf', [1, 2], [3]],
    ])
  })

  test('with a reserved name as its key makes nothing of it on the host', async () => {
    const { run, finals } = await openSession()
    await run('set_final({"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3})')
    expect(JSON.stringify(finals[0])).toBe('{"__proto__":{"polluted":1},"constructor":2,"toString":3}')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('that is too large or no value is an error of the code, and no call', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { run, output } = await openSession({ call })
    for (const value of ['"x" * (17 << 20)', '[0] * 200_000', 'object()', '2 ** 5000', 'b"bytes"', 'deep']) {
      const { error } = await run(`deep = []\nfor n in range(60): deep = [deep]\nsub_rlm(${value})`)
      expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    }
    expect(call).not.toHaveBeenCalled()
    expect(await output('print(sub_rlm("q"))')).toBe('None\n')
  })
})

describe('a prompt and a reply', () => {
  const count = Math.ceil(10_000_000 / unit.length)

  test('of ten million characters of every kind arrive as they were', async () => {
    const call = vi.fn<HostCall>(async (_name, args) => `${args[0]}!`)
    const { run, output } = await openSession({ call })
    await run(`unit = ${unitInPython}\nprompt = unit * ${count}\nreply = sub_rlm(prompt)`)
    expect(sha256(call.mock.calls[0]?.[1][0] as string)).toBe(sha256(unit.repeat(count)))
    expect(await output('print(reply == prompt + "!", len(reply))')).toBe(
      `True ${unit.length * count - count + 1}\n`,
    )
  })

  test('of every small size arrive as they were', async () => {
    const { output } = await openSession({ call: async (_name, args) => args[0] ?? null })
    const code = `unit = ${unitInPython}\nprint(all(sub_rlm(text) == text for n in range(300) for text in [(unit * 9)[:n], (unit * 9)[n:]]))`
    expect(await output(code)).toBe('True\n')
  })

  test('in lists keep their order', async () => {
    const { output } = await openSession({
      call: async (_name, [prompts]) => (prompts as string[]).map((prompt) => `re: ${prompt}`),
    })
    expect(await output('print(sub_rlm_batch(["a", "b", "c"]), llm_query_batched(["d"]))')).toBe(
      "['re: a', 're: b', 're: c'] ['re: d']\n",
    )
  })
})

describe('the arguments of a call', () => {
  test('are bound as a Python function binds them, in the order of the host', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { output } = await openSession({ call })
    await output(
      'sub_rlm("a")\nsub_rlm("b", 2)\nsub_rlm("c", context=["x"], depth=3)\nrlm_query(context="y", prompt="d")\nadd_citation("p", 1, 2, snippet="s")\nbudget()',
    )
    expect(call.mock.calls.map(([name, args]) => [name, ...args])).toEqual([
      ['sub_rlm', 'a', 1, null],
      ['sub_rlm', 'b', 2, null],
      ['sub_rlm', 'c', 3, ['x']],
      ['rlm_query', 'd', 'y'],
      ['add_citation', 'p', 1, 2, 'reference', 's'],
      ['budget'],
    ])
  })

  test('that are wrong are a TypeError in the code, and no call', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { run } = await openSession({ call })
    for (const code of [
      'sub_rlm()',
      'sub_rlm("a", 1, None, 4)',
      'sub_rlm("a", prompt="b")',
      'sub_rlm("a", model="x")',
      'budget(1)',
    ])
      expect((await run(code)).error?.message).toMatch(/^TypeError: (sub_rlm|budget)\(\) /)
    expect(call).not.toHaveBeenCalled()
  })

  test('name a chunk of a document by reference, and everything made of it by its text', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { output } = await openSession({ call, files: { 'a.txt': 'one\ntwo\nthree\n' } })
    await output(
      'c = chunks("a.txt", 8)\nsub_rlm("q", context=c[1])\nsub_rlm("q", context=[c[0], c[0][:3]])\nsub_rlm(c[0] + "?")',
    )
    expect(call.mock.calls.map(([, args]) => args[2] ?? args[0])).toEqual([
      { $span: ['a.txt', 8, 14] },
      [{ $span: ['a.txt', 0, 8] }, 'one'],
      'one\ntwo\n?',
    ])
  })
})

describe('a call that fails', () => {
  test('for the code can be caught and is told with its own code when it is not', async () => {
    const { run, output } = await openSession({
      call: async () => {
        throw new HostCallError('model_invocation_failed', 'the model "m" is overloaded\nsecond line')
      },
    })
    expect(await output('try: sub_rlm("q")\nexcept RuntimeError as e: print("caught", e)')).toBe(
      'caught the model "m" is overloaded\nsecond line\n',
    )
    expect((await run('x = 1\nsub_rlm("q")')).error).toEqual({
      code: 'model_invocation_failed',
      message: 'the model "m" is overloaded\nsecond line\n  line 2: sub_rlm("q")',
      line: 2,
      stateLost: false,
    })
  })

  test('because of a limit ends the step whatever the code does, and no further call is made in it', async () => {
    const call = vi.fn<HostCall>(async () => {
      throw new HostCallError('limit_exceeded', 'subcall limit exceeded')
    })
    const { run, output } = await openSession({ call })
    await output('from contextlib import suppress')
    const catchers = [
      'try: sub_rlm("q")\n    except Exception: pass',
      'try: sub_rlm("q")\n    except BaseException: pass',
      'with suppress(BaseException): sub_rlm("q")',
      'try: sub_rlm("q")\n    finally: continue',
    ]
    for (const catcher of catchers) {
      call.mockClear()
      const { error } = await run(`kept = 1\nfor n in range(3):\n    ${catcher}`)
      expect(error).toMatchObject({ code: 'limit_exceeded', stateLost: false })
      expect(error?.message.split('\n')[0]).toBe('subcall limit exceeded')
      expect(call).toHaveBeenCalledOnce()
    }
    expect(await output('print(kept)')).toBe('1\n')
  })

  test('for the run rejects with the very error and leaves no process', async () => {
    const broken = new RlmsError('worker_failure', 'the disk is full')
    const { run } = await openSession({
      call: async () => {
        throw broken
      },
    })
    const [pid] = await running(run)
    await expect(run('sub_rlm("q")')).rejects.toBe(broken)
    await expect.poll(() => isAlive(pid!)).toBe(false)
  })

  test('because it is cancelled rejects with the reason, tells the call, and leaves no process', async () => {
    const controller = new AbortController()
    const told = vi.fn()
    const { run } = await openSession({
      call: (_name, _args, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told(signal.reason)
            reject(signal.reason)
          })
          controller.abort(new Error('cancelled in a call'))
        }),
    })
    const [pid] = await running(run)
    await expect(run('sub_rlm("q")', 10_000, controller.signal)).rejects.toThrow('cancelled in a call')
    expect(told).toHaveBeenCalledWith(new Error('cancelled in a call'))
    await expect.poll(() => isAlive(pid!)).toBe(false)
  })
})

async function running(run: (code: string) => Promise<unknown>): Promise<number[]> {
  await run('pass')
  return runnerProcesses()
}
