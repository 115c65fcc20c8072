import { expect, test } from 'vitest'
import { taskTerms } from '../../../../src/worker/models/offline/task-terms.ts'

test('quoted words come first, then identifiers, then plain words, the longer before the shorter', () => {
  const task = 'Explain why the retry of `open_lock` in runStore loses "exit status" values under pressure'
  expect(taskTerms(task)).toEqual([
    'open_lock',
    'runStore',
    'pressure',
    'Explain',
    'status',
    'values',
    'retry',
    'loses',
    'under',
    'exit',
  ])
})

test.each([
  ['nothing', ''],
  [
    'common words only',
    'Please find out what is missing in the document, and say how risky the change would be',
  ],
  ['short words only', 'fix a bug or two now'],
  ['signs only', '?! … --- 42 "" ``'],
])('a task of %s has no terms', (_, task) => {
  expect(taskTerms(task)).toEqual([])
})

test('a word counts once, however it is written', () => {
  expect(taskTerms('Timeout, timeout and `TIMEOUT` of the socket')).toEqual(['TIMEOUT', 'socket'])
})

test('at most twelve terms are taken', () => {
  const words = Array.from({ length: 40 }, (_, at) => `identifier_${at}`)
  expect(taskTerms(words.join(' '))).toEqual(words.slice(0, 12))
})

test('a quoted path and a dotted name stay whole, the full stop of a sentence does not belong to them', () => {
  expect(taskTerms('See "src/lib/lock" and config.max_bytes.')).toEqual(['src/lib/lock', 'config.max_bytes'])
})

test('a task of a megabyte is no trouble', () => {
  expect(taskTerms('needle_in_hay '.repeat(80_000))).toEqual(['needle_in_hay'])
})
