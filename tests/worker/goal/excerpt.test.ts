import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanLine, readEnds, readExcerpt } from '../../../src/worker/goal/excerpt.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const { signal } = new AbortController()

function excerptOf(content: string | Buffer): Promise<string> {
  const file = join(temporaryFolder(), 'validator.log')
  writeFileSync(file, content)
  return readExcerpt(file, signal)
}

test('a short output is shown whole', async () => {
  expect(await excerptOf('one\ntwo\n\nthree\n')).toBe('one\ntwo\n\nthree')
  expect(await excerptOf('')).toBe('')
})

test('of a long one the head, the tail and what looks like an error between them', async () => {
  const lines = Array.from({ length: 5000 }, (_, at) => `line ${at} is fine`)
  lines[2500] = '  AssertionError: expected 3 to be 4'
  const excerpt = await excerptOf(lines.join('\n'))
  expect(excerpt.length).toBeLessThan(25_000)
  expect(excerpt).toMatch(/^line 0 is fine\nline 1 is fine\n/)
  expect(excerpt).toMatch(
    /\n… \d+ lines left out; of them:\n {2}AssertionError: expected 3 to be 4\n…\nline \d+ is fine\n/,
  )
  expect(excerpt).toMatch(/\nline 4999 is fine$/)
})

test('at most sixty lines of errors', async () => {
  const excerpt = await excerptOf('error: again and again\n'.repeat(20_000))
  expect(excerpt.split('\n').length).toBeLessThan(1000)
})

test('a line of megabytes is cut, and what follows it is shown', async () => {
  const excerpt = await excerptOf(`${'x'.repeat(5_000_000)}\nthe end\n`)
  expect(excerpt).toMatch(/^x{500,600}…\nthe end$/)
})

test('characters that are cut by a chunk stay whole, bytes that are none are replaced', async () => {
  const text = `${'é'.repeat(200)}\n`.repeat(2000)
  expect(await excerptOf(text)).not.toContain('\uFFFD')
  expect(await excerptOf(Buffer.from([0x61, 0xff, 0x62, 0x0a]))).toBe('a\uFFFDb')
})

test('its reading ends with the signal', async () => {
  const file = join(temporaryFolder(), 'validator.log')
  writeFileSync(file, 'x\n'.repeat(1_000_000))
  await expect(readExcerpt(file, AbortSignal.abort())).rejects.toThrow()
})

test.each([
  ['\x1b[31;1mred\x1b[0m and \x1b[38;5;200mpink\x1b[m', 'red and pink'],
  ['\x1b]0;a title\x07text', 'text'],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
  ['a\0b\x07c\x7fd', 'abcd'],
  ['10%\r50%\r100%', '100%'],
  ['done\r', 'done'],
  ['\ttabs stay', '\ttabs stay'],
  ['\x1b(Bplain\x1bM', '(Bplain'],
])('%j is shown as %j', (line, shown) => {
  expect(cleanLine(line)).toBe(shown)
})

test('a file of any size is shown by its ends', () => {
  const file = join(temporaryFolder(), 'diff.patch')
  writeFileSync(file, `${'a'.repeat(100)}${'b'.repeat(1000)}${'c'.repeat(50)}`)
  expect(readEnds(file, 100, 50)).toBe(`${'a'.repeat(100)}\n… 1000 bytes left out …\n${'c'.repeat(50)}`)
  expect(readEnds(file, 1000, 500)).toHaveLength(1150)
})
