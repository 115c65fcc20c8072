// The language layer of JavaScript: what it refuses, that doing what it says instead works, and that honest code is let be.
import { describe, expect, test } from 'vitest'
import { checkCode } from '../../../../src/worker/sandboxes/javascript/policy.ts'
import { openJavaScript } from '../helpers/backends.ts'

const refused = (code: string, isBound = (_name: string) => false): string => {
  try {
    checkCode(code, isBound)
    return 'allowed'
  } catch (error) {
    return (error as Error).message
  }
}

describe('what is refused', () => {
  test.each<[code: string, message: string, instead: string, printed: string]>([
    [
      'require("fs")',
      'line 1: require is not available; there are no modules; JSON, Math, RegExp, Map, Set and Date are there as they are',
      'print(JSON.stringify([Math.max(1, 2)]))',
      '[2]\n',
    ],
    [
      'import fs from "fs"',
      'line 1: import is not allowed; there are no modules; JSON, Math, RegExp, Map, Set and Date are there as they are',
      'print(new Set([1, 1]).size)',
      '1\n',
    ],
    [
      'const m = await import("fs")',
      'line 1: import() is not allowed; there are no modules; JSON, Math, RegExp, Map, Set and Date are there as they are',
      'print(typeof RegExp)',
      'function\n',
    ],
    [
      'import.meta.url',
      'line 1: import.meta is not allowed; there are no modules; JSON, Math, RegExp, Map, Set and Date are there as they are',
      'print(new Date(0).toISOString())',
      '1970-01-01T00:00:00.000Z\n',
    ],
    [
      'export const x = 1',
      'line 1: export is not allowed; leave it out; variables and functions stay from step to step',
      'const x = 1; print(x)',
      '1\n',
    ],
    [
      'process.env.HOME',
      'line 1: process is not available; there are no files and no processes; use list_files() and read_file(path)',
      'print(read_file(list_files()[0]))',
      'text\n',
    ],
    [
      'globalThis.x = 1',
      'line 1: globalThis is not available; show_vars() lists your variables',
      'x = 1; print(Object.keys(show_vars()))',
      '["x"]\n',
    ],
    [
      'eval("1 + 1")',
      'line 1: eval is not available; write the code itself; JSON.parse reads JSON',
      'print(JSON.parse("2"))',
      '2\n',
    ],
    [
      'new Function("return 1")',
      'line 1: Function is not available; write the code itself; typeof value === "function" tells whether a value is one',
      'print(typeof print === "function")',
      'true\n',
    ],
    [
      'setTimeout(() => print(1), 10)',
      'line 1: setTimeout is not available; nothing has to be waited for: every function answers at once; call the code itself',
      'print(1)',
      '1\n',
    ],
    [
      'await fetch("http://x")',
      'line 1: fetch is not available; there is no network; sub_rlm(prompt) asks a model',
      'print(sub_rlm("q"))',
      'null\n',
    ],
    [
      'Reflect.get({a: 1}, "a")',
      'line 1: Reflect is not available; use Object.keys(value), "name" in value and value[name]',
      'print({a: 1}["a"])',
      '1\n',
    ],
    [
      'new Proxy({}, {})',
      'line 1: Proxy is not available; use plain objects and functions',
      'print({})',
      '{}\n',
    ],
    [
      'structuredClone([1])',
      'line 1: structuredClone is not available; use JSON.parse(JSON.stringify(value)), or {...value}',
      'print(JSON.parse(JSON.stringify([1])))',
      '[1]\n',
    ],
    [
      'with (Math) { print(max(1, 2)) }',
      'line 1: with is not allowed; write object.name',
      'print(Math.max(1, 2))',
      '2\n',
    ],
    ['debugger', 'line 1: debugger is not allowed; print(value) shows a value', 'print(1)', '1\n'],
    [
      '[].constructor',
      'line 1: the property "constructor" is not allowed; use typeof, Array.isArray(value) or instanceof; value.constructor.name is the name of its class',
      'print(Array.isArray([]), [].constructor.name)',
      'true Array\n',
    ],
    [
      'const { constructor: F } = print',
      'line 1: the property "constructor" is not allowed; use typeof, Array.isArray(value) or instanceof; value.constructor.name is the name of its class',
      'print(print instanceof Object)',
      'true\n',
    ],
    [
      'x = {}\nx["__proto__"] = null',
      'line 2: the property "__proto__" is not allowed; write a class, and Object.create(null) or a Map for records with any keys',
      'const x = Object.create(null); x.a = 1; print(x.a)',
      '1\n',
    ],
    [
      'Object.prototype.x = 1',
      'line 1: assignment to Object.prototype.x is not allowed; write a function of your own',
      'const ofMine = (value) => value + 1; print(ofMine(1))',
      '2\n',
    ],
    [
      'JSON["parse"] = print',
      'line 1: assignment to JSON[…] is not allowed; write a function of your own',
      'const parse = JSON.parse; print(parse("1"))',
      '1\n',
    ],
    [
      'delete Math.max',
      'line 1: assignment to Math.max is not allowed; write a function of your own',
      'print(Math.max(1, 2))',
      '2\n',
    ],
    [
      'CONTEXT.length++',
      'line 1: assignment to CONTEXT.length is not allowed; write a function of your own',
      'print(Object.keys(CONTEXT).length)',
      '1\n',
    ],
    [
      'let $watch = 1',
      'line 1: the name $watch is not allowed; choose another name',
      'let watch = 1; print(watch)',
      '1\n',
    ],
    [
      'x = "\u0001"',
      'line 1: the character U+0001 is not allowed in code; write it as an escape',
      'print("\\u0001".length)',
      '1\n',
    ],
    [
      'x = 1\ny = "\ud800"',
      'line 2: the character U+D800 is not allowed in code; write it as an escape',
      'print("\\ud800".length)',
      '1\n',
    ],
    [
      `x = ${'9'.repeat(2000)}n`,
      'line 1: an integer constant is too large; compute it',
      'print(String(10n ** 2000n).length)',
      '2001\n',
    ],
  ])('%s, with what to write instead, which works', async (code, message, instead, printed) => {
    expect(refused(code)).toBe(message)
    const { output } = await openJavaScript({ files: { 'a.txt': 'text' } })
    expect(await output(instead)).toBe(printed)
  })

  test.each([
    [
      'too many characters',
      `x = "${'a'.repeat(300_000)}"`,
      'the code has more than 262144 characters; do the work in several steps',
    ],
    ['too many parts', `x = [${'1,'.repeat(50_000)}]`, 'the code is too large; do the work in several steps'],
    [
      'too deep nesting',
      `x = ${'['.repeat(300)}${']'.repeat(300)}`,
      'line 1: the code is nested too deeply; use names for its parts',
    ],
    [
      'nesting that no parser stands',
      `x = ${'['.repeat(100_000)}`,
      'the code is nested too deeply; use names for its parts',
    ],
  ])('is code of %s', (_what, code, message) => {
    expect(refused(code)).toBe(message)
  })

  test('is a name only where the session has not bound it', () => {
    for (const code of [
      'const process = 1; process',
      'function f(module) { return module }',
      '({ global: name }) => name',
      'try {} catch (self) { self }',
    ])
      expect(refused(code)).toBe('allowed')
    expect(refused('process', (name) => name === 'process')).toBe('allowed')
    expect(refused('Math = {}; Math.max = 1')).toBe('allowed')
  })

  test.each([
    'x = = 1',
    'const a = 1; const a = 2',
    'x = /(/',
    'await = 1; await 1',
    'return 1',
    'break',
    'I think the answer is 5.',
  ])('is bad syntax, told with its line: %s', (code) => {
    expect(refused(code)).toMatch(/^SyntaxError: .+ \(line 1: /)
  })
})

describe('what is let be', () => {
  test.each([
    'for await (const x of [1]) print(x)',
    'class A { #p = 1; static s = 2; static { this.t = 3 } get p() { return this.#p } set p(v) {} *g() { yield 1 } constructor() { new.target } }',
    'class E extends Error { constructor(m) { super(m); this.name = "E" } }',
    'const { a, b: [c = 1, ...d], ...rest } = { a: 1, b: [] }',
    'label: for (;;) { break label }',
    'print(String.raw`\\d`)',
    'Object.prototype.hasOwnProperty.call({}, "a"); Array.prototype.slice.call([1])',
    'function A() { this.x = 1 }\nA.prototype.get = function () { return this.x }',
    'const o = { constructor: 1, "constructor": 2, get x() { return 1 }, [1 + 1]: 2, __proto: 3 }',
    'const f = async () => { await null }; f().then(() => {}).catch(() => {})',
    'x ??= 1; x ||= 2; x **= 2; x?.y?.[0]?.(); delete x.y; void 0; typeof z',
    'switch (1) { case 1: default: } do {} while (0); if (1); else if (2); throw 1',
    '/(?<y>\\d{4})(?<=a)\\p{L}/giu.test("x"); 1_000n; 0x1f; .5e3',
    '"use strict"; var a = 1, b; a++, --b',
    'grep("constructor"); grep(/__proto__/)',
  ])('%s', (code) => {
    expect(refused(code)).toBe('allowed')
  })
})
