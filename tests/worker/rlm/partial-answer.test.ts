import { describe, expect, it, test } from 'vitest'
import type { Json } from '../../../src/worker/rlm/ports.ts'
import type { Closure, Step } from '../helpers/closure-sandbox.ts'
import { runLab } from '../helpers/lab.ts'
import { fenced } from '../helpers/memory-model.ts'
import { runStep } from '../helpers/one-step.ts'

const documents = { 'src/a.txt': 'one\ntwo\nthree\nfour\n', 'b.txt': 'five\n' }

describe('the partial answer of a run that was ended', () => {
  const fail = () => {
    throw new Error('ValueError: no')
  }
  const closures: Record<string, Closure> = {
    print: (step) => step.print('  printed\nwords '),
    'print then fail': (step) => {
      step.print('before the error')
      fail()
    },
    note: async (step) => {
      await step.call('append_highlight', 'one finding')
      await step.call('append_highlight', 'another')
    },
    final: async (step) => {
      await step.call('set_final', { draft: true })
      fail()
    },
    nothing: () => {},
  }

  test.each<[title: string, steps: string[], final: Json]>([
    ['the final value of a failed step', ['print', 'note', 'final'], { draft: true }],
    ['its highlights', ['note', 'print'], 'one finding\nanother'],
    ['what a step printed last that did not fail', ['print', 'nothing', 'print then fail'], 'printed words'],
    ['nothing', ['nothing', 'print then fail'], null],
  ])('is %s', async (_title, steps, final) => {
    const { end } = await runLab({ closures, steps, limits: { max_steps: steps.length } })
    expect(end.error?.code).toBe('limit_exceeded')
    expect(end.final).toEqual(final)
  })
})

describe('highlights', () => {
  const highlights = async (texts: readonly string[]) => {
    const { end } = await runStep(async (step) => {
      for (const text of texts) await step.call('append_highlight', text)
      return null
    })
    return end.highlights
  }

  it('are kept in order, trimmed, each once, none blank', async () => {
    expect(await highlights(['b', ' a\n', 'b ', '', ' \n', 'c\nd'])).toEqual(['b', 'a', 'c\nd'])
  })

  it('are cut at 2000 characters and at 200 in number', async () => {
    expect((await highlights(['x'.repeat(3000)]))[0]).toHaveLength(2000)
    const many = await highlights(Array.from({ length: 250 }, (_, at) => `${at}`))
    expect(many).toHaveLength(200)
    expect(many.at(-1)).toBe('199')
  })

  it('and citations of a final dict are used as such', async () => {
    const final: Json = {
      answer: 42,
      highlights: ['found', 'first', 7, { also: 'this' }],
      citations: [
        { path: 'src/a.txt', start_line: 2, end_line: 2, snippet: 'two' },
        { path: 'src/a.txt', start_line: 3 },
        { path: 'src/a.txt', start_line: 1, snippet: 'not there' },
        'src/a.txt:4',
        { path: '' },
      ],
    }
    const { end } = await runStep(
      async (step) => {
        await step.call('append_highlight', 'first')
        await step.call('add_citation', 'b.txt', 1, 1)
        return final
      },
      { documents },
    )
    expect(end.final).toEqual(final)
    expect(end.highlights).toEqual(['first', 'found', '7', '{"also":"this"}'])
    expect(end.citations.map(({ path, start_line, verified }) => [path, start_line, verified])).toEqual([
      ['b.txt', 1, true],
      ['src/a.txt', 2, true],
      ['src/a.txt', 3, true],
      ['src/a.txt', 1, false],
    ])
  })

  it.each<Json>(['text', ['highlights'], 5, { highlights: 'x', citations: 'y' }])(
    'are none in the final value %j',
    async (final) => {
      const { end } = await runStep(async () => final)
      expect(end).toMatchObject({ final, highlights: [], citations: [] })
    },
  )
})

describe('a child run', () => {
  /** What a child run over `context` does counts for the result of the root. */
  const root = (child: (step: Step) => Promise<unknown>, context: Json) =>
    runStep((step) => step.call('sub_rlm', 'Q', 2, context), {
      documents,
      sub: [fenced('child')],
      closures: {
        child: async (step) => {
          const value = await child(step)
          await step.call('set_final', (value ?? null) as Json)
        },
      },
    })

  it.each<[title: string, context: Json, path: string]>([
    ['its document', 'src/a.txt', 'src/a.txt'],
    ['the name of its part', { path: 'src/a.txt', start_line: 2, end_line: 3 }, 'src/a.txt:2-3'],
    ['the source of its part', { path: 'src/a.txt', start_line: 2, end_line: 3 }, 'src/a.txt'],
    [
      'the name of its second part',
      [{ $span: ['src/a.txt', 4, 8] }, { $span: ['src/a.txt', 4, 8] }],
      'src/a.txt:2-2#2',
    ],
    ['a part beside a text', [{ $span: ['src/a.txt', 4, 8] }, 'a text'], 'src/a.txt:2-2'],
  ])('that cites %s cites the document of the root', async (_title, context, path) => {
    const { end } = await root((step) => step.call('add_citation', path, 2, 2, 'found', 'two'), context)
    expect(end.final).toBe(true)
    expect(end.citations).toMatchObject([
      { path: 'src/a.txt', start_line: 2, end_line: 2, snippet: 'two', signal: 'found', verified: true },
    ])
  })

  it('that cites a text of the code cites no document', async () => {
    const { end } = await root((step) => step.call('add_citation', 'context', 1, 1), 'a text of the code')
    expect(end.citations).toMatchObject([
      { path: 'context', verified: false, reason: 'no document has this path' },
    ])
  })

  it('that cites a text of the code never proves a document of the same name', async () => {
    const { end } = await runStep((step) => step.call('sub_rlm', 'Q', 2, 'the words of the code'), {
      documents: { context: 'other words\n' },
      sub: [fenced('child')],
      closures: {
        child: async (step) => {
          await step.call('set_final', await step.call('add_citation', 'context', 1, 1))
        },
      },
    })
    expect(end.citations.filter(({ verified }) => verified)).toEqual([])
  })

  it('keeps its highlights to itself, those of its final dict as well', async () => {
    const { end } = await root(async (step) => {
      await step.call('append_highlight', "the child's")
      return { highlights: ['of its final'] }
    }, null)
    expect(end.highlights).toEqual(['of its final'])
  })
})
