import { expect, test } from 'vitest'
import {
  countOf,
  cut,
  formatCount,
  formatDuration,
  formatTime,
  secondsBetween,
  shortCount,
} from '../../../src/worker/report/format.ts'
import { linksFrom } from '../../../src/worker/report/links.ts'

test.each([
  [0, '<1 s'],
  [0.4, '<1 s'],
  [59.6, '1 min'],
  [61, '1 min 1 s'],
  [3600, '1 h'],
  [3725, '1 h 2 min'],
  [90_061, '25 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test.each([
  ['2026-01-02T03:04:05Z', '2026-01-02 03:04:05 UTC'],
  ['2026-01-02T03:04:05.678Z', '2026-01-02 03:04:05 UTC'],
  ['yesterday', 'yesterday'],
])('the time %s is %s', (timestamp, text) => {
  expect(formatTime(timestamp)).toBe(text)
})

test('seconds between are none where a time is missing or they are the wrong way round', () => {
  expect(secondsBetween('2026-01-02T03:04:05Z', '2026-01-02T03:05:06Z')).toBe(61)
  expect(secondsBetween('2026-01-02T03:04:05Z', '')).toBe(0)
  expect(secondsBetween('2026-01-02T03:04:05Z', '2026-01-02T03:04:04Z')).toBe(0)
})

test('counts are grouped, shortened, and named in number', () => {
  expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567'])
  expect([0, 999, 1000, 1250, 12_345, 999_499, 999_500, 3_400_000].map(shortCount)).toEqual([
    '0',
    '999',
    '1k',
    '1.3k',
    '12k',
    '999k',
    '1M',
    '3.4M',
  ])
  expect([countOf(1, 'file'), countOf(0, 'file'), countOf(2000, 'file')]).toEqual([
    '1 file',
    '0 files',
    '2,000 files',
  ])
})

test('a text is cut at a whole character', () => {
  expect(cut('abc', 3)).toBe('abc')
  expect(cut('abcd', 3)).toBe('ab…')
  expect(cut('a👍bc', 3)).toBe('a…')
})

test.each([
  ['/repo/out/report.html', 'src/a b.ts', '../src/a%20b.ts'],
  ['/repo/report.html', 'src/#1?.ts', './src/%231%3F.ts'],
  ['/repo/report.html', 'javascript:alert(1)', './javascript%3Aalert(1)'],
  ['/repo/report.html', '//evil.example/x', '../evil.example/x'],
  ['/repo/report.html', '/etc/hosts', '../etc/hosts'],
  ['/repo/report.html', '..data/x', './..data/x'],
  ['/repo/report.html', 'dir/日本"<>.md', './dir/%E6%97%A5%E6%9C%AC%22%3C%3E.md'],
])('from %s the file %s is linked as %s', (page, path, link) => {
  expect(linksFrom(page, '/repo').toFile(path)).toBe(link)
})

test("a line's link names the line and the text that stands there", () => {
  const { toLine } = linksFrom('/repo/report.html', '/repo')
  expect(toLine('a.ts', 7, '  let x-y = "1"\nnext')).toBe('./a.ts#L7:~:text=let%20x%2Dy%20%3D%20%221%22')
  expect(toLine('a.ts', 7, '')).toBe('./a.ts#L7')
  expect(toLine('a.ts', 1, `${'x'.repeat(79)}👍`)).toBe(`./a.ts#L1:~:text=${'x'.repeat(79)}`)
})

test('a file is called as the repository sees it', () => {
  const { nameOf } = linksFrom('/repo/report.html', '/repo')
  expect([nameOf('src/a.ts'), nameOf('/repo/src/a.ts'), nameOf('/etc/hosts')]).toEqual([
    'src/a.ts',
    'src/a.ts',
    '/etc/hosts',
  ])
})
