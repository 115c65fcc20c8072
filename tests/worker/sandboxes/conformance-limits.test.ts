// What holds in every sandbox: limits of time, memory, stack and output, whatever the code does.
import { describe, expect, test } from 'vitest'
import { backends, type Code, codeFor } from './helpers/backends.ts'
import { isAlive, residentBytes } from './helpers/python-session.ts'

const interrupted =
  "TimeoutError: the step's time limit is reached; do less in one step, or read less at once"

describe.each(backends)('in the sandbox of $name', (backend) => {
  const write = (code: Code) => codeFor(backend, code)

  test.each<[what: string, code: Code]>([
    ['a loop', { python: 'while True: pass', javascript: 'while (true);' }],
    [
      'a loop that catches everything',
      {
        python: 'while True:\n    try:\n        while True: pass\n    except BaseException: pass',
        javascript: 'while (true) { try { while (true); } catch (e) {} finally { continue } }',
      },
    ],
    [
      'a regular expression that does not end',
      {
        python: 'import re\nre.match(r"(a+)+$", "a" * 40 + "b")',
        javascript: '/(a+)+$/.test("a".repeat(40) + "b")',
      },
    ],
    [
      'a generator without an end',
      {
        python: 'def g():\n    while True: yield 1\nfor n in g(): pass',
        javascript: 'function* g() { while (true) yield 1 }\nfor (const n of g());',
      },
    ],
    [
      'a loop of prints',
      { python: 'while True: print("x" * 100)', javascript: 'while (true) print("x".repeat(100))' },
    ],
    ['a loop of calls', { python: 'while True: budget()', javascript: 'while (true) budget()' }],
    [
      'a sort that never ends',
      {
        python: 'def forever(x):\n    while True: pass\nsorted([1, 2], key=forever)',
        javascript: '[1, 2].sort(() => { while (true); })',
      },
    ],
  ])('a step is interrupted in %s, with its variables kept', async (_what, code) => {
    const { run, output } = await backend.open()
    await output('kept = 42')
    const { error } = await run(write(code), 300)
    expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    expect(error?.message.split('\n')[0]).toMatch(/^TimeoutError: the step's time limit is reached/)
    expect(await output('print(kept)')).toBe('42\n')
  })

  test('a step that is interrupted is over within a tenth of a second', async () => {
    const { run } = await backend.open()
    await run('x = 1')
    const started = performance.now()
    expect(
      (await run(write({ python: 'while True: pass', javascript: 'while (true);' }), 500)).error?.message,
    ).toMatch(interrupted)
    expect(performance.now() - started).toBeGreaterThan(490)
  })

  test('an error whose text never ends is told without it, with the variables kept', async () => {
    const { run, output } = await backend.open()
    const code = write({
      python: 'class E(Exception):\n    def __str__(self):\n        while True: pass\nkept = 1\nraise E',
      javascript: 'class E extends Error { get message() { while (true); } }\nconst kept = 1\nthrow new E()',
    })
    expect((await run(code, 500)).error).toMatchObject({ code: 'code_error', stateLost: false })
    expect(await output('print(kept)')).toBe('1\n')
  })

  test('a step that ignores its interruption is ended, its runner replaced, the loss told', async () => {
    const { run, output } = await backend.open()
    await output('lost = 42')
    const [before] = backend.runners()
    const stubborn = write({ python: 'sum(range(10 ** 13))', javascript: '[].concat(Array(2 ** 31)).join()' })
    expect(await run(stubborn, 200)).toEqual({
      output: '',
      outputLength: 0,
      error: {
        code: 'code_error',
        message: 'TimeoutError: the step was ended, it did not stop at its limit of 0.2 s',
        line: null,
        stateLost: true,
      },
    })
    expect((await run('print(lost)')).error?.message).toMatch(
      /^(Name|Reference)Error: .*lost.* is not defined/,
    )
    expect(await output('print("new")')).toBe('new\n')
    await expect.poll(() => backend.runners()).not.toContain(before)
  })

  test('time is counted over the code only, not over its calls', async () => {
    const { run } = await backend.open({
      call: () => new Promise((resolve) => setTimeout(() => resolve('late'), 400)),
    })
    const { output, error } = await run(
      write({
        python: 'for n in range(3): print(sub_rlm("q"))',
        javascript: 'for (let n = 0; n < 3; n++) print(sub_rlm("q"))',
      }),
      600,
    )
    expect([output, error]).toEqual(['late\nlate\nlate\n', null])
  })

  test('the time before and after calls is added up', async () => {
    const { run } = await backend.open({ call: async () => 'x' })
    const code = write({
      python:
        'import time\nfor n in range(100):\n    t = time.monotonic()\n    while time.monotonic() - t < 0.05: pass\n    sub_rlm("q")',
      javascript:
        'for (let n = 0; n < 100; n++) { const t = Date.now(); while (Date.now() - t < 50); sub_rlm("q") }',
    })
    expect((await run(code, 500)).error?.message).toMatch(/^TimeoutError: the step's time limit is reached/)
  })

  test('memory at once and bit by bit is an error, and its variables stay', async () => {
    const { run, output } = await backend.open()
    await output('kept = 1')
    const greedy: Code[] = [
      { python: 's = "x" * (1 << 40)', javascript: 's = "x".repeat(2 ** 29)' },
      { python: 'b = bytearray(3 << 30)', javascript: 'b = new Uint8Array(3 * 2 ** 30)' },
      {
        python: 'x = []\nwhile True: x.append(bytearray(1000))',
        javascript: 'x = []\nwhile (true) x.push(new Uint8Array(1000))',
      },
    ]
    for (const code of greedy) {
      const { error } = await run(write(code), 30_000)
      expect(error?.message, write(code)).toMatch(/^(MemoryError|OverflowError|RangeError): /)
      expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    }
    expect(await output('x = 0\nprint(kept)')).toBe('1\n')
    expect((await run('x = 1')).error).toBeNull()
  }, 60_000)

  test('recursion that is too deep is an error, and its variables stay', async () => {
    const { run, output } = await backend.open()
    await output('kept = 1')
    const deep: Code[] = [
      { python: 'def f(n): return f(n + 1)\nf(0)', javascript: 'function f(n) { return f(n + 1) }\nf(0)' },
      {
        python: 'x = []\nfor n in range(100_000): x = [x]\nprint(x)',
        javascript: 'let x = []\nfor (let n = 0; n < 100_000; n++) x = [x]\nString(x)',
      },
    ]
    for (const code of deep) {
      const { error } = await run(write(code))
      expect(error?.message).toMatch(/^(Recursion|Range)Error: the recursion is too deep; use a loop\n/)
      expect(error?.stateLost).toBe(false)
    }
    expect(await output('print(kept)')).toBe('1\n')
  })

  test('output is kept up to 4 MiB, head and tail, and counted whole', async () => {
    const { run } = await backend.open()
    const { output, outputLength } = await run(
      write({
        python: 'print("h" * 5_000_000 + "t" * 4_999_999)',
        javascript: 'print("h".repeat(5_000_000) + "t".repeat(4_999_999))',
      }),
    )
    expect(outputLength).toBe(10_000_000)
    expect(output).toBe(`${'h'.repeat(3 << 20)}${'t'.repeat((1 << 20) - 1)}\n`)
  })

  test('output of many small pieces is kept the same way', async () => {
    const { run } = await backend.open()
    const { output, outputLength, error } = await run(
      write({
        python: 'for n in range(60_000): print("x" * 99)',
        javascript: 'const line = "x".repeat(99)\nfor (let n = 0; n < 60_000; n++) print(line)',
      }),
    )
    expect(error).toBeNull()
    expect([outputLength, output.length]).toEqual([6_000_000, 4 << 20])
  })

  test('a thousand steps grow nothing', async () => {
    const { run } = await backend.open({
      files: { 'a.txt': 'line\n'.repeat(1000) },
      call: async () => 'answer',
    })
    const code = write({
      python:
        'x = [line for line in CONTEXT["a.txt"].split("\\n")]\nprint(len(x), sub_rlm("q" * 1000), grep("line")[0]["snippet"])\ntry: 1 / 0\nexcept ZeroDivisionError as e: pass',
      javascript:
        'const x = CONTEXT["a.txt"].split("\\n").map((line) => line + "!")\nprint(x.length, sub_rlm("q".repeat(1000)), grep("line")[0].snippet)\ntry { null.x } catch (e) {}',
    })
    for (let step = 0; step < 300; step++) await run(`${code}\nn = ${step}`)
    const [pid] = backend.runners()
    const before = residentBytes(pid!)
    for (let step = 0; step < 700; step++) {
      const { error } = await run(`${code}\nn = ${step}${step % 10 === 0 ? '\nmissing' : ''}`)
      if (step % 10 !== 0) expect(error).toBeNull()
    }
    expect(backend.runners()).toContain(pid)
    expect(residentBytes(pid!) - before).toBeLessThan(backend.language === 'python' ? 4e6 : 24e6)
  }, 120_000)

  test('a runner that is killed from outside is replaced, and the loss told once', async () => {
    const { run, output } = await backend.open()
    await output('lost = 1')
    const [pid] = backend.runners()
    process.kill(pid!, 'SIGKILL')
    await expect.poll(() => isAlive(pid!)).toBe(false)
    expect((await run('print(lost)')).error).toMatchObject({ code: 'sandbox_lost', stateLost: true })
    expect(await output('print("new")')).toBe('new\n')
  })
})
