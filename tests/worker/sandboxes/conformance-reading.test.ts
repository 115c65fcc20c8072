// What holds in every sandbox: the functions that read documents give the same answers to the same calls.
import { describe, expect, test } from 'vitest'
import { sliceDocuments } from '../../../src/worker/rlm/documents.ts'
import type { Json } from '../../../src/worker/rlm/ports.ts'
import { answer, backends, callOf, codeFor } from './helpers/backends.ts'
import { makeDocuments } from './helpers/python-session.ts'

const poem = 'one\ntwo ä€😀\r\nthree\n\nfive'
const files: Record<string, string | Buffer> = {
  'poem.txt': poem,
  'ascii.txt': 'alpha 1\nbeta 22\ngamma 333\n',
  'empty.txt': '',
  'bom.md': '\ufeffa\n',
  'dir/deep.py': 'def run(self):\n    # TODO: handle errors, 50%\n    return {"a": [1, 2]}\n',
  'invalid.txt': Buffer.from([97, 0xff, 98, 0xe2, 0x82, 10, 0xf0, 0x9f, 0x98]),
  'long.txt': `${'x'.repeat(700)}needle${'y'.repeat(700)}\n${'😀'.repeat(600)}needle`,
}

const hit = (path: string, line: number, snippet: string) => ({
  path,
  start_line: line,
  end_line: line,
  signal: 'regex_match',
  snippet,
})

const table: ReadonlyArray<[name: string, args: Json[], answer: unknown]> = [
  ['list_files', [], Object.keys(files)],
  ['read_file', ['poem.txt'], poem],
  ['read_file', ['ascii.txt'], 'alpha 1\nbeta 22\ngamma 333'],
  ['read_file', ['poem.txt', 2, 2], 'two ä€😀'],
  ['read_file', ['poem.txt', 2], 'two ä€😀\r\nthree\n\nfive'],
  ['read_file', ['poem.txt', 4, 4], ''],
  ['read_file', ['poem.txt', -3, 1], 'one'],
  ['read_file', ['poem.txt', 5, 99], 'five'],
  ['read_file', ['poem.txt', 9, 99], ''],
  ['read_file', ['poem.txt', 3, 2], ''],
  ['read_file', ['ascii.txt', '2', '2'], 'beta 22'],
  ['read_file', ['empty.txt'], ''],
  ['read_file', ['bom.md'], '\ufeffa'],
  ['read_file', ['invalid.txt', 1, 1], 'a\ufffdb\ufffd'],
  [
    'read_file',
    ['deep.py'],
    { error: 'there is no document "deep.py" (there is dir/deep.py); list_files() names them' },
  ],
  ['read_file', ['nothing.here'], { error: 'there is no document "nothing.here"; list_files() names them' }],
  ['peek', ['poem.txt', 7], 'one\ntwo'],
  ['peek', ['poem.txt', 11], 'one\ntwo ä€😀'],
  ['peek', ['poem.txt'], poem],
  ['peek', ['poem.txt', 0], ''],
  ['peek', ['invalid.txt', 4], 'a\ufffdb\ufffd'],
  ['slice_text', ['a😀b', 1, 2], '😀'],
  ['slice_text', ['abc'], 'abc'],
  ['slice_text', ['abc', 1], 'bc'],
  ['slice_text', ['abc', -2, null], 'bc'],
  ['slice_text', ['a😀b', -2, -1], '😀'],
  ['slice_text', ['abc', 2, 1], ''],
  ['chunks', ['abcdef', 4], ['abcd', 'ef']],
  ['chunks', ['abcdef', 4, 1], ['abcd', 'def']],
  ['chunks', ['ab\ncdef\ng', 5], ['ab\n', 'cdef\n', 'g']],
  ['chunks', ['ab\ncd', 5], ['ab\ncd']],
  ['chunks', ['a\nbcde', 4], ['a\nbc', 'de']],
  ['chunks', ['😀😀😀', 2], ['😀😀', '😀']],
  ['chunks', ['😀\n😀😀😀', 3, 2], ['😀\n', '\n😀😀', '😀😀😀']],
  ['chunks', [''], []],
  ['chunks', ['no document.txt', 99], ['no document.txt']],
  ['chunks', ['empty.txt'], []],
  [
    'chunks',
    ['ascii.txt', 10],
    [{ $span: ['ascii.txt', 0, 8] }, { $span: ['ascii.txt', 8, 16] }, { $span: ['ascii.txt', 16, 26] }],
  ],
  [
    'chunks',
    ['poem.txt', 8],
    [
      { $span: ['poem.txt', 0, 8] },
      { $span: ['poem.txt', 8, 19] },
      { $span: ['poem.txt', 19, 26] },
      { $span: ['poem.txt', 26, 30] },
    ],
  ],
  ['chunks', ['invalid.txt', 3], [{ $span: ['invalid.txt', 0, 3] }, { $span: ['invalid.txt', 3, 9] }]],
  ['chunks', ['abc', 0], { error: 'chunks needs a size from 1 up and an overlap from 0 to size - 1' }],
  ['chunks', ['abc', 3, 3], { error: 'chunks needs a size from 1 up and an overlap from 0 to size - 1' }],
  ['grep', ['beta'], [hit('ascii.txt', 2, 'beta 22')]],
  ['grep', ['BETA', null, 80, 'i'], [hit('ascii.txt', 2, 'beta 22')]],
  ['grep', ['(?i)BETA'], [hit('ascii.txt', 2, 'beta 22')]],
  ['grep', ['\\d{2,}', 'ascii.txt', 1], [hit('ascii.txt', 2, 'beta 22')]],
  ['grep', ['[a-z]+ \\d+$', 'ascii.txt', 0], []],
  ['grep', ['ä€😀'], [hit('poem.txt', 2, 'two ä€😀')]],
  [
    'grep',
    ['needle', 'long.txt'],
    [
      hit('long.txt', 1, `${'x'.repeat(100)}needle${'y'.repeat(394)}`),
      hit('long.txt', 2, `${'😀'.repeat(100)}needle`),
    ],
  ],
  ['grep', ['x', null, 80, 'q'], { error: 'grep has no flag "q"; there are i, m, s, x, a' }],
  [
    'grep',
    ['x', 'deep.py'],
    { error: 'there is no document "deep.py" (there is dir/deep.py); list_files() names them' },
  ],
]

describe.each(backends)('in the sandbox of $name', (backend) => {
  test('the same calls have the same answers', async () => {
    const session = await backend.open({ files })
    for (const [name, args, expected] of table)
      expect(await answer(session, backend, name, args), callOf(name, args, backend)).toEqual(expected)
  })

  test('a chunk knows where it comes from', async () => {
    const session = await backend.open({ files })
    const code = codeFor(backend, {
      python:
        'set_final([[c.index, c.path, c.start_line, c.end_line, len(c)] for t in ("ascii.txt", "text") for c in chunks(t, 10)])',
      javascript:
        'set_final(["ascii.txt", "text"].flatMap((t) => [...chunks(t, 10)]).map((c) => [c.index, c.path, c.start_line, c.end_line, c.length]))',
    })
    await session.run(code)
    expect(session.finals).toEqual([
      [
        [0, 'ascii.txt', 1, 1, 8],
        [1, 'ascii.txt', 2, 2, 8],
        [2, 'ascii.txt', 3, 3, 10],
        [0, null, null, null, 4],
      ],
    ])
  })

  test('CONTEXT has every text, and names what there is where it has none', async () => {
    const session = await backend.open({ files })
    const code = codeFor(backend, {
      python:
        'set_final({p: CONTEXT[p] for p in CONTEXT})\nset_final(["empty.txt" in CONTEXT, "x" in CONTEXT, len(CONTEXT)])\nCONTEXT["deep.py"]',
      javascript:
        'set_final({...CONTEXT})\nset_final(["empty.txt" in CONTEXT, "x" in CONTEXT, Object.keys(CONTEXT).length])\nCONTEXT["deep.py"]',
    })
    const { error } = await session.run(code)
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const texts = Object.entries(files).map(([name, text]) => [
      name,
      decoder.decode(Buffer.from(text as string)),
    ])
    expect(session.finals).toEqual([Object.fromEntries(texts), [true, false, 7]])
    expect(error?.message).toMatch(/there is no document ['"]deep\.py['"] \(there is dir\/deep\.py\)/)
  })

  test('context is the text of the only document, or of the one that is called so', async () => {
    const shown = async (own: Record<string, string>) =>
      (await backend.open({ files: own })).run('print(context)')
    expect((await shown({ 'a.txt': 'only' })).output).toBe('only\n')
    expect((await shown({ 'a.txt': 'other', 'context.txt': 'this' })).output).toBe('this\n')
    expect((await shown({ 'a.txt': '1', b: '2' })).error?.message).toContain(
      'context is the text of the only document; here are 2, use CONTEXT[path]',
    )
  })

  test('documents of another run in the same pack are out of reach', async () => {
    const all = makeDocuments({ 'before.txt': 'secret\n', 'mine.txt': 'mine\n', 'behind.txt': 'secret\n' })
    const documents = sliceDocuments(all, [all.find('mine.txt')!])
    const session = await backend.open({ documents })
    expect(await answer(session, backend, 'grep', ['secret'])).toEqual([])
    expect(await answer(session, backend, 'read_file', ['mine.txt', -9, 99])).toBe('mine')
    expect(await answer(session, backend, 'peek', ['mine.txt', 9999])).toBe('mine\n')
    expect(await answer(session, backend, 'read_file', ['before.txt'])).toMatchObject({
      error: expect.any(String),
    })
  })
})

describe.each(backends)('beside the documents of a session of $name lie others in the pack', (backend) => {
  const secret = 'a stranger wrote this\n'.repeat(20)
  const openBetween = () => {
    const all = makeDocuments({
      'a-before.txt': secret,
      'mine.txt': 'my words\n'.repeat(9),
      'z-behind.txt': secret,
    })
    const mine = sliceDocuments(
      all,
      all.list.filter(({ name }) => name === 'mine.txt'),
    )
    return backend.open({ documents: mine })
  }

  test('and no number leads to them', async () => {
    const session = await openBetween()
    for (const far of [-1, -20, -50, -111, -200, -10_000, 10_000]) {
      const calls: Array<[name: string, args: Json[]]> = [
        ['peek', ['mine.txt', far]],
        ['read_file', ['mine.txt', far]],
        ['read_file', ['mine.txt', far, far + 5]],
        ['grep', ['.', 'mine.txt', far]],
        ['chunks', ['mine.txt', Math.abs(far), 0]],
      ]
      for (const [name, args] of calls)
        expect(JSON.stringify(await answer(session, backend, name, args)), `${name}(${args})`).not.toContain(
          'strange',
        )
    }
    expect(await answer(session, backend, 'peek', ['mine.txt', -20])).toBe('')
  })

  test('and no name', async () => {
    const { run } = await openBetween()
    for (const code of [
      'read_file("z-behind.txt")',
      'peek("z-behind.txt")',
      'CONTEXT["z-behind.txt"]',
      'grep(".", "z-behind.txt")',
    ])
      expect((await run(code)).error?.message).toMatch(/there is no document/)
  })
})
