import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { resultSchema } from '../../../src/worker/contract/result.ts'
import { buildFailure, renderSummary } from '../../../src/worker/rlm/result-builder.ts'
import { noteDefect, runPaths, writeArtifacts } from '../../../src/worker/runs/artifacts.ts'
import { occasion } from '../helpers/endings.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const failure = (message: string) => buildFailure(occasion(), new RlmsError('limit_exceeded', message))

test('the names of the files are those that hosts rely on', () => {
  const folder = '/some/where'
  expect(runPaths(folder)).toEqual({
    folder,
    result: '/some/where/result.json',
    summary: '/some/where/summary.md',
    journal: '/some/where/journal.jsonl',
    pack: '/some/where/documents.pack',
    index: '/some/where/documents.json',
    calls: '/some/where/calls',
    errors: '/some/where/worker-stderr.log',
  })
})

test('a result is left as JSON that fits its schema, and as a summary', () => {
  const paths = runPaths(temporaryFolder())
  const result = failure('time limit exceeded: 5 s allowed')
  writeArtifacts(paths, result)
  expect(readdirSync(paths.folder).sort()).toEqual(['result.json', 'summary.md'])
  const text = readFileSync(paths.result, 'utf8')
  expect(resultSchema.parse(JSON.parse(text))).toEqual(result)
  expect(text).toMatch(/^\{\n {2}"schema_version": /)
  expect(readFileSync(paths.summary, 'utf8')).toBe(renderSummary(result))
})

test('a later result takes the place of an earlier one', () => {
  const paths = runPaths(temporaryFolder())
  writeArtifacts(paths, failure(`a ${'long '.repeat(1000)}message`))
  writeArtifacts(paths, failure('short'))
  expect(JSON.parse(readFileSync(paths.result, 'utf8')).error).toBe('short')
  expect(readFileSync(paths.summary, 'utf8')).not.toContain('long')
})

test('where a file cannot be written, the error of the system is thrown', () => {
  expect(() => writeArtifacts(runPaths(join(temporaryFolder(), 'none')), failure('x'))).toThrow(/^ENOENT/)
})

test('a defect leaves when and where it happened, behind what others left', () => {
  const paths = runPaths(temporaryFolder())
  writeFileSync(paths.errors, 'earlier\n')
  noteDefect(paths, new TypeError('x is undefined'))
  noteDefect(paths, 'just a text')
  const [earlier, first = '', ...more] = readFileSync(paths.errors, 'utf8').split('\n')
  expect(earlier).toBe('earlier')
  expect(first).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z TypeError: x is undefined$/)
  expect(more[0]).toMatch(/^ {4}at .*artifacts\.test\.ts/)
  expect(more.at(-2)).toMatch(/^\S+Z just a text$/)
  expect(more.at(-1)).toBe('')
})
