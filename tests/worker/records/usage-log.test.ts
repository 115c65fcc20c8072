import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { readUsage, recordUsage } from '../../../src/worker/records/usage-log.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

let folder: string
const surroundings = { repo: '/repo', env: {} }

beforeEach(() => {
  folder = temporaryFolder()
})

/** A noted turn whose output told as many input tokens. */
function note(id: string, inputTokens: number, log = `log-${id}`): void {
  const file = join(folder, log)
  const usage = { input_tokens: inputTokens, output_tokens: 0 }
  writeFileSync(file, `{"type":"turn.started"}\n${JSON.stringify({ type: 'turn.completed', usage })}\n`)
  appendFileSync(join(folder, 'usage-notes.jsonl'), `${JSON.stringify({ id, run_id: 'r', file })}\n`)
}

const inputs = (entries: ReturnType<typeof readUsage>) =>
  entries.map(({ id, usage }) => [id, usage?.input_tokens ?? null])
const logged = () =>
  readFileSync(join(folder, 'usage.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).id)

test('noted turns move into the log once', () => {
  note('1.1', 5)
  note('1.2', 6)
  expect(inputs(recordUsage(folder, surroundings))).toEqual([
    ['1.1', 5],
    ['1.2', 6],
  ])
  note('1.3', 7)
  expect(inputs(recordUsage(folder, surroundings))).toEqual([
    ['1.1', 5],
    ['1.2', 6],
    ['1.3', 7],
  ])
  expect(logged()).toEqual(['1.1', '1.2', '1.3'])
  expect(existsSync(join(folder, 'usage-notes.jsonl'))).toBe(false)
})

test('a recorder that was killed after its first line is finished, not repeated', () => {
  note('1.1', 5)
  note('1.2', 6)
  recordUsage(folder, surroundings)
  const first = readFileSync(join(folder, 'usage.jsonl'), 'utf8').split('\n')[0]
  writeFileSync(join(folder, 'usage.jsonl'), `${first}\n{"id":"1.2","cu`)
  note('1.1', 5)
  note('1.2', 6)
  recordUsage(folder, surroundings)
  expect(logged()).toEqual(['1.1', '1.2'])
})

test('notes that a killed recorder had claimed are kept beside new ones', () => {
  note('1.1', 5)
  writeFileSync(join(folder, 'usage-notes.claimed.jsonl'), readFileSync(join(folder, 'usage-notes.jsonl')))
  writeFileSync(join(folder, 'usage-notes.jsonl'), '')
  note('1.2', 6)
  recordUsage(folder, surroundings)
  expect(logged()).toEqual(['1.1', '1.2'])
  expect(existsSync(join(folder, 'usage-notes.claimed.jsonl'))).toBe(false)
})

test('of two turns in one log only the last is measured by it', () => {
  note('1.1', 5, 'log')
  note('1.2', 6, 'log')
  expect(inputs(readUsage(folder, surroundings))).toEqual([
    ['1.1', null],
    ['1.2', 6],
  ])
})

test('reading writes nothing', () => {
  note('1.1', 5)
  expect(inputs(readUsage(folder, surroundings))).toEqual([['1.1', 5]])
  expect(existsSync(join(folder, 'usage.jsonl'))).toBe(false)
})

test('a folder without usage has none', () => {
  expect(readUsage(join(folder, 'none'), surroundings)).toEqual([])
  expect(recordUsage(folder, surroundings)).toEqual([])
})
