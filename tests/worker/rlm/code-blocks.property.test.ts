import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { extractCode } from '../../../src/worker/rlm/code-blocks.ts'

const quotesAndMore = [
  '"""',
  "'''",
  '"',
  "'",
  '#',
  '\\',
  '`',
  '``',
  '~~',
  ' ',
  '\t',
  'x',
  'é',
  '🙂',
  '<think>',
  '=',
]
const line = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...quotesAndMore)).map((parts) => parts.join('')),
)
const isFence = (text: string) => /^\s*(?:`{3,}|~{3,})/.test(text)
const isThought = (text: string) => /^\s*<think/.test(text)
const plainLine = line.filter((text) => !/[\r\n]/.test(text) && !isFence(text))
const code = fc.array(plainLine, { minLength: 1, maxLength: 12 }).map((lines) => lines.join('\n'))
const prose = code.filter((text) => !isThought(text))
const fence = fc.constantFrom('```', '````', '~~~', '~~~~~')
const tag = fc.constantFrom('', 'python', 'py', 'js', 'Python', 'rust')
// Nothing in it opens a string that goes over lines.
const simpleLine = plainLine.filter((text) => !/["'\\]/.test(text))
const simpleCode = fc.array(simpleLine, { minLength: 1, maxLength: 6 }).map((lines) => lines.join('\n'))

describe('code in a fence', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(code, fence, tag, (text, marks, name) => {
        expect(extractCode(`${marks}${name}\n${text}\n${marks}`)).toEqual({ code: text, fenced: true })
      }),
      { numRuns: 500 },
    )
  })

  it('comes out the same with any prose around it', () => {
    fc.assert(
      fc.property(code, fence, prose, prose, (text, marks, before, behind) => {
        const reply = `${before}\n${marks}python\n${text}\n${marks}\n${behind}`
        expect(extractCode(reply)).toEqual({ code: text, fenced: true })
      }),
      { numRuns: 500 },
    )
  })

  it('comes out the same with line ends of Windows', () => {
    fc.assert(
      fc.property(code, prose, (text, before) => {
        const reply = `${before}\n\`\`\`python\n${text}\n\`\`\`\n`
        expect(extractCode(reply.replaceAll('\n', '\r\n'))).toEqual(extractCode(reply))
      }),
    )
  })

  it('of several blocks comes out joined in order', () => {
    const blocks = fc.array(fc.record({ text: simpleCode, marks: fence, behind: simpleCode }), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(blocks, (list) => {
        const reply = list.map(({ text, marks, behind }) => `${marks}python\n${text}\n${marks}\n${behind}`)
        const expected = list.map(({ text }) => text).join('\n')
        expect(extractCode(reply.join('\n'))).toEqual({ code: expected, fenced: true })
      }),
    )
  })

  it('comes out whole when a triple-quoted string in it holds any lines, fences as well', () => {
    const inner = fc.array(fc.constantFrom('```', '```python', '~~~', 'text', "it's", '', '# no'), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(inner, fc.constantFrom('"""', "'''"), fence, (lines, quotes, marks) => {
        const text = ['before()', `text = ${quotes}`, ...lines, quotes, 'behind()'].join('\n')
        expect(extractCode(`${marks}python\n${text}\n${marks}\nprose`).code).toBe(text)
      }),
    )
  })
})

describe('any text at all', () => {
  const pieces = fc.constantFrom(
    '```',
    '~~~',
    '"""',
    "'''",
    '\n',
    '\r',
    '<think>',
    '</think>',
    'python',
    ' ',
    '`',
    '\\',
    '#',
    'a',
  )
  const reply = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((list) => list.join('')),
  )

  it('gives code and never an exception', () => {
    fc.assert(
      fc.property(reply, (text) => {
        expect(typeof extractCode(text).code).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })

  // Each takes milliseconds when the work grows with the length, minutes when it grows with its square.
  test.each<[title: string, reply: string]>([
    ['an opening fence with a very long word and a backtick', `\`\`\`${'a'.repeat(100_000)}\``],
    ['an opening fence with very many blanks and a backtick', `\`\`\`${' '.repeat(100_000)}\``],
    ['very many tildes and a backtick', `${'~'.repeat(100_000)}\``],
    ['very many backticks', `${'`'.repeat(200_000)}x\``],
    ['a closing fence with very many blanks and a word', `\`\`\`\n\`\`\`${' '.repeat(200_000)}x`],
    ['very many blanks', `${' '.repeat(200_000)}x`],
    ['very many open thoughts', '<think>'.repeat(50_000)],
    ['very many fences that strings keep open', "```\n'''\n".repeat(50_000)],
    ['very many blocks', '```\nx\n```\n'.repeat(50_000)],
    ['one very long line of code', `\`\`\`\n${'x = "a"; '.repeat(50_000)}\n\`\`\``],
  ])('is read in time in proportion to its length: %s', (_title, text) => {
    const started = performance.now()
    extractCode(text)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})
