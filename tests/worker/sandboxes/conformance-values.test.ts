// What holds in every sandbox: values that leave it and come back, byte for byte.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { HostCall, Json } from '../../../src/worker/rlm/ports.ts'
import { backends, codeFor, literal } from './helpers/backends.ts'

const sha256 = (text: string) => createHash('sha256').update(text, 'utf16le').digest('hex')

/** Every kind of character: escapes, quotes, line ends of all kinds, NUL, the largest, half of a pair. */
const unit = 'line\nback\\slash \\n "quote" \'q\'\r\n ä€😀 \u2028\u0000\u001b\u007f \ud800 \udfff ``` end '

const values: readonly Json[] = [
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
  { constructor: 2, toString: 3 } as unknown as Json,
]
/** In JavaScript's source it would be no key. */
const unwritable: Json = JSON.parse('{"__proto__": {"polluted": 1}}')

describe.each(backends)('in the sandbox of $name', (backend) => {
  const { language } = backend

  test.each(values.map((value) => [JSON.stringify(value), value] as const))(
    'the value %s leaves as it is written',
    async (_text, value) => {
      const { run, finals } = await backend.open()
      expect((await run(`set_final(${literal(value, language)})`)).error).toBeNull()
      expect(JSON.stringify(finals)).toBe(JSON.stringify([value]))
    },
  )

  test('every value comes back from the host and leaves again as it was', async () => {
    const all = [...values, unwritable]
    const { run, finals } = await backend.open({ call: async () => all })
    for (let at = 0; at < all.length; at++) await run(`set_final(sub_rlm("q")[${at}])`)
    expect(JSON.stringify(finals)).toBe(JSON.stringify(all))
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('values at random come back and leave again as they were', async () => {
    // integers that JSON readers would round leave as texts, by decision
    const isExact = (_key: string, value: unknown) =>
      typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? 1 : value
    const arbitrary = fc
      .jsonValue({ maxDepth: 5 })
      .map((value) => JSON.parse(JSON.stringify(value, isExact)) as Json)
    const sample = fc.sample(arbitrary, 300)
    const { run, finals } = await backend.open({ call: async () => sample })
    expect((await run('set_final(sub_rlm("q"))')).error).toBeNull()
    expect(sorted(finals[0])).toBe(sorted(sample))
  })

  test('what is no JSON leaves as what comes nearest to it', async () => {
    const { run, finals } = await backend.open()
    await run(
      codeFor(backend, {
        python: 'set_final([(1, 2), {3}, {1: 2}, 123456789012345678, 7])',
        javascript:
          'set_final([[1, 2], new Set([3]), new Map([[1, 2]]), 123456789012345678n, new Uint8Array([7])[0]])',
      }),
    )
    expect(finals).toEqual([[[1, 2], [3], { 1: 2 }, '123456789012345678', 7]])
  })

  test('what can be no value, or too large a one, is an error of the code, and no call', async () => {
    const call = vi.fn<HostCall>(async () => null)
    const { run, output } = await backend.open({ call })
    const code = {
      python: ['"x" * (17 << 20)', '[0] * 200_000', 'print', '2 ** 5000', 'deep'],
      javascript: [
        '"x".repeat(17 << 20)',
        'Array(200_000).fill(0)',
        'print',
        '2n ** 5000n',
        'deep',
        'around',
        'Symbol()',
      ],
    }[language]
    await run(
      codeFor(backend, {
        python: 'deep = []\nfor n in range(60): deep = [deep]',
        javascript:
          'let deep = []\nfor (let n = 0; n < 60; n++) deep = [deep]\nconst around = {}\naround.it = around',
      }),
    )
    for (const value of code) {
      const { error } = await run(`sub_rlm(${value})`)
      expect(error, value).toMatchObject({ code: 'code_error', stateLost: false })
    }
    expect(call).not.toHaveBeenCalled()
    expect(await output('sub_rlm("q")\nprint("alive")')).toBe('alive\n')
  })

  test('a prompt and a reply of ten million characters of every kind arrive as they were', async () => {
    const count = Math.ceil(10_000_000 / unit.length)
    const call = vi.fn<HostCall>(async (_name, [prompt]) => `${prompt}!`)
    const { run, output } = await backend.open({ call })
    await run(
      codeFor(backend, {
        python: `unit = ${literal(unit, 'python')}\nprompt = unit * ${count}\nreply = sub_rlm(prompt)`,
        javascript: `const unit = ${literal(unit, 'javascript')}, prompt = unit.repeat(${count}), reply = sub_rlm(prompt)`,
      }),
    )
    expect(sha256(call.mock.calls[0]?.[1][0] as string)).toBe(sha256(unit.repeat(count)))
    const same = codeFor(backend, {
      python: 'print("same" if reply == prompt + "!" else "other")',
      javascript: 'print(reply === prompt + "!" ? "same" : "other")',
    })
    expect(await output(same)).toBe('same\n')
  })

  test('a text of every small size arrives as it was', async () => {
    const { output } = await backend.open({ call: async (_name, [prompt]) => prompt ?? null })
    const code = codeFor(backend, {
      python: `text = ${literal(unit, 'python')} * 9\nbad = [n for n in range(300) for t in (text[:n], text[n:]) if sub_rlm(t) != t]\nprint(len(bad))`,
      javascript: `const text = ${literal(unit, 'javascript')}.repeat(9)\nlet bad = 0\nfor (let n = 0; n < 300; n++) for (const t of [text.slice(0, n), text.slice(n)]) if (sub_rlm(t) !== t) bad++\nprint(bad)`,
    })
    expect(await output(code)).toBe('0\n')
  })

  test('a document of ten million characters is read as it is', async () => {
    const text = Buffer.from(unit.repeat(Math.ceil(10_000_000 / unit.length))).toString()
    const { run, finals } = await backend.open({ files: { 'large.txt': text } })
    const code = codeFor(backend, {
      python:
        'for piece in chunks("large.txt", 1_000_000): set_final(piece[:])\nset_final(CONTEXT["large.txt"] == context)',
      javascript:
        'for (const piece of chunks("large.txt", 1_000_000)) set_final(piece + "")\nset_final(CONTEXT["large.txt"] === context)',
    })
    expect((await run(code)).error).toBeNull()
    expect(finals.pop()).toBe(true)
    expect(sha256(finals.join(''))).toBe(sha256(text))
  })
})

describe.each(backends.filter(({ language }) => language === 'python'))(
  'Python in the sandbox of $name',
  (backend) => {
    test('waits when it is told to, and goes on', async () => {
      const { output } = await backend.open()
      const code =
        'import time\nbegan = time.monotonic()\ntime.sleep(0.05)\nprint(time.monotonic() - began >= 0.05)'
      expect(await output(code)).toBe('True\n')
    })

    test('does not know an encoding that is not there', async () => {
      const { run, output } = await backend.open()
      expect(await output('print(b"caf\\xe9".decode("cp1252"), "ä".encode("idna"))')).toBe(
        "café b'xn--4ca'\n",
      )
      for (const name of ['rot13', 'utf-7', 'nosuch', '../x'])
        expect((await run(`"a".encode("${name}")`)).error?.message).toMatch(
          /^LookupError: unknown encoding: /,
        )
    })
  },
)

/** JSON with its keys in order: engines keep integer-like keys in an order of their own. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
