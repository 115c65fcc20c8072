// What holds in every sandbox: steps, what stays between them, what they print, how they fail.
import { describe, expect, test } from 'vitest'
import { backends, type Code, codeFor } from './helpers/backends.ts'

describe.each(backends)('a session of $name', (backend) => {
  const write = (code: Code) => codeFor(backend, code)

  test.each<[what: string, first: Code, then: Code, printed: string]>([
    ['a variable', 'x = 1', 'print(x)', '1\n'],
    [
      'what was done to it',
      'x = [1]',
      { python: 'x.append(2)\nprint(len(x))', javascript: 'x.push(2)\nprint(x.length)' },
      '2\n',
    ],
    [
      'a constant, which may be declared anew',
      { python: 'x = 1', javascript: 'const x = 1' },
      { python: 'x = 2\nprint(x)', javascript: 'const x = 2\nprint(x)' },
      '2\n',
    ],
    [
      'a function, and what it knows',
      { python: 'n = 5\ndef f(m): return n + m', javascript: 'let n = 5\nfunction f(m) { return n + m }' },
      { python: 'n = 7\nprint(f(1))', javascript: 'n = 7\nprint(f(1))' },
      '8\n',
    ],
    [
      'a class',
      { python: 'class A:\n    def v(self): return 3', javascript: 'class A { v() { return 3 } }' },
      { python: 'print(A().v())', javascript: 'print(new A().v())' },
      '3\n',
    ],
    [
      'a variable that shadows a function, for the step only',
      { python: 'grep = 5\nprint(grep)', javascript: 'const grep = 5\nprint(grep)' },
      { python: 'print(len(grep("x")))', javascript: 'print(grep("x").length)' },
      '0\n',
    ],
    [
      'a function of that name, for the step only',
      { python: 'def grep(x): return 5\nprint(grep(1))', javascript: 'function grep(x) { return 5 }' },
      { python: 'print(len(grep("x")))', javascript: 'print(grep("x").length)' },
      '0\n',
    ],
  ])('keeps %s', async (_what, first, then, printed) => {
    const { run, output } = await backend.open()
    expect((await run(write(first))).error).toBeNull()
    expect(await output(write(then))).toBe(printed)
  })

  test('goes through sets and draws at random as every other session, so that a resumed run asks what it asked', async () => {
    const code = write({
      python: 'import random\nprint(list({"q%d" % n for n in range(9)}), random.random(), hash("text"))',
      javascript: 'print([...new Set([3, 1, 2])], Math.random(), [1, 2].map(Math.random))',
    })
    const [first, second] = [await backend.open(), await backend.open()]
    const drawn = await first.output(code)
    expect(await second.output(code)).toBe(drawn)
    expect(await first.output(code)).not.toBe(drawn)
  })

  test('keeps its variables after an error, a refusal and bad syntax', async () => {
    const { run, output } = await backend.open()
    await output('kept = 1')
    const failing: Code[] = [
      { python: 'kept = 2\n1 / 0', javascript: 'kept = 2\nnull.x' },
      { python: 'kept = 3\nopen("x")', javascript: 'kept = 3\nrequire("fs")' },
      'kept = = 4',
    ]
    for (const code of failing) expect((await run(write(code))).error).toMatchObject({ stateLost: false })
    expect(await output('print(kept)')).toBe('2\n')
  })

  test('keeps its variables after an error that quotes a name of any length', async () => {
    const { run, output } = await backend.open()
    await output('kept = 1')
    const name = 'n'.repeat(100_000)
    const failing: Code[] = [
      { python: `class ${name}(Exception): pass\nraise ${name}()`, javascript: `undefined.${name}` },
      { python: `${name} ${name}`, javascript: `let ${name}\nlet ${name}` },
      { python: `print(x${name})`, javascript: `class ${name} extends Error {}\nthrow new ${name}()` },
    ]
    for (const code of failing) {
      const { error } = await run(write(code))
      expect(error).toMatchObject({ code: 'code_error', stateLost: false })
      expect(error?.message.length).toBeLessThan(10_000)
    }
    expect(await output('print(kept)')).toBe('1\n')
  })

  test.each<[what: string, code: Code, printed: string]>([
    ['texts as they are', 'print("a  b\\n\\tä€😀")', 'a  b\n\tä€😀\n'],
    ['several values with a space between', 'print("a", 1, "b")', 'a 1 b\n'],
    ['nothing as an empty line', 'print()', '\n'],
    ['control characters and NUL', 'print("a\\u0000b\\u001b[0m")', 'a\u0000b\u001b[0m\n'],
    ['lines in their order', 'print("1")\nprint("2")', '1\n2\n'],
  ])('prints %s', async (_what, code, printed) => {
    const { run } = await backend.open()
    expect(await run(write(code))).toEqual({
      output: printed,
      outputLength: printed.length,
      error: null,
    })
  })

  test('prints a chunk as its text', async () => {
    const { output } = await backend.open({ files: { 'a.txt': 'one\ntwo\n' } })
    expect(await output('print(chunks("a.txt", 4)[1])')).toBe('two\n\n')
  })

  test.each<[what: string, code: Code, line: number, message: RegExp]>([
    [
      'an error',
      { python: 'x = 1\n\n1 / 0', javascript: 'x = 1\n\nnull.x' },
      3,
      /^\w+Error: .*\n {2}line 3: (1 \/ 0|null\.x)$/,
    ],
    [
      'an error in a function, with the lines that led to it',
      {
        python: 'def f():\n    return 1 / 0\n\nf()',
        javascript: 'function f() {\n    return null.x\n}\nf()',
      },
      2,
      /\n {2}line 4: f\(\)\n {2}line 2: return .*$/,
    ],
    [
      'an error that the code raises',
      { python: 'raise ValueError("too\\nbad")', javascript: 'throw new RangeError("too\\nbad")' },
      1,
      /^(ValueError|RangeError): too\nbad\n {2}line 1: /,
    ],
    [
      'a name that is not there',
      '\nprint(missing)',
      2,
      /^(Name|Reference)Error: .*missing.* is not defined\n {2}line 2: print\(missing\)$/,
    ],
    ['bad syntax', 'a = 1\nb = = 2', 2, /^SyntaxError: .*\(line 2: b = = 2\)$/],
    [
      'a refusal',
      { python: 'x = 1\nopen("x")', javascript: 'x = 1\nprocess.exit()' },
      2,
      /^line 2: (open|process) is not available; .+\n {2}line 2: /,
    ],
    [
      'a document that is not there',
      'x = 1\nread_file("src/app.md")',
      2,
      /: there is no document ['"]src\/app\.md['"] \(there is docs\/app\.md\); list_files\(\) names them\n {2}line 2: /,
    ],
  ])('tells %s with its line', async (_what, code, line, message) => {
    const { run } = await backend.open({ files: { 'docs/app.md': 'x', 'b.md': 'y' } })
    const { error } = await run(write(code))
    expect(error?.message).toMatch(message)
    expect(error).toMatchObject({ line, stateLost: false })
  })

  test('tells an error in a function of an earlier step with that step', async () => {
    const { run, output } = await backend.open()
    await output(
      write({ python: 'def f():\n    return 1 / 0', javascript: 'function f() {\n    return null.x\n}' }),
    )
    const { error } = await run('\nf()')
    expect(error?.message).toMatch(/\n {2}line 2: f\(\)\n {2}line 2 of step 1: return .*$/)
    expect(error?.line).toBe(2)
  })

  test('shows what was printed before an error', async () => {
    const { run } = await backend.open()
    const { output, outputLength } = await run(
      write({ python: 'print("before")\n1 / 0', javascript: 'print("before")\nnull.x' }),
    )
    expect([output, outputLength]).toEqual(['before\n', 7])
  })

  test('shows no path of the host in an error', async () => {
    const { run } = await backend.open()
    const failing: Code[] = [
      'read_file("x")',
      'grep("(")',
      'sub_rlm(print)',
      'context',
      { python: 'def f(): f()\nf()', javascript: 'function f() { f() }\nf()' },
    ]
    for (const code of failing) {
      const { error } = await run(write(code))
      expect(error?.message).toMatch(/[Ee]rror: /)
      expect(error?.message).not.toMatch(/\/(?:usr|tmp|src|dist|home|node)|\.(?:py|cjs|js)\b|sandbox>/)
    }
  })

  test('reports the layers that hold', async () => {
    const { sandbox } = await backend.open()
    expect(sandbox.report).toEqual({ backend: backend.reported, language: true, process: true, kernel: true })
  })
})
