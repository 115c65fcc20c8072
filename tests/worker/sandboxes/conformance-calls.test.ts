// What holds in every sandbox: calls of the host, one, many, in loops and in batches, and how they fail.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { type HostCall, HostCallError, type Json } from '../../../src/worker/rlm/ports.ts'
import { type Backend, backends, codeFor } from './helpers/backends.ts'
import { isAlive } from './helpers/python-session.ts'

/** A loop that runs `body` for n from 0. */
function loop({ language }: Backend, count: number, body: string): string {
  return language === 'python'
    ? `for n in range(${count}): ${body}`
    : `for (let n = 0; n < ${count}; n++) { ${body} }`
}

/** Code that goes on whatever `body` raises. */
function caught({ language }: Backend, body: string): string {
  return language === 'python'
    ? `try: ${body}\nexcept Exception as e: print("caught", e)`
    : `try { ${body} } catch (e) { print("caught", e.message) }`
}

describe.each(backends)('in the sandbox of $name', (backend) => {
  test('calls in a loop are made one after the other, in order', async () => {
    const call = vi.fn<HostCall>(async (_name, [prompt]) => `re: ${prompt}`)
    const { output } = await backend.open({ call })
    const text = codeFor(backend, { python: 'str(n)', javascript: 'String(n)' })
    const printed = await output(loop(backend, 200, `print(sub_rlm("q" + ${text}))`))
    expect(printed).toBe(Array.from({ length: 200 }, (_, n) => `re: q${n}\n`).join(''))
    expect(call).toHaveBeenCalledTimes(200)
  })

  test('a batch is one call, and its answers keep their order', async () => {
    const call = vi.fn<HostCall>(async (_name, [prompts]) =>
      (prompts as string[]).map((prompt, at) =>
        at === 1 ? { error: 'failed', error_code: 'x' } : `re: ${prompt}`,
      ),
    )
    const { run, finals } = await backend.open({ call })
    await run('set_final([sub_rlm_batch(["a", "b", "c"]), llm_query_batched(["d"])])')
    expect(finals).toEqual([[['re: a', { error: 'failed', error_code: 'x' }, 're: c'], ['re: d']]])
    expect(call).toHaveBeenCalledTimes(2)
  })

  test('arguments arrive in the order of the host, by place and by name', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { output } = await backend.open({ call })
    await output(
      codeFor(backend, {
        python:
          'sub_rlm("a")\nsub_rlm("b", 2)\nsub_rlm("c", context=["x"], depth=3)\nrlm_query(context="y", prompt="d")\nadd_citation("p", 1, 2, snippet="s")\nbudget()\nFINAL_VAR\n',
        javascript:
          'sub_rlm("a")\nsub_rlm("b", 2)\nsub_rlm("c", {context: ["x"], depth: 3})\nrlm_query({context: "y", prompt: "d"})\nadd_citation("p", 1, 2, {snippet: "s"})\nbudget()\n',
      }),
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

  test('a hit and a chunk are given as what they stand for', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { output } = await backend.open({ call, files: { 'a.txt': 'one\ntwo\nthree\n' } })
    await output(
      'hit = grep("two")[0]\nc = chunks("a.txt", 8)\nsub_rlm_batch(["q"], hit)\nsub_rlm("q", 2, [c[1], c[0]])',
    )
    const hit = { path: 'a.txt', start_line: 2, end_line: 2, signal: 'regex_match', snippet: 'two' }
    expect(call.mock.calls.map(([, args]) => args)).toEqual([
      [['q'], hit, 1],
      ['q', 2, [{ $span: ['a.txt', 8, 14] }, { $span: ['a.txt', 0, 8] }]],
    ])
  })

  test('what is made of a chunk is given as its text', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { output } = await backend.open({ call, files: { 'a.txt': 'one\ntwo\nthree\n' } })
    await output(
      codeFor(backend, {
        python: 'c = chunks("a.txt", 8)\nsub_rlm(c[0] + "?", 1, [c[0][:3]])',
        javascript: 'const c = chunks("a.txt", 8)\nsub_rlm(c[0] + "?", 1, [c[0].slice(0, 3)])',
      }),
    )
    expect(call.mock.calls.map(([, args]) => args)).toEqual([['one\ntwo\n?', 1, ['one']]])
  })

  test('wrong arguments are a TypeError in the code, and no call', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { run } = await backend.open({ call })
    for (const code of ['sub_rlm()', 'sub_rlm("a", 1, [], 4)', 'budget(1)', 'set_final()'])
      expect((await run(code)).error?.message).toMatch(/^TypeError: (sub_rlm|budget|set_final)\(\) /)
    expect(call).not.toHaveBeenCalled()
  })

  test('final values are given by every name for it', async () => {
    const { run, finals } = await backend.open()
    for (const code of ['set_final(1)', 'FINAL(2)', 'x = 3\nFINAL_VAR("x")', 'SUBMIT(4)'])
      expect((await run(code)).error).toBeNull()
    expect(finals).toEqual([1, 2, 3, 4])
    expect((await run('FINAL_VAR("y")')).error?.message).toMatch(
      /there is no variable ['"]y['"]; there are: x\n/,
    )
  })

  test('show_vars names the variables, and nothing of the sandbox', async () => {
    const { run, finals } = await backend.open({ files: { 'a.txt': 'x' } })
    await run(
      codeFor(backend, {
        python: 'text = "abc"\nitems = [1, 2]\ndef f(): pass',
        javascript: 'const text = "abc", items = [1, 2]\nfunction f() {}',
      }),
    )
    await run('set_final(show_vars())')
    expect(Object.keys(finals[0] as object).sort()).toEqual(['f', 'items', 'text'])
    expect(finals[0]).toMatchObject({
      text: expect.stringMatching(/, 3 characters$/),
      items: expect.stringMatching(/, 2 items$/),
    })
  })

  test('what fails for the code can be caught, and is told with its code when it is not', async () => {
    const { run, output } = await backend.open({
      call: async () => {
        throw new HostCallError('model_invocation_failed', 'the model "m" is overloaded\nsecond line')
      },
    })
    expect(await output(caught(backend, 'sub_rlm("q")'))).toBe(
      'caught the model "m" is overloaded\nsecond line\n',
    )
    expect((await run('x = 1\nsub_rlm("q")')).error).toEqual({
      code: 'model_invocation_failed',
      message: 'the model "m" is overloaded\nsecond line\n  line 2: sub_rlm("q")',
      line: 2,
      stateLost: false,
    })
  })

  test('a limit ends the step whatever its code does, and no further call is made in it', async () => {
    const call = vi.fn<HostCall>(async () => {
      throw new HostCallError('limit_exceeded', 'subcall limit exceeded')
    })
    const { run, output } = await backend.open({ call })
    const { error } = await run(
      codeFor(backend, {
        python:
          'kept = 1\nfor n in range(3):\n    try: sub_rlm("q")\n    except Exception: pass\n    finally: continue',
        javascript:
          'const kept = 1\nfor (let n = 0; n < 3; n++) { try { sub_rlm("q") } catch (e) {} finally { continue } }',
      }),
    )
    expect(error).toMatchObject({ code: 'limit_exceeded', stateLost: false })
    expect(error?.message.split('\n')[0]).toBe('subcall limit exceeded')
    expect(call).toHaveBeenCalledOnce()
    expect(await output('print(kept)')).toBe('1\n')
  })

  test('what fails for the run rejects with the very error, and leaves no process', async () => {
    const broken = new RlmsError('worker_failure', 'the disk is full')
    const { run } = await backend.open({
      call: async () => {
        throw broken
      },
    })
    await run('x = 1')
    const [pid] = backend.runners()
    await expect(run('sub_rlm("q")')).rejects.toBe(broken)
    await expect.poll(() => isAlive(pid!)).toBe(false)
  })

  test('a step that is cancelled in a call rejects with the reason, tells the call, and leaves no process', async () => {
    const controller = new AbortController()
    const told = vi.fn()
    const { run } = await backend.open({
      call: (_name, _args, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told(signal.reason)
            reject(signal.reason)
          })
          controller.abort(new Error('cancelled in a call'))
        }),
    })
    await run('x = 1')
    const [pid] = backend.runners()
    await expect(run('sub_rlm("q")', 10_000, controller.signal)).rejects.toThrow('cancelled in a call')
    expect(told).toHaveBeenCalledWith(new Error('cancelled in a call'))
    await expect.poll(() => isAlive(pid!)).toBe(false)
  })

  test('the host is not held up while code runs or waits', async () => {
    const { run } = await backend.open({ call: () => sleep(300, 'late' as Json) })
    let turns = 0
    const timer = setInterval(() => turns++, 10)
    const busy = codeFor(backend, {
      python:
        'import time\nt = time.monotonic()\nwhile time.monotonic() - t < 0.3: pass\nprint(sub_rlm("q"))',
      javascript: 'const t = Date.now()\nwhile (Date.now() - t < 300);\nprint(sub_rlm("q"))',
    })
    expect((await run(busy)).output).toBe('late\n')
    clearInterval(timer)
    expect(turns).toBeGreaterThan(10)
  })

  test('sessions beside each other know nothing of each other', async () => {
    const sessions = await Promise.all([1, 2, 3].map((n) => backend.open({ call: async () => n })))
    await Promise.all(sessions.map(({ run }, at) => run(`own = ${at}`)))
    const printed = await Promise.all(sessions.map(({ output }) => output('print(own, sub_rlm("q"))')))
    expect(printed).toEqual(['0 1\n', '1 2\n', '2 3\n'])
  })
})
