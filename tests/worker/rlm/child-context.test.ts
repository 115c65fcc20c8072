import { describe, expect, it, test } from 'vitest'
import type { Document, Documents } from '../../../src/worker/rlm/documents.ts'
import type { Json } from '../../../src/worker/rlm/ports.ts'
import type { Closure, Step } from '../helpers/closure-sandbox.ts'
import type { Experiment } from '../helpers/lab.ts'
import { fenced } from '../helpers/memory-model.ts'
import { raised, runStep } from '../helpers/one-step.ts'

const documents = {
  'a.txt': 'one\ntwo\nthree\nfour\n',
  'b.txt': 'fünf\nsechs\n',
  'bad.bin': Buffer.from([0x61, 0xff, 0x0a]),
  empty: '',
}
const badContext = {
  code: 'code_error',
  message:
    'context takes a path, a chunk, a grep hit ({path, start_line, end_line}), a text, or a list of them',
  swallowable: true,
}
const span = (name: string, from: Json, to: Json): Json => ({ $span: [name, from, to] })
const lines = (path: string, start_line: Json, end_line: Json = start_line): Json => ({
  path,
  start_line,
  end_line,
})

/** What one model call is asked with this context, or what the code sees raised. */
async function asked(context: Json, experiment: Experiment = {}) {
  const { end, sub } = await runStep((step) => step.call('sub_rlm', 'Q', 1, context).catch(raised), {
    documents,
    ...experiment,
  })
  return sub.requests[0]?.prompt ?? end.final
}

const shape = (all: Documents) => (document: Document) => ({
  name: document.name,
  text: all.readText(document, 0, document.length),
  source: document.source,
  firstLine: document.firstLine,
})

/** The documents of a child run with this context, or what the code sees raised. */
async function given(context: Json, experiment: Experiment = {}) {
  let seen: unknown
  const child: Closure = async (step) => {
    seen = step.request.documents.list.map(shape(step.request.documents))
    await step.call('set_final', 'x')
  }
  const lab = await runStep((step) => step.call('sub_rlm', 'Q', 2, context).catch(raised), {
    documents,
    sub: [fenced('child')],
    ...experiment,
    closures: { child, ...experiment.closures },
  })
  expect(lab.leftInWorkDir).toEqual([])
  return seen ?? lab.end.final
}

describe('the context of one model call', () => {
  test.each<[title: string, context: Json, behind: string]>([
    ['none', null, ''],
    ['a path', 'b.txt', '\n\n=== b.txt ===\nfünf\nsechs\n'],
    ['a chunk', span('a.txt', 4, 8), '\n\n=== a.txt:2-2 ===\ntwo\n'],
    ['a chunk within a line', span('a.txt', 5, 7), '\n\n=== a.txt:2-2 ===\nwo'],
    ['a chunk that is a whole document', span('b.txt', 0, 12), '\n\n=== b.txt ===\nfünf\nsechs\n'],
    ['a chunk beyond the end', span('a.txt', 14, 999), '\n\n=== a.txt:4-4 ===\nfour\n'],
    [
      'a grep hit',
      { ...(lines('a.txt', 2) as object), signal: 's', snippet: 'two' },
      '\n\n=== a.txt:2-2 ===\ntwo\n',
    ],
    ['some lines', lines('a.txt', 2, 3), '\n\n=== a.txt:2-3 ===\ntwo\nthree\n'],
    ['a line without an end', { path: 'a.txt', start_line: 3 }, '\n\n=== a.txt:3-3 ===\nthree\n'],
    ['lines around the document', lines('a.txt', 0, 99), '\n\n=== a.txt ===\none\ntwo\nthree\nfour\n'],
    ['a path in a dict', { path: 'b.txt' }, '\n\n=== b.txt ===\nfünf\nsechs\n'],
    ['a text', 'some words', '\n\nsome words'],
    ['a text that is no path', 'a.txt ', '\n\na.txt '],
    ['an empty text', '', ''],
    [
      'a list',
      ['b.txt', lines('a.txt', 1), 'words'],
      '\n\n=== b.txt ===\nfünf\nsechs\n\n\n=== a.txt:1-1 ===\none\n\n\nwords',
    ],
    [
      'a part twice',
      [lines('a.txt', 1), lines('a.txt', 1)],
      '\n\n=== a.txt:1-1 ===\none\n\n\n=== a.txt:1-1 ===\none\n',
    ],
    ['bytes that are no text', 'bad.bin', '\n\n=== bad.bin ===\na\ufffd\n'],
  ])('may be %s', async (_title, context, behind) => {
    expect(await asked(context)).toBe(`Q${behind}`)
  })

  it('of a million characters is given, of one more is refused with what to do', async () => {
    expect(await asked('x'.repeat(1_000_000))).toHaveLength(1_000_003)
    expect(await asked('x'.repeat(1_000_001))).toEqual({
      code: 'code_error',
      message:
        'the context has 1000001 characters, one model call takes 1000000: cut it with chunks(), or use depth=2',
      swallowable: true,
    })
  })

  it('is counted in characters, over all of its parts', async () => {
    const large = { 'a.txt': 'ü'.repeat(600_000), 'b.txt': 'ü'.repeat(400_000), c: 'x' }
    expect(await asked(['a.txt', 'b.txt'], { documents: large })).toMatch(/^Q\n\n=== a\.txt ===\nü/)
    expect(await asked(['a.txt', 'b.txt', 'c'], { documents: large })).toMatchObject({
      message: expect.stringContaining('the context has 1000001 characters'),
    })
  })
})

describe('a context that is none', () => {
  test.each<[title: string, context: Json]>([
    ['a number', 5],
    ['a truth value', true],
    ['an empty dict', {}],
    ['a path in a dict that is no document', { path: 'nowhere' }],
    ['a path in a dict that is no text', { path: 5 }],
    ['a chunk of no document', span('nowhere', 0, 5)],
    ['a chunk with a negative begin', span('a.txt', -1, 5)],
    ['a chunk with half a byte', span('a.txt', 0.5, 5)],
    ['a chunk without an end', { $span: ['a.txt', 0] }],
    ['a chunk that is no list', { $span: 'a.txt' }],
    ['a list in a list', [['a.txt']]],
    ['nothing in a list', ['a.txt', null]],
    ['a number in a list', ['a.txt', 5]],
  ])('is refused: %s', async (_title, context) => {
    expect(await asked(context)).toEqual(badContext)
    expect(await given(context)).toEqual(badContext)
  })

  it('is refused when it is an empty list', async () => {
    const refused = { code: 'code_error', message: 'the context is an empty list', swallowable: true }
    expect(await asked([])).toEqual(refused)
    expect(await given([])).toEqual(refused)
  })

  it('is a value in its slot of a batch', async () => {
    const prompts: Json = ['a', { prompt: 'b', context: 5 }]
    const { end } = await runStep((step) => step.call('sub_rlm_batch', prompts), { documents })
    expect(end.final).toEqual(['re: a', { error: badContext.message, error_code: 'code_error' }])
  })
})

describe('the documents of a child run', () => {
  const whole = (name: keyof typeof documents) => ({
    name,
    text: Buffer.from(documents[name] as string).toString(),
    source: name,
    firstLine: 1,
  })
  const part = (name: string, text: string, firstLine: number) => ({ name, text, source: 'a.txt', firstLine })
  const made = (name: string, text: string) => ({ name, text, source: expect.any(String), firstLine: 1 })

  test.each<[title: string, context: Json, documents: unknown[]]>([
    ['all where none is named', null, [whole('a.txt'), whole('b.txt'), whole('bad.bin'), whole('empty')]],
    ['one by its path', 'b.txt', [whole('b.txt')]],
    ['several by their paths', ['b.txt', 'a.txt'], [whole('b.txt'), whole('a.txt')]],
    ['a part', lines('a.txt', 2, 3), [part('a.txt:2-3', 'two\nthree\n', 2)]],
    ['a chunk', span('a.txt', 4, 8), [part('a.txt:2-2', 'two\n', 2)]],
    ['a text', 'some\nwords', [made('context', 'some\nwords')]],
    ['an empty text', '', [made('context', '')]],
    ['two texts', ['x', 'y'], [made('context-1', 'x'), made('context-2', 'y')]],
    [
      'a text beside documents',
      ['x', 'b.txt', lines('a.txt', 2)],
      [made('context', 'x'), whole('b.txt'), part('a.txt:2-2', 'two\n', 2)],
    ],
    ['a text beside bytes that are no text', ['x', 'bad.bin'], [made('context', 'x'), whole('bad.bin')]],
  ])('are %s', async (_title, context, expected) => {
    expect(await given(context)).toEqual(expected)
  })

  test.each<[title: string, context: Json, names: string[]]>([
    [
      'parts of the same lines',
      [lines('a.txt', 2), lines('a.txt', 2), span('a.txt', 5, 7)],
      ['a.txt:2-2', 'a.txt:2-2#2', 'a.txt:2-2#3'],
    ],
    ['a document given twice', ['a.txt', 'a.txt'], ['a.txt', 'a.txt#2']],
  ])('have names of their own: %s', async (_title, context, names) => {
    const seen = (await given(context, { documents: { ...documents, context: 'c' } })) as Array<{
      name: string
    }>
    expect(new Set(seen.map(({ name }) => name)).size).toBe(names.length)
    expect(seen.map(({ name }) => name)).toEqual(names)
  })

  test.each<[title: string, context: Json]>([
    ['a document given twice', ['a.txt', 'words', 'a.txt']],
    ['a document that is named like it', ['words', 'context']],
  ])('have names of their own beside a text: %s', async (_title, context) => {
    const seen = (await given(context, { documents: { ...documents, context: 'c' } })) as Array<{
      name: string
    }>
    expect(new Set(seen.map(({ name }) => name)).size).toBe((context as Json[]).length)
  })

  it('keep the hash of their source, also beside a text', async () => {
    const hashes: unknown[] = []
    const child = async (step: Step) => {
      hashes.push(step.request.documents.find('a.txt:2-2')?.sha256)
      await step.call('set_final', 'x')
    }
    let source: string | undefined
    const only = async (step: Step) => {
      source = step.request.documents.find('a.txt')?.sha256
      await step.call('sub_rlm', 'Q', 2, lines('a.txt', 2))
      return step.call('sub_rlm', 'Q', 2, [lines('a.txt', 2), 'words'])
    }
    await runStep(only, { documents, sub: [fenced('child')], closures: { child } })
    expect(source).toMatch(/^[0-9a-f]{64}$/)
    expect(hashes).toEqual([source, source])
  })

  it('can be given on in part, with the lines of their source', async () => {
    const seen: unknown[] = []
    const child = async (step: Step) => {
      seen.push(step.request.documents.list.map(shape(step.request.documents)))
      const { depth } = (await step.call('budget')) as { depth: number }
      if (depth > 1) await step.call('sub_rlm', 'Q', depth, lines('a.txt:2-4', 3, 4))
      await step.call('set_final', depth === 1 ? await step.call('sub_rlm', 'Q', 1, 'a.txt:3-4') : 'x')
    }
    const { sub } = await runStep((step) => step.call('sub_rlm', 'Q', 3, lines('a.txt', 2, 4)), {
      documents,
      sub: ({ purpose }) => (purpose === 'root' ? fenced('child') : 'x'),
      closures: { child },
      limits: { max_depth: 3 },
    })
    expect(seen).toEqual([
      [part('a.txt:2-4', 'two\nthree\nfour\n', 2)],
      [part('a.txt:3-4', 'three\nfour\n', 3)],
    ])
    expect(sub.requests.at(-1)?.prompt).toBe('Q\n\n=== a.txt:3-4 ===\nthree\nfour\n')
  })
})
