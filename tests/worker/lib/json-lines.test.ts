import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openJsonLinesWriter, parseJsonLines } from '../../../src/worker/lib/json-lines.ts'
import { nodeProgram, runToEnd } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const read = (file: string) => parseJsonLines(readFileSync(file, 'utf8'))

function append(file: string, ...values: unknown[]): void {
  const writer = openJsonLinesWriter(file)
  for (const value of values) writer.append(value)
  writer.close()
}

test('values come back in the order they were appended, over several openings of the file', () => {
  const file = join(temporaryFolder(), 'journal.jsonl')
  append(file, { step: 1 }, null, 'text')
  append(file, [2, 3])
  expect(readFileSync(file, 'utf8')).toBe('{"step":1}\nnull\n"text"\n[2,3]\n')
  expect(read(file)).toEqual([{ step: 1 }, null, 'text', [2, 3]])
})

test('strings may hold line separators, newlines, carriage returns and NUL: each value stays one line', () => {
  const file = join(temporaryFolder(), 'journal.jsonl')
  const text = 'a\u2028b\u2029c\u0085d\r\ne\0f🙂"\\'
  append(file, { text }, { text: 'next' })
  expect(read(file)).toEqual([{ text }, { text: 'next' }])
})

test('a last line that was cut is left out, whole lines before it are not', () => {
  expect(parseJsonLines('{"a":1}\n{"a":2}\n{"a":')).toEqual([{ a: 1 }, { a: 2 }])
  expect(parseJsonLines('{"a":1}\n{"a":2}')).toEqual([{ a: 1 }])
  expect(parseJsonLines('{"a"')).toEqual([])
  expect(parseJsonLines('')).toEqual([])
})

test('a broken line that is not the last one is an error', () => {
  expect(() => parseJsonLines('{"a":1}\n{"a":\n{"a":3}\n')).toThrow(SyntaxError)
})

test.each([
  ['a short cut line', 20],
  ['a cut line longer than what is read at once', 200_000],
  ['a cut line exactly as long as what is read at once', 65_536],
])('%s is dropped before the next append', (_, length) => {
  const file = join(temporaryFolder(), 'journal.jsonl')
  append(file, { step: 1 })
  appendFileSync(file, 'x'.repeat(length))
  append(file, { step: 2 })
  expect(readFileSync(file, 'utf8')).toBe('{"step":1}\n{"step":2}\n')
})

test('a file that is one cut line is begun anew', () => {
  const file = join(temporaryFolder(), 'journal.jsonl')
  writeFileSync(file, '{"step": "never finis')
  append(file, { step: 1 })
  expect(readFileSync(file, 'utf8')).toBe('{"step":1}\n')
})

test('opening a whole file changes nothing in it', () => {
  const file = join(temporaryFolder(), 'journal.jsonl')
  writeFileSync(file, '{"a":1}\n\n{"a":2}\n')
  openJsonLinesWriter(file).close()
  expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n\n{"a":2}\n')
  expect(read(file)).toEqual([{ a: 1 }, { a: 2 }])
})

test('what was appended is in the file before append returns', () => {
  const file = join(temporaryFolder(), 'journal.jsonl')
  const writer = openJsonLinesWriter(file)
  writer.append({ paid: true })
  expect(read(file)).toEqual([{ paid: true }])
  writer.close()
})

test('an append that fails half-way throws, and leaves whole lines only', async () => {
  const file = join(temporaryFolder(), 'journal.jsonl')
  const program = nodeProgram(`
    import { openJsonLinesWriter } from './lib/json-lines.ts'
    const writer = openJsonLinesWriter(process.argv[2])
    writer.append('first')
    try { writer.append('x'.repeat(1 << 20)) } catch (error) { console.log(error.code) }
    writer.append('last')`)
  const limited = ['/bin/sh', '-c', 'ulimit -f 64 && exec "$@"', 'sh', process.execPath, program, file]
  expect(await runToEnd(limited)).toMatchObject({ status: 0, stdout: 'EFBIG\n', stderr: '' })
  expect(read(file)).toEqual(['first', 'last'])
})

test('a folder that is not there is the error of the system, and nothing is made', () => {
  const file = join(temporaryFolder(), 'none', 'journal.jsonl')
  expect(() => openJsonLinesWriter(file)).toThrow(/^ENOENT/)
  expect(existsSync(file)).toBe(false)
})
