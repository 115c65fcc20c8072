// The documents in a real runner: byte for byte what the pack holds, and nothing but them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sliceDocuments } from '../../../src/worker/rlm/documents.ts'
import { packDocuments } from '../../../src/worker/rlm/pack.ts'
import { makeDocuments, openSession } from './helpers/python-session.ts'

const texts: Record<string, Buffer> = {
  'plain.txt': Buffer.from('one\ntwo\n'),
  'empty.txt': Buffer.alloc(0),
  'no end.txt': Buffer.from('one\ntwo'),
  'crlf.txt': Buffer.from('a\r\nb\r\n'),
  'bom.txt': Buffer.from('\ufeffa\n'),
  'deep/ä €.md': Buffer.from('ä€😀 \u2028\\n "q"\n'),
  'invalid.txt': Buffer.from([97, 0xff, 98, 0xe2, 0x82, 10, 0xf0, 0x9f, 0x98]),
  'controls.txt': Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
}

test('their texts are decoded from the very bytes, invalid ones shown as U+FFFD', async () => {
  const { run, finals } = await openSession({ files: texts })
  await run('set_final({path: CONTEXT[path] for path in list_files()})')
  const shown = Object.fromEntries(
    Object.entries(texts).map(([name, bytes]) => [
      name,
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    ]),
  )
  expect(finals[0]).toEqual(shown)
})

test('their bytes come out of the packing as they were in the files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rlms-test-'))
  try {
    for (const [at, bytes] of Object.values(texts).slice(0, 7).entries())
      writeFileSync(join(folder, `${at}`), bytes)
    const sources = Array.from({ length: 7 }, (_, at) => ({ name: `${at}`, path: join(folder, `${at}`) }))
    const report = packDocuments(sources, join(folder, 'pack'))
    expect(report.list.map(({ length }) => length)).toEqual(
      Object.values(texts)
        .slice(0, 7)
        .map(({ length }) => length),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a session without a document has an empty context', async () => {
  const { run, output } = await openSession({ files: {} })
  expect(await output('print(list_files(), len(CONTEXT), dict(CONTEXT), grep("x"))')).toBe('[] 0 {} []\n')
  expect((await run('print(context)')).error?.message.split('\n')[0]).toBe(
    'NameError: context is the text of the only document; here are 0, use CONTEXT[path]',
  )
  expect((await run('read_file("a.txt")')).error?.message.split('\n')[0]).toBe(
    "ValueError: there is no document 'a.txt'; list_files() names them",
  )
})

test('a session with empty documents only reads them as empty', async () => {
  const { output } = await openSession({ files: { 'a.txt': '', 'b.txt': '' } })
  expect(
    await output(
      'print(list_files(), [CONTEXT[p] for p in CONTEXT], read_file("a.txt"), peek("b.txt"), list(chunks("a.txt")), grep(""))',
    ),
  ).toBe("['a.txt', 'b.txt'] ['', '']   [] []\n")
})

test('the only document is the context', async () => {
  const { output } = await openSession({ files: { 'notes.md': 'only ä\n' } })
  expect(await output('print(context == CONTEXT["notes.md"] == "only ä\\n")')).toBe('True\n')
})

test('they cannot be changed by the code, in no step', async () => {
  const { run, output } = await openSession({ files: { 'a.txt': 'as it was' } })
  for (const code of [
    'CONTEXT["a.txt"] = "forged"',
    'CONTEXT.update({"a.txt": "forged"})',
    'del CONTEXT["a.txt"]',
  ])
    expect((await run(code)).error?.message).toMatch(/^TypeError: CONTEXT is read-only/)
  await output('CONTEXT = {"a.txt": "forged"}\ncontext = "forged"\nread_file = lambda path: "forged"')
  expect(await output('print(CONTEXT["a.txt"], read_file("a.txt"))')).toBe('as it was as it was\n')
})

test('those of another run in the same pack are out of reach', async () => {
  const all = makeDocuments({
    'before.txt': 'secret before\n',
    'mine.txt': 'mine\n',
    'behind.txt': 'secret behind\n',
  })
  const documents = sliceDocuments(all, [all.find('mine.txt')!])
  const { run, output } = await openSession({ documents })
  expect(
    await output(
      'print(list_files(), dict(CONTEXT), grep("secret"), peek("mine.txt", 9999), read_file("mine.txt", -9, 99), [*chunks("mine.txt", 99999)])',
    ),
  ).toBe("['mine.txt'] {'mine.txt': 'mine\\n'} [] mine\n mine [<chunk 0: mine.txt:1-1, 5 characters>]\n")
  for (const code of [
    'read_file("before.txt")',
    'CONTEXT["behind.txt"]',
    'chunks("mine.txt")._make(0, -15, 30)',
  ])
    expect(await run(code)).toMatchObject({ output: '', error: { stateLost: false } })
})

test('a large one is read by lines, pieces and patterns without a loss', async () => {
  const lines = Array.from(
    { length: 200_000 },
    (_, at) => `line ${at + 1} ä€😀 ${at % 50_000 === 7 ? 'needle' : ''}`,
  )
  const text = `${lines.join('\n')}\n`
  const { output } = await openSession({ files: { 'large.txt': text } })
  expect(
    await output(
      't = CONTEXT["large.txt"]\nprint(len(t), t.count("\\n"), read_file("large.txt", 199_999, 200_000) == "\\n".join(t.split("\\n")[199_998:200_000]))',
    ),
  ).toBe(`${[...text].length} 200000 True\n`)
  expect(await output('print([h["start_line"] for h in grep("needle")])')).toBe(
    '[8, 50008, 100008, 150008]\n',
  )
  expect(await output('print("".join(chunks("large.txt", 10_000)) == t)')).toBe('True\n')
})
