// Steps in a real runner: what stays between them, and how they end.
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { openSession } from './helpers/python-session.ts'

const interpreters = execFileSync('bash', [resolve(import.meta.dirname, '../../../scripts/lib/pythons')], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')

describe('a session', () => {
  test('keeps variables, functions, classes and imports from step to step', async () => {
    const { output } = await openSession()
    await output('import json\nx = [1]\ndef f(n): return n + len(x)\nclass A: v = 2')
    await output('x.append(3)')
    expect(await output('print(x, f(1), A.v, json.dumps(x))')).toBe('[1, 3] 3 2 [1, 3]\n')
  })

  test('keeps variables after an exception, a refusal and bad syntax', async () => {
    const { run, output } = await openSession()
    await output('kept = 1')
    for (const code of ['kept = 2\n1 / 0', 'kept = 3\nopen("x")', 'kept = = 4'])
      expect((await run(code)).error).toMatchObject({ stateLost: false })
    expect(await output('print(kept)')).toBe('2\n')
  })

  test('says how a step failed: its code, its text with the source line, its line', async () => {
    const { run } = await openSession()
    expect(await run('print("before")\nvalues = {}\nvalues["k"]')).toEqual({
      output: 'before\n',
      outputLength: 7,
      error: {
        code: 'code_error',
        message: 'KeyError: \'k\'\n  line 3: values["k"]',
        line: 3,
        stateLost: false,
      },
    })
    expect((await run('\nx.__class__')).error).toMatchObject({
      code: 'sandbox_violation',
      message: expect.stringContaining("line 2: the attribute '__class__' is not allowed"),
      stateLost: false,
    })
  })

  test('shows no path of the host in an error', async () => {
    const { run } = await openSession()
    const codes = [
      'import json\njson.loads("{")',
      'read_file("x")',
      'from json import y',
      'import re\nre.compile("(")',
      'sub_rlm(object())',
      'raise OSError(2, "gone", "a")',
      'print(1, file=5)',
      'def f(): f()\nf()',
      '"{0.x}".format(1)',
      'from decimal import Decimal\nDecimal("x")',
    ]
    for (const code of codes) {
      const { error } = await run(code)
      expect(error?.message).not.toMatch(/\/\w+\/|\.py\b|Traceback|0x[0-9a-f]+/)
    }
  })

  test('gives printed text as it was printed', async () => {
    const { run } = await openSession()
    const text = 'ä€ \u2028\u0000\u001b\r\n\\n "quoted" \ud800 end'
    const { output, outputLength } = await run(
      `print(${JSON.stringify(text).replaceAll('\u2028', '\\u2028')}, end="")`,
    )
    expect([output, outputLength]).toEqual([text, text.length])
  })

  test('ends a step whose error the host cannot be told by what the code put into it, and lives on', async () => {
    const { run, output } = await openSession()
    await output('kept = 1')
    const parts = [
      '("f", "12", 0, "")',
      '("f", object(), 0, "")',
      '("f", 10 ** 400, 0, "")',
      '("f", 1.5, 0, 5)',
    ]
    for (const part of parts) {
      const { error } = await run(`raise SyntaxError("mine", ${part})`)
      expect(error, part).toMatchObject({ code: 'code_error', stateLost: false })
    }
    expect(await output('print(kept)')).toBe('1\n')
  })

  test('reaches a submodule through its package, first thing in a session', async () => {
    const { output } = await openSession()
    expect(await output('import urllib.parse\nprint(urllib.parse.quote("ä"))')).toBe('%C3%A4\n')
    expect(await output('from urllib import parse\nprint(parse.quote("ä"))')).toBe('%C3%A4\n')
  })

  test('takes code of every size up to its limit', async () => {
    const { run, output } = await openSession()
    expect(await output(`x = 1 ${'#'.repeat(250_000)}\nprint(x)`)).toBe('1\n')
    expect((await run('#'.repeat(300_000))).error).toEqual({
      code: 'sandbox_violation',
      message: 'the code has more than 262144 characters; do the work in several steps',
      line: null,
      stateLost: false,
    })
  })

  test('has eight sessions side by side that know nothing of each other', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => openSession()))
    await Promise.all(sessions.map(({ output }, at) => output(`mine = ${at}`)))
    const printed = await Promise.all(sessions.map(({ output }) => output('print(mine)')))
    expect(printed).toEqual(sessions.map((_, at) => `${at}\n`))
  })
})

// Every interpreter of this machine that is supported, each locked down for real.
describe.each(interpreters)('%s', (path) => {
  const version = execFileSync(path, ['-c', 'import sys; print(*sys.version_info[:2])'], { encoding: 'utf8' })
  const python = findPython({ SUPERLOOP_RLMS_PYTHON: path })

  test('is found with its version', () => {
    expect(python.version).toEqual(version.trim().split(' ').map(Number))
  })

  test('runs behind all three layers, with every module, each as the first', async () => {
    const { sandbox, output } = await openSession({ settings: { python } })
    expect(sandbox.report).toEqual({ backend: 'python', language: true, process: true, kernel: true })
    const { NAMES: modules } = JSON.parse(
      execFileSync(
        path,
        [
          '-c',
          'import json, sys; sys.path.insert(0, sys.argv[1]); import modules; print(json.dumps({"NAMES": list(modules.NAMES)}))',
          resolve(import.meta.dirname, '../../../src/worker/sandboxes/python'),
        ],
        { encoding: 'utf8', env: { PYTHONDONTWRITEBYTECODE: '1' } },
      ),
    ) as { NAMES: string[] }
    for (const name of modules)
      expect(await output(`import ${name} as m\nprint(m.__name__)`)).toBe(`${name}\n`)
  })

  test('does what needs the system behind the lock: time, dates, codecs, warnings, random', async () => {
    const { output } = await openSession({ settings: { python } })
    const cases: Record<string, string> = {
      'import time\nt = time.time()\ntime.sleep(0.01)\nprint(time.time() > t, time.strftime("%Y", time.localtime()) > "2020")':
        'True True\n',
      'from datetime import datetime\nprint(datetime.strptime("2024-02-03", "%Y-%m-%d").date(), datetime.now().year > 2020)':
        '2024-02-03 True\n',
      'print("ä".encode("latin-1"), "a".encode("utf-16-le"), b"a".decode("cp1252"), "ab".encode("idna"))':
        "b'\\xe4' b'a\\x00' a b'ab'\n",
      'import re\nx = 1\nprint(re.findall("\\d", "a1"), x is 1, re.findall("[a&&b]", "a"))':
        "['1'] True ['a']\n",
      'import random, hashlib\nprint(0 <= random.random() < 1, len(hashlib.sha256(b"").digest()))':
        'True 32\n',
    }
    for (const [code, printed] of Object.entries(cases)) expect(await output(code), code).toBe(printed)
  })

  test('survives what it survives without the lock: errors, deep recursion, a lack of memory', async () => {
    const { run, output } = await openSession({ settings: { python } })
    await output('kept = 1')
    for (const [code, message] of [
      ['def f(n): return f(n + 1)\nf(0)', /^RecursionError: the recursion is too deep; use a loop\n/],
      ['import json\njson.loads("[" * 100_000)', /^RecursionError: /],
      [
        'b = bytearray(3 << 30)',
        /^MemoryError: the memory limit is reached; keep less at once, read in chunks\(\)\n/,
      ],
    ] as const) {
      const { error } = await run(code)
      expect(error).toMatchObject({
        code: 'code_error',
        message: expect.stringMatching(message),
        stateLost: false,
      })
    }
    expect(await output('print(kept)')).toBe('1\n')
  })
})
