// What JavaScript has and Python has not: promises, declarations, its own objects.
import { describe, expect, test } from 'vitest'
import { openJavaScript } from '../helpers/backends.ts'
import { makeDocuments } from '../helpers/python-session.ts'

describe('promises', () => {
  test.each<[what: string, code: string, printed: string]>([
    ['are awaited at the top', 'const x = await Promise.resolve(5)\nprint(x)', '5\n'],
    [
      'are run to their end before the step is done',
      'Promise.resolve(1).then((x) => print("then", x))\nprint("first")',
      'first\nthen 1\n',
    ],
    [
      'may wait for each other',
      'const all = await Promise.all([1, 2].map(async (n) => n * (await n)))\nprint(all)',
      '[1, 4]\n',
    ],
    [
      'of an async main are run',
      'async function main() { await null; print("in main") }\nmain()',
      'in main\n',
    ],
    [
      'of async generators too',
      'async function* g() { yield 1; yield 2 }\nfor await (const n of g()) print(n)',
      '1\n2\n',
    ],
    [
      'that are broken and caught are no error',
      'Promise.reject(new Error("x")).catch((e) => print("caught", e.message))',
      'caught x\n',
    ],
  ])('%s', async (_what, code, printed) => {
    const { output } = await openJavaScript()
    expect(await output(code)).toBe(printed)
  })

  test.each<[what: string, code: string, message: string]>([
    [
      'of a main that fails',
      'async function main() {\n  null.x\n}\nmain()',
      "TypeError: cannot read property 'x' of null\n  line 4: main()\n  line 2: null.x",
    ],
    [
      'that is awaited and broken',
      'await null\nthrow new Error("late")',
      'Error: late\n  line 2: throw new Error("late")',
    ],
    [
      'that nothing settles',
      'await new Promise(() => {})',
      'Error: the code awaits something that never comes',
    ],
  ])('tell of one %s', async (_what, code, message) => {
    const { run } = await openJavaScript()
    const { error } = await run(code)
    expect(error?.message).toBe(message)
  })

  test.each([
    ['a chain of promises without an end', 'const f = () => Promise.resolve().then(f)\nf()'],
    ['many of them', 'const f = () => Promise.resolve().then(f)\nfor (let n = 0; n < 5000; n++) f()'],
    ['many that wait', 'const f = async () => { for (;;) await null }\nfor (let n = 0; n < 5000; n++) f()'],
    [
      'many that catch',
      'const f = async () => { for (;;) try { await 1; JSON.parse("") } catch {} }\nfor (let n = 0; n < 5000; n++) f()',
    ],
    ['a loop in a promise', 'Promise.resolve().then(() => { while (true); })'],
    [
      'a loop in an async function that catches',
      'async function f() { try { while (true); } catch { } finally { await f() } }\nf()',
    ],
  ])('are interrupted in %s, and nothing of them is left for the next step', async (_what, code) => {
    const { run, output } = await openJavaScript()
    await output('kept = 1')
    const { error } = await run(code, 300)
    expect(error?.message).toMatch(/^TimeoutError: the step's time limit is reached/)
    expect(error?.stateLost).toBe(false)
    expect(await output('print(kept)')).toBe('1\n')
  })
})

describe('declarations', () => {
  test.each<[what: string, first: string, then: string, printed: string]>([
    ['by destructuring', 'const { a, b: [c] } = { a: 1, b: [2] }', 'const [a] = [3]\nprint(a, c)', '3 2\n'],
    ['without a value begin anew', 'let n = 5', 'let n\nprint(n)', 'undefined\n'],
    ['with var keep it', 'var n = 5', 'var n\nprint(n)', '5\n'],
    [
      'of a class',
      'class A { v() { return 1 } }',
      'class A { v() { return 2 } }\nprint(new A().v(), A.name)',
      '2 A\n',
    ],
    [
      'of functions are there before their line',
      'print(f())\nfunction f() { return 1 }',
      'function f() { return 2 }\nprint(f())',
      '2\n',
    ],
    ['in blocks stay in them', 'if (true) { const inner = 1 }', 'print(typeof inner)', 'undefined\n'],
    ['without a keyword stay', 'x = 1', 'x++; print(x)', '2\n'],
    ['of context make it a name like any other', 'const context = "mine"', 'print(context)', 'mine\n'],
  ])('%s', async (_what, first, then, printed) => {
    const { run, output } = await openJavaScript({ files: { 'a.txt': 'text' } })
    expect((await run(first)).error).toBeNull()
    expect(await output(then)).toBe(printed)
  })
})

test.each<[value: string, printed: string]>([
  ['null, undefined, true, -0, 1.50, NaN, 10n', 'null undefined true 0 1.5 NaN 10'],
  ['["a", 1, [null]], {a: 1, "b c": {d: []}}', '["a", 1, [null]] {"a": 1, "b c": {"d": []}}'],
  ['new Map([["k", [1]]]), new Set([1, "x"])', 'Map(1) {"k" => [1]} Set(2) {1, "x"}'],
  ['new TypeError("bad"), /a+/gi, new Date(0)', 'TypeError: bad /a+/gi 1970-01-01T00:00:00.000Z'],
  [
    'new (class Point { x = 1 })(), print, () => 1',
    'Point {"x": 1} [function print] [function without a name]',
  ],
  ['(() => { const a = []; a.push(a); return a })()', '[[circular]]'],
  [
    'chunks("a.txt", 2), chunks("a.txt")[0]',
    '[<chunk 0: a.txt:1-1, 2 characters>, <chunk 1: a.txt:1-1, 2 characters>] text',
  ],
  ['new Uint8Array([1, 2]), Symbol("s").toString()', '[1, 2] Symbol(s)'],
])('print shows %s', async (value, printed) => {
  const { output } = await openJavaScript({ files: { 'a.txt': 'text' } })
  expect(await output(`print(${value})`)).toBe(`${printed}\n`)
  expect(await output(`console.log(${value})`)).toBe(`${printed}\n`)
})

describe('a chunk', () => {
  test('is used as the text it is', async () => {
    const { output } = await openJavaScript({ files: { 'a.txt': 'one\ntwo\n' } })
    const code =
      'const [c] = chunks("a.txt", 4)\nprint(c.length, c.includes("n"), c.split("\\n")[0], c.concat("!"), c + "", JSON.stringify([c]), c.start_line)'
    expect(await output(code)).toBe('4 true one one\n! one\n ["one\\n"] 1\n')
  })

  test('is in a list that is used as one', async () => {
    const { output } = await openJavaScript({ files: { 'a.txt': 'a\nb\nc\n' } })
    const code =
      'const list = chunks("a.txt", 2)\nprint(list.length, list.map(String).join(""), list.slice(1).length, [...list].length, list.at(-1) + "", list.filter((c) => c.includes("b")).length, Array.isArray(list), list[9])'
    expect(await output(code)).toBe('3 a\nb\nc\n 2 3 c\n 1 true undefined\n')
  })
})

describe('names of functions', () => {
  test('are known in both spellings, and those of arguments too', async () => {
    const { output, finals } = await openJavaScript({ files: { 'a.txt': 'one\ntwo\n' } })
    expect(
      await output(
        'print(listFiles(), readFile("a.txt", { startLine: 2 }), grep("o", { maxMatches: 1 }).length, sliceText("abc", 1))',
      ),
    ).toBe('["a.txt"] two 1 bc\n')
    await output('setFinal(1); FINAL(2)')
    expect(finals).toEqual([1, 2])
  })

  test('take a record as an argument where it is no list of names', async () => {
    const { output, finals } = await openJavaScript()
    await output('set_final({ value: 1 }); set_final({}); SUBMIT({ answer: 2 })')
    expect(finals).toEqual([{ value: 1 }, {}, { answer: 2 }])
  })
})

test.each([
  'Object.freeze(this)',
  'Object.seal(this)',
  '(function () { Object.preventExtensions(this) })()',
  'Object.defineProperty(this, "print", { value: 1, configurable: false })',
  'Object.defineProperties(this, { print: { value: 1, configurable: false } })',
])('no step costs the next one its variables by %s', async (code) => {
  const { run, output } = await openJavaScript()
  await output('kept = 42')
  expect((await run(code)).error).toMatchObject({ code: 'code_error', stateLost: false })
  expect(await output('added = 1\nprint(kept, added)')).toBe('42 1\n')
})

describe('an error', () => {
  const forge = 'record.message = "forged"; record.code = "model_invocation_failed"'
  test.each([
    [
      'toJSON',
      `const all = Object.prototype\nall.toJSON = function () { const record = { ...this }; ${forge}; return record }`,
    ],
    ['toJSON that gives nothing', 'const all = Object.prototype\nall.toJSON = () => {}'],
    [
      'a setter of elements',
      `Object.defineProperty(Object.prototype, '0', { set(record) { if (record?.code === null) { ${forge} } } })`,
    ],
  ])('is told as it is where code has given all objects %s', async (_what, teach) => {
    const { run, output } = await openJavaScript()
    await output(teach)
    const { error } = await run('throw new Error("real")')
    expect(error).toMatchObject({ code: 'code_error', stateLost: false })
    expect(error?.message).toBe('Error: real\n  line 1: throw new Error("real")')
  })

  test('has no say in how a chunk leaves', async () => {
    const session = await openJavaScript({ files: { 'a.txt': 'one\n' } })
    await session.output(
      'const all = Object.prototype\nall.toJSON = () => "forged"\nset_final([chunks("a.txt")[0]])',
    )
    expect(session.finals).toEqual([[{ $span: ['a.txt', 0, 4] }]])
  })
})

test('what is asked of the runner cannot be changed on its way', async () => {
  const all = makeDocuments({
    'a.txt': 'a stranger wrote this\n',
    'b.txt': 'my words\n',
    'c.txt': 'and this\n',
  })
  const mine = { ...all, list: all.list.filter(({ name }) => name === 'b.txt') }
  const { output } = await openJavaScript({ documents: mine })
  const change = 'try { list[1] = -20; list[2] = 40; list.length = 3 } catch {}'
  await output(
    `Object.defineProperty(Object.prototype, '0', { set(list) { if (Array.isArray(list)) { ${change} } } })`,
  )
  expect(await output('print(context + CONTEXT["b.txt"] + chunks("b.txt", 9)[0] + peek("b.txt", 4))')).toBe(
    'my words\nmy words\nmy words\nmy w\n',
  )
})
