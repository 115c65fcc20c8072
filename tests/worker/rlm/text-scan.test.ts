import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { findLine, lineAt, type ReadAt, scanText, type TextShape } from '../../../src/worker/rlm/text-scan.ts'
import { anyBytes, manyLines, naiveLines } from '../helpers/arbitrary-bytes.ts'

function scan(...chunks: Buffer[]): TextShape {
  const scanning = scanText()
  for (const chunk of chunks) scanning.push(chunk)
  return scanning.finish()
}

const counts = (bytes: Buffer) => {
  const { lineCount, charCount, ascii } = scan(bytes)
  return { lineCount, charCount, ascii }
}

const reader =
  (bytes: Buffer): ReadAt =>
  (position, length) =>
    bytes.subarray(position, position + length)

describe('a scan', () => {
  test.each<[title: string, bytes: string | Buffer, lines: number, chars: number, ascii: boolean]>([
    ['no text', '', 0, 0, true],
    ['one line', 'abc\n', 1, 4, true],
    ['a last line without an end', 'abc\ndef', 2, 7, true],
    ['only a line end', '\n', 1, 1, true],
    ['blank lines', '\n\n\n', 3, 3, true],
    ['line ends of Windows', 'a\r\nb\r\n', 2, 6, true],
    ['carriage returns, which end no line', 'a\rb', 1, 3, true],
    ['line separators of Unicode, which end no line', 'a\u2028b', 1, 3, false],
    ['characters of two, three and four bytes as one each', 'é€🙂\n', 1, 4, false],
    ['a byte order mark as a character', '\ufeffa\n', 1, 3, false],
    ['an invalid byte as one character', Buffer.from([0x61, 0xff, 0x62]), 1, 3, false],
    ['a character without its end as one', Buffer.from([0x61, 0xf0, 0x9f, 0x99]), 1, 2, false],
    ['NUL as a character', 'a\0b', 1, 3, true],
  ])('counts %s', (_title, bytes, lineCount, charCount, ascii) => {
    expect(counts(Buffer.from(bytes as string))).toEqual({ lineCount, charCount, ascii })
  })

  it('counts lines and code points as the plain way does, whatever the bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(counts(bytes)).toEqual({
          lineCount: naiveLines(bytes).length,
          charCount: [...bytes.toString('utf8')].length,
          ascii: bytes.every((byte) => byte < 128),
        })
      }),
      { numRuns: 500 },
    )
  })

  it('counts the same in one piece and in any pieces', () => {
    const cuts = fc.array(fc.nat(60), { maxLength: 6 })
    fc.assert(
      fc.property(anyBytes, cuts, (bytes, at) => {
        const ends = [...at.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        const chunks = ends.map((end, number) => bytes.subarray(number === 0 ? 0 : ends[number - 1], end))
        expect(scan(...chunks)).toEqual(scan(bytes))
      }),
      { numRuns: 500 },
    )
  })

  it('knows where every 1024th line begins', () => {
    fc.assert(
      fc.property(manyLines, (bytes) => {
        const begins: number[] = []
        let position = 0
        for (const [number, line] of naiveLines(bytes).entries()) {
          if (number % 1024 === 0) begins.push(position)
          position += line.length
        }
        const { lineOffsets } = scan(bytes)
        expect(lineOffsets.slice(0, Math.max(1, begins.length))).toEqual(begins.length > 0 ? begins : [0])
        // one more where the text ends with a line whose number is a multiple
        expect(lineOffsets.slice(begins.length).every((offset) => offset === bytes.length)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

describe('findLine', () => {
  it('gives the byte where a line begins, and the end for a line that is not there', () => {
    fc.assert(
      fc.property(manyLines, fc.nat(5000), (bytes, line) => {
        const before = naiveLines(bytes).slice(0, line)
        const expected = before.reduce((sum, { length }) => sum + length, 0)
        expect(findLine(scan(bytes).lineOffsets, line, reader(bytes))).toBe(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('finds a line behind one that is longer than what is read at once', () => {
    const bytes = Buffer.from(`${'x'.repeat(200_000)}\n${'y'.repeat(65_535)}\nend`)
    const { lineOffsets } = scan(bytes)
    expect([0, 1, 2, 3].map((line) => findLine(lineOffsets, line, reader(bytes)))).toEqual([
      0,
      200_001,
      265_537,
      bytes.length,
    ])
  })
})

describe('lineAt', () => {
  it('gives the number of the line that holds a byte', () => {
    fc.assert(
      fc.property(manyLines, fc.nat(), (bytes, any) => {
        const target = any % (bytes.length + 1)
        const expected = bytes.subarray(0, target).filter((byte) => byte === 10).length
        expect(lineAt(scan(bytes).lineOffsets, target, reader(bytes))).toBe(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('is the inverse of findLine', () => {
    fc.assert(
      fc.property(manyLines, fc.nat(), (bytes, any) => {
        const { lineOffsets, lineCount } = scan(bytes)
        const line = any % Math.max(1, lineCount)
        expect(lineAt(lineOffsets, findLine(lineOffsets, line, reader(bytes)), reader(bytes))).toBe(line)
      }),
      { numRuns: 200 },
    )
  })
})
