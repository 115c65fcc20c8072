// What code of the session can get hold of, whatever the check of its source lets through.
import { describe, expect, test } from 'vitest'
import { openJavaScript } from '../helpers/backends.ts'

describe('what the language has to look behind things', () => {
  test('is not there', async () => {
    const { output } = await openJavaScript({ files: { 'a.txt': 'x' } })
    const gone = [
      'ev' + 'al',
      'Function',
      'Proxy',
      'Reflect',
      'WeakRef',
      'globalThis',
      'SharedArrayBuffer',
      'process',
      'require',
      'guest',
      'bridge',
      'std',
      'os',
      'performance',
    ]
    const key = '"const" + "ructor"'
    expect(
      await output(
        `const g = (function () { return this })()\nprint(${JSON.stringify(gone)}.filter((name) => name in g))`,
      ),
    ).toBe('[]\n')
    const makers = [
      'print',
      'listFiles',
      '(() => 1)',
      '(async () => 1)',
      '(function* () {})',
      '(async function* () {})',
      'class {}',
      'grep("x")[0].path.trim',
    ]
    for (const maker of makers) expect(await output(`print(typeof (${maker})[${key}])`)).toBe('undefined\n')
  })

  test('reaches no function that compiles a text, from anything there is', async () => {
    const { output } = await openJavaScript({ files: { 'a.txt': 'x' } })
    const code = `
const seen = new Set(), found = [], queue = [[(function () { return this })(), 'this'], [chunks('a.txt')[0], 'chunk'], [CONTEXT, 'CONTEXT']]
while (queue.length > 0 && seen.size < 20000) {
  const [value, path] = queue.pop()
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
  seen.add(value)
  if (typeof value === 'function') {
    try { if (value('return 40 + 2')() === 42) found.push(path) } catch {}
    try { if (new value('return 40 + 2')() === 42) found.push('new ' + path) } catch {}
  }
  for (const key of [...Object.getOwnPropertyNames(value), ...Object.getOwnPropertySymbols(value)]) {
    const property = Object.getOwnPropertyDescriptor(value, key)
    for (const part of [property?.value, property?.get, property?.set]) queue.push([part, path + '.' + String(key)])
  }
  queue.push([Object['get' + 'PrototypeOf'](value), path + '.proto'])
}
print(seen.size > 300, found)
`
    expect(await output(code)).toMatch(/^true \[\]\n$/m) // print was tried as well
  })

  test.each([
    ['assignments', 'this.listFiles = () => "forged"; this.print = () => "forged"'],
    [
      'definitions',
      'Object.defineProperty(this, "listFiles", { get: () => () => "forged", configurable: true })',
    ],
    [
      'what all objects have',
      'Object.defineProperty(Object["proto" + "type"], "get", { value: () => "forged", configurable: true, writable: true })',
    ],
    [
      'what all arrays have',
      'const P = Array.prototype\nP.map = P.join = P.slice = P[Symbol.iterator] = () => "forged"',
    ],
    [
      'setters where arrays have elements',
      'for (const at of [0, 1, 2]) Object.defineProperty(Array.prototype, at, { set() {}, get: () => "forged", configurable: true })',
    ],
    [
      'what all texts have',
      'const P = String.prototype\nP.split = P.slice = P.toString = P.valueOf = () => "forged"',
    ],
    [
      'what functions have',
      'const P = Object["getPro" + "totypeOf"](print)\nP.call = P.apply = P.bind = () => "forged"',
    ],
    ['JSON', 'const J = JSON\nJ.parse = J.stringify = () => "forged"'],
  ])('does not change the functions of the next step by %s', async (_what, code) => {
    const { run, output, finals } = await openJavaScript({
      files: { 'a.txt': 'one\ntwo\n' },
      call: async (_name, [prompt]) => [prompt ?? null],
    })
    await run(code)
    expect(await output('print(listFiles(), readFile("a.txt", 2), CONTEXT["a.txt"], subRlm("q"))')).toBe(
      '["a.txt"] two one\ntwo\n ["q"]\n',
    )
    await output('setFinal([grep("two")[0].snippet, chunks("a.txt", 4)[1]])')
    expect(finals).toEqual([['two', { $span: ['a.txt', 4, 8] }]])
  })
})
