// What a refusal says to do instead: every row of the tables is met by code that is refused with it, and following it works.
import { expect, test } from 'vitest'
import * as hints from '../../../../src/worker/sandboxes/javascript/hints.ts'
import { checkCode } from '../../../../src/worker/sandboxes/javascript/policy.ts'
import { openJavaScript } from '../helpers/backends.ts'

const refusal = (code: string): string => {
  try {
    checkCode(code, () => false)
    return 'allowed'
  } catch (error) {
    return (error as Error).message
  }
}

const syntax: Readonly<Record<string, string>> = {
  ImportDeclaration: 'import "fs"',
  ImportExpression: 'import("fs")',
  ExportNamedDeclaration: 'export const x = 1',
  ExportDefaultDeclaration: 'export default 1',
  ExportAllDeclaration: 'export * from "fs"',
  MetaProperty: 'import.meta',
  WithStatement: 'with ({}) {}',
  DebuggerStatement: 'debugger',
}

test.each(Object.entries(hints.names))('the name %s is refused with its hint', (name, hint) => {
  expect(refusal(`x = ${name}`)).toBe(`line 1: ${name} is not available; ${hint}`)
})

test.each(Object.entries(hints.properties))('the property %s is refused with its hint', (name, hint) => {
  const message = `line 1: the property ${JSON.stringify(name)} is not allowed; ${hint}`
  for (const code of [`x.${name}`, `x["${name}"]`, `x?.${name}`, `({ ${name}: y } = x)`, `x.${name} = 1`])
    expect(refusal(code), code).toBe(message)
})

test.each(Object.entries(hints.syntax))('%s is refused with its hint', (kind, [spoken, hint]) => {
  expect(refusal(syntax[kind]!)).toBe(`line 1: ${spoken} is not allowed; ${hint}`)
})

/** By hint: code that does what it says, and what that prints. */
const followed: Readonly<Record<string, readonly [code: string, printed: string]>> = {
  'there are no modules; JSON, Math, RegExp, Map, Set and Date are there as they are': [
    'print([JSON, Math].map((o) => typeof o), [RegExp, Map, Set, Date].map((f) => typeof f).length)',
    '["object", "object"] 4',
  ],
  'there are no files and no processes; use list_files() and read_file(path)': [
    'print(read_file(list_files()[0]))',
    'text',
  ],
  'use texts; encodeURIComponent and charCodeAt are there': [
    'print(encodeURIComponent("ä"), "a".charCodeAt(0))',
    '%C3%A4 97',
  ],
  'show_vars() lists your variables': ['var own = 1; print("own" in show_vars())', 'true'],
  'there is no page; print(value) shows a value': ['print({ a: 1 })', '{"a": 1}'],
  'nobody can answer; the task is in the prompt': ['print("on with it")', 'on with it'],
  'write the code itself; JSON.parse reads JSON': ['print(1 + 1, JSON.parse("[2]"))', '2 [2]'],
  'write the code itself; typeof value === "function" tells whether a value is one': [
    'print(typeof print === "function")',
    'true',
  ],
  'nothing has to be waited for: every function answers at once; call the code itself': [
    'const later = () => print("now"); later()',
    'now',
  ],
  'there is no network; sub_rlm(prompt) asks a model': ['print(sub_rlm("q"))', 'null'],
  'use sub_rlm_batch for work in parallel': ['print(sub_rlm_batch(["a", "b"]))', 'null'],
  'write the code itself': ['print(1 + 1)', '2'],
  'use plain objects and functions': ['print({ get: (name) => name }.get("a"))', 'a'],
  'use Object.keys(value), "name" in value and value[name]': [
    'const v = { name: 1 }; print(Object.keys(v), "name" in v, v["name"])',
    '["name"] true 1',
  ],
  'keep what you need in a variable': ['const kept = [1]; print(kept)', '[1]'],
  'toFixed, padStart and localeCompare are there': [
    'print((1.005).toFixed(1), "7".padStart(2, "0"), "a".localeCompare("b"))',
    '1.0 07 -1',
  ],
  'use JSON.parse(JSON.stringify(value)), or {...value}': [
    'print(JSON.parse(JSON.stringify([1])), { ...{ a: 1 } })',
    '[1] {"a": 1}',
  ],
  'use Date.now()': ['print(Date.now() > 0)', 'true'],
  'use Math.random()': ['print(Math.random() < 1)', 'true'],
  'texts are read as they are; encodeURIComponent(text) gives UTF-8 as escapes': [
    'print(encodeURIComponent("€"))',
    '%E2%82%AC',
  ],
  'texts are read as they are': ['print(read_file("a.txt").length)', '4'],
  'match the parts with a regular expression': [
    'print(/^https?:\\/\\/([^/]+)/.exec("http://host/path")[1])',
    'host',
  ],
  'leave it out; variables and functions stay from step to step': ['const stays = 1; print(stays)', '1'],
  'write object.name': ['print(Math.max(1, 2))', '2'],
  'print(value) shows a value': ['print([1])', '[1]'],
  'use typeof, Array.isArray(value) or instanceof; value.constructor.name is the name of its class': [
    'print(typeof 1, Array.isArray([]), [] instanceof Array, new Map().constructor.name)',
    'number true true Map',
  ],
  'write a class, and Object.create(null) or a Map for records with any keys': [
    'class A { f() { return 1 } }; const o = Object.create(null); o.toString = 2; print(new A().f(), o.toString, new Map([["__proto__", 3]]).get("__proto__"))',
    '1 2 3',
  ],
  'write get name() { … } in a class or a record': ['print({ get name() { return "n" } }.name)', 'n'],
  'write set name(value) { … } in a class or a record': [
    'const r = { set name(value) { this.kept = value } }; r.name = 1; print(r.kept)',
    '1',
  ],
  'read the property': ['print({ get a() { return 1 } }.a)', '1'],
  'pass what the function needs as an argument': ['const f = (who) => who; print(f("me"))', 'me'],
  'give the function a name and call it by that': [
    'print((function down(n) { return n === 0 ? "done" : down(n - 1) })(3))',
    'done',
  ],
  "the error's text and line are shown to you": [
    'try { null.x } catch (e) { print(e.message) }',
    "cannot read property 'x' of null",
  ],
}

test('every hint can be followed', async () => {
  const all = [hints.names, hints.properties].flatMap((table) => Object.values(table))
  all.push(...Object.values(hints.syntax).map(([, hint]) => hint))
  expect([...new Set(all)].toSorted()).toEqual(Object.keys(followed).toSorted())
  const { output } = await openJavaScript({ files: { 'a.txt': 'text' } })
  for (const [hint, [code, printed]] of Object.entries(followed))
    expect(await output(code), hint).toBe(`${printed}\n`)
})
