import { describe, expect, it } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { buildResult, type Occasion, renderSummary } from '../../../src/worker/rlm/result-builder.ts'
import type { TreeEnd } from '../../../src/worker/rlm/run-tree.ts'
import { citation, occasion, treeEnd } from '../helpers/endings.ts'
import { openSnapshot } from '../helpers/snapshot.ts'

const summary = (end: Partial<TreeEnd> = {}, change: Partial<Occasion> = {}) =>
  renderSummary(
    buildResult(occasion({ requireCitations: false, ...change }), openSnapshot({ a: 'x' }), treeEnd(end)),
  )
const headings = (text: string) => text.split('\n').filter((line) => line.startsWith('#'))
const section = (text: string, name: string) =>
  new RegExp(`\\n## ${name}\\n\\n([\\s\\S]*?)(?=\\n\\n## |\\n$)`).exec(text)?.[1]

describe('summary.md', () => {
  it('tells of a run that went well', () => {
    expect(
      summary({ highlights: ['found one', 'found two'], citations: [citation({ start_line: 7 })] }),
    ).toBe(
      [
        '# RLMS Analysis',
        '',
        '- Loop: loop-1',
        '- Role: reviewer',
        '- Iteration: 3',
        '- OK: true',
        '- Task: Find it.',
        '- Listed but not read: 2 missing, 1 binary',
        '',
        '## Highlights',
        '',
        '- found one',
        '- found two',
        '',
        '## Answer',
        '',
        'the answer',
        '',
        '## Citations',
        '',
        '- a.md:7 [reference] # Title',
        '',
      ].join('\n'),
    )
  })

  it('tells of a run that failed why and what to do', () => {
    const error = new RlmsError('limit_exceeded', 'step limit\nexceeded', 'Raise --max-steps.')
    const text = summary({ error })
    expect(headings(text)).toEqual([
      '# RLMS Analysis',
      '## Error',
      '## Highlights',
      '## Answer',
      '## Citations',
    ])
    expect(section(text, 'Error')).toBe('limit_exceeded: step limit exceeded\n\nFix: Raise --max-steps.')
    expect(text).toContain('\n- OK: false (partial answer)\n')
  })

  it('tells of a run that left nothing', () => {
    const text = summary({ error: new RlmsError('code_error', 'why'), final: null, highlights: [] })
    expect(text).toContain('\n- OK: false\n')
    expect(section(text, 'Highlights')).toBe('None.')
    expect(section(text, 'Citations')).toBe('None.')
    expect(headings(text)).not.toContain('## Answer')
  })

  it('has an answer that is no text as JSON', () => {
    expect(section(summary({ final: { a: [1] } }), 'Answer')).toBe('{\n  "a": [\n    1\n  ]\n}')
    expect(section(summary({ final: false }), 'Answer')).toBe('false')
  })

  it('has 4000 characters of a longer answer', () => {
    expect(section(summary({ final: 'x'.repeat(4000) }), 'Answer')).toBe('x'.repeat(4000))
    expect(section(summary({ final: 'x'.repeat(4001) }), 'Answer')).toBe(
      `${'x'.repeat(4000)}\n… the whole answer is in result.json`,
    )
  })

  it('has up to 20 citations and the number of the others', () => {
    const citations = (count: number) =>
      Array.from({ length: count }, (_, at) => citation({ start_line: at + 1 }))
    const lines = (count: number) =>
      section(summary({ citations: citations(count) }), 'Citations')?.split('\n')
    expect(lines(20)).toHaveLength(20)
    expect(lines(20)?.at(-1)).toBe('- a.md:20 [reference] # Title')
    expect(lines(25)).toHaveLength(21)
    expect(lines(25)?.at(-1)).toBe('- … and 5 more in result.json')
  })

  it('says of a citation that is not verified why', () => {
    const failed = citation({ path: 'x', verified: false, reason: 'no document has this path', snippet: 'a' })
    expect(section(summary({ citations: [failed] }), 'Citations')).toBe(
      '- x:1 (not verified: no document has this path) [reference] a',
    )
  })

  it('has up to 40 highlights, each on one line', () => {
    const highlights = ['# no\n## heading\n\n- no item', ...Array.from({ length: 60 }, (_, at) => `${at}`)]
    const lines = section(summary({ highlights }), 'Highlights')?.split('\n')
    expect(lines?.[0]).toBe('- # no ## heading - no item')
    expect(lines).toHaveLength(40)
  })

  it('keeps paths, signals, snippets and the task on their lines and short', () => {
    const long = citation({ path: 'a\n## b', signal: 's\nt', snippet: `x\n${'y'.repeat(500)}` })
    const text = summary({ citations: [long] }, { task: `one\ntwo ${'z'.repeat(600)}` })
    expect(section(text, 'Citations')).toBe(`- a ## b:1 [s t] x ${'y'.repeat(157)}…`)
    expect(text).toContain(`\n- Task: one two ${'z'.repeat(491)}…\n`)
  })

  it('cuts no character in two', () => {
    const smileys = '🙂'.repeat(4000)
    for (const shift of ['', 'x']) {
      const text = summary(
        {
          final: shift + smileys,
          highlights: [shift + smileys.slice(0, 2000)],
          citations: [citation({ snippet: shift + smileys })],
        },
        { task: shift + smileys },
      )
      expect(text).not.toMatch(/\p{Surrogate}/u)
    }
  })
})
