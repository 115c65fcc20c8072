import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cutBytes,
  cutLines,
  type Document,
  type Documents,
  openDocuments,
  sliceDocuments,
} from '../../../src/worker/rlm/documents.ts'
import { packParts } from '../../../src/worker/rlm/pack.ts'
import { scanText } from '../../../src/worker/rlm/text-scan.ts'
import { anyBytes, manyLines, naiveLines } from '../helpers/arbitrary-bytes.ts'
import { document, openSnapshot, withSnapshot } from '../helpers/snapshot.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const text = (documents: Documents, part: Document) => documents.readText(part, 0, part.length)
const naiveText = (bytes: Buffer) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

describe('documents', () => {
  const contents = { 'a.txt': 'one\ntwo\nthree', 'b.txt': 'vier\nfünf\n', 'empty.txt': '' }

  it('are found by their names', () => {
    const documents = openSnapshot(contents)
    expect(documents.find('b.txt')?.name).toBe('b.txt')
    expect(documents.find('c.txt')).toBeUndefined()
    expect(documents.find('toString')).toBeUndefined()
  })

  it.each<[start: number, end: number, lines: string]>([
    [1, 1, 'one\n'],
    [2, 3, 'two\nthree'],
    [1, 3, 'one\ntwo\nthree'],
    [3, 3, 'three'],
    [3, 9, 'three'],
    [4, 9, ''],
    [0, 1, 'one\n'],
    [-5, 2, 'one\ntwo\n'],
    [-5, -1, ''],
    [3, 2, ''],
  ])('give lines %i to %i with their ends', (start, end, lines) => {
    const documents = openSnapshot(contents)
    expect(documents.readLines(document(documents, 'a.txt'), start, end)).toBe(lines)
  })

  it('give no byte of their neighbours', () => {
    const documents = openSnapshot(contents)
    const a = document(documents, 'a.txt')
    expect(documents.readText(a, 0, 1000)).toBe('one\ntwo\nthree')
    expect(documents.readText(a, 8, 1000)).toBe('three')
    expect(documents.readText(a, 1000, 10)).toBe('')
    expect(documents.readLines(document(documents, 'empty.txt'), 1, 10)).toBe('')
  })

  it('keep a byte order mark and show invalid bytes as U+FFFD', () => {
    const documents = openSnapshot({ a: Buffer.concat([Buffer.from('\ufeffx'), Buffer.from([0xff, 0x0a])]) })
    expect(text(documents, document(documents, 'a'))).toBe('\ufeffx\ufffd\n')
    expect(documents.readLines(document(documents, 'a'), 1, 1)).toBe('\ufeffx\ufffd\n')
  })

  it('of a slice are read from the same file, which stays open when the slice is closed', () => {
    const documents = openSnapshot(contents)
    const slice = sliceDocuments(documents, [document(documents, 'b.txt')])
    expect(slice.find('a.txt')).toBeUndefined()
    expect(slice.readLines(document(slice, 'b.txt'), 2, 2)).toBe('fünf\n')
    slice.close()
    expect(documents.readLines(document(documents, 'a.txt'), 1, 1)).toBe('one\n')
  })

  it('give any lines as the plain way does', () => {
    const folder = temporaryFolder()
    const edge = fc.integer({ min: -2, max: 4100 })
    fc.assert(
      fc.property(anyBytes, fc.oneof(anyBytes, manyLines), edge, edge, (other, bytes, start, end) => {
        const expected = naiveLines(bytes).slice(Math.max(0, start - 1), Math.max(0, end))
        withSnapshot(folder, { other, bytes, behind: other }, (documents) => {
          expect(documents.readLines(document(documents, 'bytes'), start, end)).toBe(
            naiveText(Buffer.concat(expected)),
          )
        })
      }),
      { numRuns: 200 },
    )
  })
})

describe('a part', () => {
  const contents = { 'a.txt': 'one\ntwo\nthree\nfour\n' }
  const of = (documents: Documents) => document(documents, 'a.txt')

  it('cut by lines is named for them and keeps their numbers', () => {
    const documents = openSnapshot(contents)
    const part = cutLines(documents, of(documents), 2, 3)
    expect(part).toMatchObject({
      name: 'a.txt:2-3',
      source: 'a.txt',
      firstLine: 2,
      lineCount: 2,
      charCount: 10,
    })
    expect(part.sha256).toBe(of(documents).sha256)
    expect(documents.readLines(part, 3, 3)).toBe('three\n')
    expect(documents.readLines(part, 1, 9)).toBe('two\nthree\n')
  })

  it('cut from a part is named for the source', () => {
    const documents = openSnapshot(contents)
    const part = cutLines(documents, cutLines(documents, of(documents), 2, 4), 3, 4)
    expect(part).toMatchObject({ name: 'a.txt:3-4', source: 'a.txt', firstLine: 3 })
    expect(text(documents, part)).toBe('three\nfour\n')
  })

  it('that is all of a document is the document', () => {
    const documents = openSnapshot(contents)
    expect(cutLines(documents, of(documents), 1, 4)).toBe(of(documents))
    expect(cutLines(documents, of(documents), -3, 99)).toBe(of(documents))
    expect(cutBytes(documents, of(documents), 0, 10_000)).toBe(of(documents))
  })

  it('cut within a line has the number of that line', () => {
    const documents = openSnapshot(contents)
    const part = cutBytes(documents, of(documents), 6, 10)
    expect(part).toMatchObject({ name: 'a.txt:2-3', firstLine: 2, lineCount: 2, length: 4 })
    expect(text(documents, part)).toBe('o\nth')
  })

  it('outside the document is empty', () => {
    const documents = openSnapshot(contents)
    for (const part of [
      cutBytes(documents, of(documents), 500, 900),
      cutBytes(documents, of(documents), 4, 2),
      cutLines(documents, of(documents), 7, 9),
      cutLines(documents, of(documents), 3, 2),
    ]) {
      expect(part).toMatchObject({ length: 0, lineCount: 0, charCount: 0 })
      expect(text(documents, part)).toBe('')
    }
  })

  it('larger than what is read at once is counted whole', () => {
    const line = `${'ü'.repeat(70)}\n`
    const documents = openSnapshot({ a: line.repeat(20_000) })
    const part = cutLines(documents, document(documents, 'a'), 2, 19_999)
    expect(part).toMatchObject({ lineCount: 19_998, charCount: 19_998 * 71, firstLine: 2 })
  })

  it('cut at any bytes has the bytes, the shape and the line of the plain way', () => {
    const folder = temporaryFolder()
    fc.assert(
      fc.property(anyBytes, fc.oneof(anyBytes, manyLines), fc.nat(), fc.nat(), (other, bytes, one, two) => {
        const [start, end] = [one % (bytes.length + 2), two % (bytes.length + 2)].sort((a, b) => a - b)
        const wanted = bytes.subarray(start, end)
        const scan = scanText()
        scan.push(wanted)
        withSnapshot(folder, { other, bytes }, (documents) => {
          const part = cutBytes(documents, document(documents, 'bytes'), start!, end!)
          expect(text(documents, part)).toBe(naiveText(wanted))
          expect(part).toMatchObject({ ...scan.finish(), length: wanted.length })
          expect(part.firstLine).toBe(1 + bytes.subarray(0, start).filter((byte) => byte === 10).length)
        })
      }),
      { numRuns: 200 },
    )
  })

  it('cut at any lines has these lines', () => {
    const folder = temporaryFolder()
    const edge = fc.integer({ min: -2, max: 4100 })
    fc.assert(
      fc.property(fc.oneof(anyBytes, manyLines), edge, edge, (bytes, start, end) => {
        const wanted = Buffer.concat(naiveLines(bytes).slice(Math.max(0, start - 1), Math.max(0, end)))
        withSnapshot(folder, { bytes }, (documents) => {
          const part = cutLines(documents, document(documents, 'bytes'), start, end)
          expect(text(documents, part)).toBe(naiveText(wanted))
          if (wanted.length > 0) expect(documents.readLines(part, start, end)).toBe(naiveText(wanted))
        })
      }),
      { numRuns: 200 },
    )
  })
})

describe('the names of a pack of parts', () => {
  it('stay as they are given, with the shape and hash of their own bytes', () => {
    const packFile = join(temporaryFolder(), 'parts.pack')
    const index = packParts(
      [
        { base: { name: 'context', source: 'context', firstLine: 1 }, bytes: Buffer.from('a\nb') },
        {
          base: { name: 'x:4-5', source: 'x', firstLine: 4, sha256: 'of the source' },
          bytes: Buffer.from('ü\n'),
        },
      ],
      packFile,
    )
    expect(index.packSize).toBe(6)
    expect(index.list).toMatchObject([
      { name: 'context', offset: 0, length: 3, lineCount: 2, charCount: 3, ascii: true },
      {
        name: 'x:4-5',
        offset: 3,
        length: 3,
        lineCount: 1,
        charCount: 2,
        sha256: 'of the source',
        firstLine: 4,
      },
    ])
    const documents = openDocuments(packFile, index)
    expect(documents.readLines(document(documents, 'x:4-5'), 4, 4)).toBe('ü\n')
    documents.close()
  })
})
