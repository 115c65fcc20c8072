import { expect, test } from 'vitest'
import { digest } from '../../../../src/worker/models/offline/digest.ts'

const log = `INFO starting worker
INFO connected to the queue
ERROR job 17 failed: connection to the database was reset
INFO heartbeat
INFO heartbeat
`

test('the line that tells of an error is in the digest', () => {
  expect(digest(log)).toContain('ERROR job 17 failed: connection to the database was reset')
})

test('lines that look all alike do not crowd out the one that differs', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `INFO request ${at} GET /items/${at} served by worker`)
  lines.splice(20, 0, 'WARN pool exhausted, twenty connections in use')
  expect(digest(lines.join('\n'))).toContain('WARN pool exhausted')
})

test('what stands before a line of dashes is an instruction, not text', () => {
  expect(digest(`Digest for: the deployment pipeline\nDocument: x\n---\nfirst word\n`)).toBe('first word')
  expect(digest('title\n---\n')).toBe('')
})

test('the lines keep their order, and none is told twice', () => {
  const text =
    'def open_lock(path):\n    return path\nTODO close the lock\nTODO close the lock\ndef close_lock(path):\n'
  expect(digest(text)).toBe(
    'def open_lock(path): · return path · TODO close the lock · def close_lock(path):',
  )
})

test('marks of headings, comments and lists are left out', () => {
  expect(digest('## Locking of files\n')).toBe('Locking of files')
  expect(digest('// Waits for the lock\n')).toBe('Waits for the lock')
  expect(digest('- [ ] close   the lock\n')).toBe('[ ] close the lock')
})

test.each(['', '\n\n', '--- 42 ---', '日本語'])('a text without words has no digest: %j', (text) => {
  expect(digest(text)).toBe('')
})

test('a digest is at most four lines and 400 characters long', () => {
  const text = Array.from({ length: 50 }, (_, at) => `line ${at} ${'word_of_some_length '.repeat(20)}`).join(
    '\n',
  )
  const told = digest(text)
  expect(told.length).toBeLessThanOrEqual(400)
  expect(told.split(' · ').length).toBeLessThanOrEqual(4)
  expect(told).toMatch(/…$/)
})

test('the same text has the same digest, also a megabyte of it', () => {
  const text = log.repeat(6000)
  expect(digest(text)).toBe(digest(text))
})
