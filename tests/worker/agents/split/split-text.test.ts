// Texts in parts: where they are cut, what a part says of itself, and that no character is divided.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SplitOptions, splitText, type TextPart } from '../../../../src/worker/agents/index.ts'

const texts = (parts: readonly TextPart[]) => parts.map(({ text }) => text)

describe('by lines', () => {
  test('the lines are shared out by number, and a part says where it stands', () => {
    expect(splitText('eins\nzwölf\ndrei\nvier\nfünf\n', { by: 'lines', parts: 3 })).toEqual([
      { text: 'eins\nzwölf', span: { start: 0, end: 11, startLine: 1, endLine: 2 } },
      { text: 'drei\nvier', span: { start: 12, end: 21, startLine: 3, endLine: 4 } },
      { text: 'fünf', span: { start: 22, end: 27, startLine: 5, endLine: 5 } },
    ])
  })

  test('parts of a size, with an overlap', () => {
    const parts = splitText('1\r\n2\r\n3\r\n4\r\n5', { by: 'lines', size: 2, overlap: 1 })
    expect(texts(parts)).toEqual(['1\r\n2', '2\r\n3\r\n4', '4\r\n5'])
    expect(parts.map(({ span }) => [span.startLine, span.endLine])).toEqual([
      [1, 2],
      [2, 4],
      [4, 5],
    ])
  })

  test('there are no more parts than lines, and one for an empty text', () => {
    expect(texts(splitText('a\nb', { by: 'lines', parts: 5 }))).toEqual(['a', 'b'])
    expect(splitText('', { by: 'lines', parts: 3 })).toEqual([
      { text: '', span: { start: 0, end: 0, startLine: 1, endLine: 1 } },
    ])
  })
})

describe('by tokens', () => {
  test('a part has at most so many times four characters, and ends at a space where one is near', () => {
    const parts = splitText('The quick brown fox jumps over the lazy dog', { by: 'tokens', size: 4 })
    expect(texts(parts)).toEqual(['The quick brown ', 'fox jumps over ', 'the lazy dog'])
  })

  test('a blank line is a better end than a line end, and that than a space', () => {
    const cut = (text: string) => splitText(text, { by: 'tokens', size: 10 })[0]!.text
    const filler = 'x'.repeat(31)
    expect(cut(`${filler}\n\na\nb c dddddddd`)).toBe(`${filler}\n\n`)
    expect(cut(`${filler}\na b c dddddddd`)).toBe(`${filler}\n`)
    expect(cut(`${filler} aaaaaaaaaaaaaa`)).toBe(`${filler} `)
    expect(cut('x'.repeat(60))).toBe('x'.repeat(40))
  })

  test.each([
    ['a family', '👩‍👩‍👧‍👦'],
    ['a flag', '🇩🇪'],
    ['an accent of its own', 'e\u0301'],
    ['a line end', '\r\n'],
    ['Hangul', '\u1112\u1161\u11ab'],
  ])('%s is never divided', (_, character) => {
    for (let before = 0; before < 12; before++) {
      const parts = splitText('x'.repeat(before) + character.repeat(5), { by: 'tokens', size: 1 })
      for (const { text } of parts) expect(text.replaceAll(character, '')).toMatch(/^x*$/)
    }
  })
})

describe('by headings', () => {
  const page = [
    'before',
    '# One',
    'text',
    '```sh',
    '# no heading',
    '```',
    '## Two',
    'Three',
    '=====',
    'text',
    '- item',
    '---',
    '#no heading',
    '',
  ].join('\n')

  test('a section begins at each heading outside of code', () => {
    expect(texts(splitText(page, { by: 'headings', size: 1 }))).toEqual([
      'before',
      '# One\ntext\n```sh\n# no heading\n```',
      '## Two',
      'Three\n=====\ntext\n- item\n---\n#no heading',
    ])
  })

  test('front matter is no heading', () => {
    expect(texts(splitText('---\ntitle: x\n---\n# One\nx', { by: 'headings', size: 1 }))).toEqual([
      '---\ntitle: x\n---',
      '# One\nx',
    ])
  })

  test('sections are shared out by their characters', () => {
    const sections = ['# a\n', '# b\n', '# c\n', `# d\n${'x'.repeat(100)}\n`, '# e\n', '# f\n']
    expect(texts(splitText(sections.join(''), { by: 'headings', parts: 3 }))).toEqual([
      '# a\n# b\n# c',
      `# d\n${'x'.repeat(100)}`,
      '# e\n# f',
    ])
  })
})

describe('by records', () => {
  test('lines of JSON', () => {
    const text = '{"a":1}\n\n{"a":2}\n{"a":3}\n'
    expect(texts(splitText(text, { by: 'records', size: 1 }))).toEqual(['{"a":1}\n', '{"a":2}', '{"a":3}'])
  })

  test('rows of CSV, whose header every part has, with line ends inside quotes', () => {
    const text = 'id,text\r\n1,"a ""quoted""\nline"\r\n2,b\r\n3,c\r\n'
    const parts = splitText(text, { by: 'records', parts: 2 })
    expect(parts.map(({ header }) => header)).toEqual(['id,text', 'id,text'])
    expect(texts(parts)).toEqual(['1,"a ""quoted""\nline"\r\n2,b', '3,c'])
    expect(parts.map(({ span }) => [span.startLine, span.endLine])).toEqual([
      [2, 4],
      [5, 5],
    ])
    expect(splitText('id,text', { by: 'records', format: 'csv', size: 1 })).toEqual([
      { text: '', header: 'id,text', span: { start: 7, end: 7, startLine: 1, endLine: 1 } },
    ])
  })

  test('paragraphs between blank lines, for anything else', () => {
    const text = '\none, two\none\n\n \nthree\n\nfour'
    const parts = splitText(text, { by: 'records', size: 1, overlap: 1 })
    expect(texts(parts)).toEqual(['\none, two\none\n\n ', '\none, two\none\n\n \nthree\n', 'three\n\nfour'])
  })
})

test.each<[options: Partial<SplitOptions>, message: string]>([
  [{}, 'A text is split into a number of parts or by a size: give one of the two.'],
  [{ parts: 1, size: 1 }, 'A text is split into a number of parts or by a size: give one of the two.'],
  [{ parts: 0 }, 'parts must be a whole number above 0: 0.'],
  [{ size: 1.5 }, 'size must be a whole number above 0: 1.5.'],
  [{ size: 1, overlap: -1 }, 'overlap must be a whole number from 0: -1.'],
])('%j is refused', (options, message) => {
  expect(() => splitText('x', { by: 'lines', ...options })).toThrow(new RangeError(message))
})

const pieces = fc.constantFrom(
  ...['a', 'word ', '\n', '\n\n', '\r\n', '# h\n', '```\n', '---\n', '"', ',', '{}\n'],
  ...['é', 'e\u0301', '🙂', '👩‍👩‍👧‍👦', '🇩🇪', '中文', ' '],
)
const options = fc.record(
  {
    by: fc.constantFrom('lines' as const, 'tokens' as const, 'headings' as const, 'records' as const),
    amount: fc.integer({ min: 1, max: 6 }),
    isSize: fc.boolean(),
    overlap: fc.nat(3),
    format: fc.constantFrom('jsonl' as const, 'csv' as const, 'paragraphs' as const),
  },
  { requiredKeys: ['by', 'amount', 'isSize', 'overlap'] },
)

test('whatever the text, parts are what their spans say, miss nothing but line ends, and divide no character', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), options, (made, { amount, isSize, ...rest }) => {
      const text = made.join('')
      const bytes = Buffer.from(text, 'utf8')
      const parts = splitText(text, { ...rest, ...(isSize ? { size: amount } : { parts: amount }) })
      if (!isSize && rest.by !== 'tokens') expect(parts.length).toBeLessThanOrEqual(amount)
      const header = parts[0]!.header
      let covered = header === undefined ? 0 : Buffer.byteLength(header)
      const clusters = new Set([...new Intl.Segmenter().segment(text)].map(({ index }) => index)).add(
        text.length,
      )
      for (const { text: part, span } of parts) {
        expect(bytes.subarray(span.start, span.end).toString('utf8')).toBe(part)
        const before = bytes.subarray(0, span.start).toString('utf8')
        expect(span.startLine).toBe(before.split('\n').length)
        const upToLast = (before + part).slice(0, part === '' ? undefined : -1)
        expect(span.endLine).toBe(upToLast.split('\n').length)
        for (const edge of [before.length, before.length + part.length]) expect(clusters).toContain(edge)
        if (span.start > covered)
          expect(bytes.subarray(covered, span.start).toString('utf8')).toMatch(/^\r?\n$/)
        expect(span.end).toBeGreaterThanOrEqual(Math.min(covered, bytes.length))
        covered = span.end
      }
      expect(bytes.subarray(covered).toString('utf8')).toMatch(/^(?:\r?\n)?$/)
    }),
    { numRuns: 1000 },
  )
})

test('ten megabytes are split in a moment', () => {
  const text = 'A line of the log, as long as lines are, with a number: 1234567890\n'.repeat(150_000)
  for (const by of ['lines', 'tokens', 'headings', 'records'] as const)
    expect(splitText(text, { by, parts: 20 }).length).toBeGreaterThan(0)
})
