// Limits that hold whatever the code does: time, memory, output, the interpreter's own stack.
import { describe, expect, test } from 'vitest'
import { openSession, residentBytes, runnerProcesses } from './helpers/python-session.ts'

const interrupted =
  "TimeoutError: the step's time limit is reached; do less in one step, or read less at once"

describe('a step that takes too long', () => {
  const endless: Record<string, string> = {
    'a loop': 'while True: pass',
    'a loop that catches everything':
      'while True:\n    try:\n        while True: pass\n    except BaseException: pass',
    'a regular expression that does not end': 'import re\nre.match(r"(a+)+$", "a" * 40 + "b")',
    'such a regular expression in grep': 'grep(r"(a+)+$", "a.txt")',
    'an integer that explodes': 'x = 10 ** 10 ** 9',
    'a sleep': 'import time\ntime.sleep(3600)',
    'a generator without an end': 'import itertools\nfor n in itertools.count(): pass',
    'a loop of prints': 'while True: print("x" * 100)',
    'a text that its error makes for ever':
      'class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E',
  }
  test.each(Object.entries(endless))('is interrupted in %s, with its variables kept', async (what, code) => {
    const { run, output } = await openSession({ files: { 'a.txt': `${'a'.repeat(40)}b\n` } })
    await output('kept = 42')
    const { error } = await run(code, 300)
    expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    if (!what.startsWith('a text')) expect(error?.message.split('\n')[0]).toBe(interrupted)
    expect(await output('print(kept)')).toBe('42\n')
  })

  const stubborn: Record<string, string> = {
    'in C code that looks at no signal': 'sum(range(10 ** 13))',
    'by going on after its interruption':
      'while True:\n    try:\n        for n in range(10 ** 9): pass\n    finally:\n        continue',
    'in a context manager that swallows it':
      'class S:\n    def __enter__(self): return self\n    def __exit__(self, *e): return True\nwhile True:\n    with S():\n        while True: n = 1',
  }
  test.each(Object.entries(stubborn))(
    'and ignores that %s is ended, its runner replaced, the loss told',
    async (_what, code) => {
      const { run, output } = await openSession()
      await output('lost = 42')
      const [before] = runnerProcesses()
      expect(await run(code, 200)).toEqual({
        output: '',
        outputLength: 0,
        error: {
          code: 'code_error',
          message: 'TimeoutError: the step was ended, it did not stop at its limit of 0.2 s',
          line: null,
          stateLost: true,
        },
      })
      expect((await run('print(lost)')).error?.message).toMatch(/^NameError: name 'lost' is not defined/)
      expect(await output('print("new")')).toBe('new\n')
      expect(runnerProcesses()).toHaveLength(1)
      expect(runnerProcesses()).not.toContain(before)
    },
  )

  test('has its time counted over the code only, not over its calls', async () => {
    const { run } = await openSession({
      call: () => new Promise((resolve) => setTimeout(() => resolve('late'), 400)),
    })
    const { output, error } = await run('for n in range(3): print(sub_rlm("q"))', 600)
    expect([output, error]).toEqual(['late\nlate\nlate\n', null])
  })

  test('has the time before and after its calls added up', async () => {
    const { run } = await openSession({ call: async () => 'x' })
    const code =
      'import time\nfor n in range(100):\n    t = time.monotonic()\n    while time.monotonic() - t < 0.05: pass\n    sub_rlm("q")'
    expect((await run(code, 500)).error?.message.split('\n')[0]).toBe(interrupted)
  })

  test('in the middle of a large call keeps its variables as well', async () => {
    const reply = 'y'.repeat(20_000_000)
    const { run } = await openSession({ call: async () => reply })
    await run('kept = 7')
    const losses: unknown[] = []
    for (let limitMs = 3; limitMs < 120; limitMs += 6) {
      const { error } = await run('r = llm_query("q" * 10_000_000)', limitMs)
      const { output } = await run('print(kept)')
      if (error?.stateLost || output !== '7\n') {
        losses.push([limitMs, error?.message.split('\n')[0], output])
        await run('kept = 7')
      }
    }
    expect(losses).toEqual([])
  })
})

describe('a step that needs too much', () => {
  test('memory at once has a MemoryError, and its variables kept', async () => {
    const { run, output } = await openSession()
    await output('kept = 1')
    for (const code of [
      'b = bytearray(3 << 30)',
      's = "x" * (1 << 40)',
      'l = [0] * (1 << 32)',
      's = "x".ljust(1 << 33)',
      'x = list(range(1 << 33))',
    ]) {
      const { error } = await run(code)
      expect(error?.message, code).toMatch(
        /^(MemoryError: the memory limit is reached; keep less at once, read in chunks\(\)|OverflowError: )/,
      )
      expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    }
    expect(await output('print(kept)')).toBe('1\n')
  })

  test('memory bit by bit has a MemoryError, and can go on when it has let go of it', async () => {
    const { run, output } = await openSession()
    await output('kept = 1')
    const { error } = await run('x = []\nwhile True: x.append(bytearray(1000))', 30_000)
    expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    expect(error?.message).toMatch(/^MemoryError: the memory limit is reached/)
    expect(await output('x = None\nprint(kept)')).toBe('1\n')
  })

  test('memory for an answer has a MemoryError, and the next call its own answer', async () => {
    const replies = ['y'.repeat(60_000_000), 'small']
    const { run, output } = await openSession({ call: async () => replies.shift() ?? null })
    await output('kept = bytearray(350 << 20)')
    const { error } = await run('reply = llm_query("q")')
    expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    expect(error?.message).toMatch(/^MemoryError: the memory limit is reached/)
    expect(await output('print(len(kept) >> 20, llm_query("q"))')).toBe('350 small\n')
  })

  test('more than a frame holds is told, and the next call has its own answer', async () => {
    const replies = ['y'.repeat((64 << 20) + 1), 'small']
    const { run, output } = await openSession({ call: async () => replies.shift() ?? null })
    expect((await run('reply = llm_query("q")')).error?.message).toMatch(
      /^more than 64 MiB cannot enter the sandbox at once\n/,
    )
    expect(await output('print(llm_query("q"))')).toBe('small\n')
  })

  test('depth in its calls has each call its own answer, or none', async () => {
    const { output } = await openSession({ call: async (_name, args) => args[0] ?? null })
    const code = `
asked = answered = 0
def dive():
    global asked, answered
    try: dive()
    except RecursionError:
        try:
            asked += 1
            question = "q%d" % asked
            answered += sub_rlm(question) == question
        except RecursionError: pass
        if asked < 200: raise
try: dive()
except RecursionError: pass
print(asked == 200, 0 < answered < 200, sub_rlm("after"))`
    expect(await output(code)).toBe('True True after\n')
  })

  test('stack crashes the interpreter at worst, and the next step has a new one', async () => {
    const { run, output } = await openSession()
    const deep = 'x = ()\nfor n in range(3_000_000): x = (x,)\n'
    for (const code of [
      `${deep}hash(x)`,
      `${deep}x == (x,)`,
      'f = len\nfor n in range(500_000): f = map(f, [1])\nlist(f)',
    ]) {
      const { error } = await run(code)
      if (error) expect(error.code, code).toBe('code_error')
      expect(await output('print("alive")')).toBe('alive\n')
    }
  })

  test('depth is told about its recursion', async () => {
    const { run, output } = await openSession()
    await output('kept = 1')
    const codes = [
      'def f(n): return f(n + 1)\nf(0)',
      'x = []\nfor n in range(100_000): x = [x]\nprint(x)',
      'import copy\nx = []\nfor n in range(100_000): x = [x]\ncopy.deepcopy(x)',
    ]
    for (const code of codes) {
      const { error } = await run(code)
      expect(error?.message).toMatch(/^RecursionError: the recursion is too deep; use a loop\n/)
      expect(error?.stateLost).toBe(false)
    }
    expect(await output('print(kept)')).toBe('1\n')
  })
})

describe('what is printed', () => {
  test('is kept up to 4 MiB, head and tail, and counted whole', async () => {
    const { run } = await openSession()
    const { output, outputLength } = await run('print("h" * 5_000_000 + "t" * 5_000_000, end="")')
    expect(outputLength).toBe(10_000_000)
    expect(output.length).toBe(4 << 20)
    expect([output.startsWith('h'.repeat(3 << 20)), output.endsWith('t'.repeat(1 << 20))]).toEqual([
      true,
      true,
    ])
  })

  test('of exactly 4 MiB is kept whole', async () => {
    const { run } = await openSession()
    const { output, outputLength } = await run(`print("x" * ${4 << 20}, end="")`)
    expect([output.length, outputLength]).toEqual([4 << 20, 4 << 20])
  })

  test('is known to be cut also where its characters are large', async () => {
    const { run } = await openSession()
    const { output, outputLength } = await run(`print("😀" * ${5 << 20}, end="")`)
    expect(outputLength).toBeGreaterThan(output.length)
  })

  test('without an end costs the runner no memory', async () => {
    const { run } = await openSession()
    await run('print("x")')
    const [pid] = runnerProcesses()
    const before = residentBytes(pid!)
    const { outputLength, error } = await run('while True: print("x" * 100_000)', 1000)
    expect(error?.message.split('\n')[0]).toBe(interrupted)
    expect(outputLength).toBeGreaterThan(4 << 20)
    expect(residentBytes(pid!) - before).toBeLessThan(60e6)
  })

  test('in a thousand steps grows nothing', async () => {
    const { run } = await openSession({
      files: { 'a.txt': 'line\n'.repeat(1000) },
      call: async () => 'answer',
    })
    const code =
      'import json\nx = [line for line in CONTEXT["a.txt"].split("\\n")]\nprint(len(x), sub_rlm("q" * 1000), grep("line")[0]["snippet"])\ntry: 1 / 0\nexcept ZeroDivisionError as e: pass'
    for (let step = 0; step < 200; step++) await run(`${code}\nn = ${step}`)
    const [pid] = runnerProcesses()
    const before = { runner: residentBytes(pid!), host: process.memoryUsage().heapUsed }
    for (let step = 0; step < 800; step++) {
      const { error } = await run(`${code}\nn = ${step}${step % 10 === 0 ? '\n1 / 0' : ''}`)
      if (step % 10 !== 0) expect(error).toBeNull()
    }
    expect(residentBytes(pid!) - before.runner).toBeLessThan(4e6)
  })
})
