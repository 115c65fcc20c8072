import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type CitationClaim, checkCitation, createCitationList } from '../../../src/worker/rlm/citations.ts'
import { cutLines, sliceDocuments } from '../../../src/worker/rlm/documents.ts'
import { manyLines, naiveLines } from '../helpers/arbitrary-bytes.ts'
import { document, openSnapshot, withSnapshot } from '../helpers/snapshot.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const source = 'def add(a, b):\n    """Adds  two\tnumbers."""\n    return a + b\n\n\nprint(add(1, 2))\n'
const contents = {
  'src/a.py': source,
  'empty.txt': '',
  'long.txt': 'line\n'.repeat(5000),
  'notes:1-2': 'a name that looks like a part\n',
}

const claim = (change: Partial<CitationClaim> = {}): CitationClaim => ({
  path: 'src/a.py',
  startLine: 1,
  endLine: 1,
  signal: 'reference',
  snippet: '',
  ...change,
})
const check = (change: Partial<CitationClaim>) => checkCitation(openSnapshot(contents), claim(change))
const verdict = (change: Partial<CitationClaim>) => {
  const { verified, reason } = check(change)
  return reason === undefined ? { verified } : { verified, reason }
}

describe('a citation', () => {
  it('that holds is verified, with the hash of its document', () => {
    expect(check({ startLine: 3, endLine: 3, signal: 'sum', snippet: 'return a + b' })).toEqual({
      path: 'src/a.py',
      start_line: 3,
      end_line: 3,
      signal: 'sum',
      snippet: 'return a + b',
      verified: true,
      sha256: createHash('sha256').update(source).digest('hex'),
    })
  })

  it('without a snippet gets the text of its lines', () => {
    expect(check({ startLine: 1, endLine: 3 })).toMatchObject({
      verified: true,
      snippet: source.split('\n').slice(0, 3).join('\n'),
    })
    expect(check({ startLine: 3, endLine: 3, snippet: '  \n' }).snippet).toBe('return a + b')
  })

  it('of a document that is not there is kept with the reason', () => {
    expect(check({ path: 'src/b.py', snippet: 'x' })).toEqual({
      path: 'src/b.py',
      start_line: 1,
      end_line: 1,
      signal: 'reference',
      snippet: 'x',
      verified: false,
      sha256: '',
      reason: 'no document has this path',
    })
  })

  test.each<[title: string, start: number, end: number]>([
    ['before the first', 0, 1],
    ['negative', -3, 2],
    ['behind the last', 7, 7],
    ['that reach behind the last', 5, 7],
    ['in the wrong order', 3, 2],
  ])('of lines %s is not verified', (_title, startLine, endLine) => {
    expect(verdict({ startLine, endLine })).toEqual({
      verified: false,
      reason: 'the document has lines 1 to 6',
    })
  })

  it('of an empty document is not verified', () => {
    expect(verdict({ path: 'empty.txt' }).verified).toBe(false)
  })

  it('of 2000 lines is a reference, of 2001 is none', () => {
    expect(verdict({ path: 'long.txt', startLine: 2, endLine: 2001 })).toEqual({ verified: true })
    expect(verdict({ path: 'long.txt', startLine: 2, endLine: 2002 })).toEqual({
      verified: false,
      reason: 'more than 2000 lines are no reference',
    })
  })
})

describe('a snippet', () => {
  test.each<[title: string, start: number, end: number, snippet: string]>([
    ['that is a part of a line', 1, 1, 'add(a'],
    ['over several lines', 2, 3, '"""\n    return'],
    ['with other white space', 2, 3, '"""Adds two numbers."""\r\n\treturn   a + b'],
    ['with blanks around it', 3, 3, '\n  return a + b  \n'],
    ['with its indentation', 3, 3, '    return a + b\n'],
    ['cut with three dots', 2, 2, '"""Adds two...'],
    ['of eight characters and dots', 1, 1, 'def add(...'],
    ['cut with an ellipsis', 2, 2, '"""Adds two…'],
    ['cut with a blank and an ellipsis', 2, 2, '"""Adds two …'],
    ['of another case-sensitive place in range', 1, 6, 'print(add(1, 2))'],
  ])('%s stands in its lines', (_title, startLine, endLine, snippet) => {
    expect(verdict({ startLine, endLine, snippet })).toEqual({ verified: true })
  })

  test.each<[title: string, start: number, end: number, snippet: string]>([
    ['of other lines', 1, 2, 'return a + b'],
    ['of another case', 3, 3, 'RETURN a + b'],
    ['with a changed word', 3, 3, 'return a - b'],
    ['with words between', 2, 3, '"""Adds two numbers.""" and return a + b'],
    ['with dots in its middle', 2, 2, '"""Adds ... numbers."""'],
    ['too short for what its dots leave', 3, 3, 'return…x'],
    ['of seven characters and dots', 1, 1, 'def add...'],
    ['of dots alone', 3, 3, '...'],
    ['without the blanks that stand there', 3, 3, 'returna+b'],
  ])('%s does not', (_title, startLine, endLine, snippet) => {
    expect(verdict({ startLine, endLine, snippet })).toEqual({
      verified: false,
      reason: 'the snippet does not stand in these lines',
    })
  })

  it('is checked whole and kept up to 500 characters', () => {
    const long = 'word '.repeat(300)
    const documents = openSnapshot({ a: `${long}\n` })
    const kept = (snippet: string) => checkCitation(documents, claim({ path: 'a', snippet }))
    expect(kept(long)).toMatchObject({ verified: true, snippet: long.slice(0, 500) })
    expect(kept(`${long}other`)).toMatchObject({ verified: false, snippet: long.slice(0, 500) })
    expect(kept('')).toMatchObject({ verified: true, snippet: long.slice(0, 500) })
  })
})

describe('the path of a citation', () => {
  test.each<[path: string, source: string]>([
    ['./src/a.py', 'src/a.py'],
    ['././src/a.py', 'src/a.py'],
    ['src/a.py:1-5', 'src/a.py'],
    ['./src/a.py:10-20', 'src/a.py'],
    ['notes:1-2', 'notes:1-2'],
  ])('%s means %s', (path, expected) => {
    expect(check({ path })).toMatchObject({ path: expected, verified: true })
  })

  test.each(['a.py', '/src/a.py', 'src/a.py:3', 'src/A.py', '../src/a.py', 'src/a.py:1-2:3-4', ''])(
    '"%s" means no document',
    (path) => {
      expect(check({ path })).toMatchObject({ path, verified: false, reason: 'no document has this path' })
    },
  )

  it('that names a part of the run means the source, in its lines', () => {
    const documents = openSnapshot(contents)
    const part = cutLines(documents, document(documents, 'src/a.py'), 2, 3)
    const parts = sliceDocuments(documents, [part])
    const cite = (line: number) =>
      checkCitation(parts, claim({ path: 'src/a.py:2-3', startLine: line, endLine: line }))
    expect(cite(3)).toMatchObject({
      path: 'src/a.py',
      start_line: 3,
      snippet: 'return a + b',
      verified: true,
    })
    expect(cite(1)).toMatchObject({ verified: false, reason: 'the document has lines 2 to 3' })
  })
})

describe('a list of citations', () => {
  it('keeps one that is made again once, whatever it calls the path', () => {
    const list = createCitationList(openSnapshot(contents))
    const first = list.add(claim())
    expect(list.add(claim())).toBe(first)
    expect(list.add(claim({ path: './src/a.py' }))).toBe(first)
    expect(list.add(claim({ snippet: 'def add(a, b):' }))).toBe(first)
    expect(list.all()).toEqual([first])
  })

  it('keeps others in their order, those that fail as well', () => {
    const list = createCitationList(openSnapshot(contents))
    const claims = [
      claim({ startLine: 3, endLine: 3 }),
      claim(),
      claim({ signal: 'other' }),
      claim({ path: 'nowhere' }),
      claim({ endLine: 2 }),
    ]
    const made = claims.map((each) => list.add(each))
    expect(list.all()).toEqual(made)
    expect(made.map(({ verified }) => verified)).toEqual([true, true, true, false, true])
  })

  it('keeps at most a thousand and still checks the next', () => {
    const list = createCitationList(openSnapshot(contents))
    for (let line = 1; line <= 1005; line++)
      list.add(claim({ path: 'long.txt', startLine: line, endLine: line }))
    expect(list.all().length).toBe(1000)
    expect(list.add(claim())).toMatchObject({ verified: true })
    expect(list.all().at(-1)).toMatchObject({ start_line: 1000 })
  })
})

describe('of any document', () => {
  const lines = fc.tuple(fc.nat(), fc.nat(20), fc.nat(), fc.nat())

  it('any part of any lines is a citation that verifies, one with a changed snippet is none', () => {
    const folder = temporaryFolder()
    fc.assert(
      fc.property(manyLines, lines, (bytes, [line, more, from, to]) => {
        const all = naiveLines(bytes)
        fc.pre(all.length > 0)
        const start = line % all.length
        const end = Math.min(start + more, all.length - 1)
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
          Buffer.concat(all.slice(start, end + 1)),
        )
        const [low, high] = [from % (text.length + 1), to % (text.length + 1)].sort((a, b) => a - b)
        const place = { path: 'a', startLine: start + 1, endLine: end + 1 }
        withSnapshot(folder, { other: 'x', a: bytes }, (documents) => {
          const snippet = text.slice(low, high)
          expect(checkCitation(documents, claim({ ...place, snippet })).verified).toBe(true)
          // § stands in no document that is made here
          const changed = `${text.slice(low, high)}§`
          expect(checkCitation(documents, claim({ ...place, snippet: changed })).verified).toBe(false)
        })
      }),
      { numRuns: 200 },
    )
  })
})
