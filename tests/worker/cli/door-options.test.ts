import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asksFor, peekOccasion, readDoorOptions } from '../../../src/worker/cli/door-options.ts'
import { callWith, readCall, refusalOf, requestOf } from '../helpers/door-call.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('the flags that hosts always pass are enough', () => {
  const { request, progress } = readCall()
  expect(progress).toBe('auto')
  expect(request).toMatchObject({
    repeated: 1,
    root: { argv: ['rlms:offline'], promptMode: 'stdin', model: null },
    sub: { argv: ['rlms:offline'], promptMode: 'stdin', model: null },
    sandbox: 'auto',
    sandboxRequire: 'kernel',
    stepLimitMs: 30_000,
    resume: false,
  })
  expect(request.sources.map(({ name }) => name)).toEqual(['a.ts', 'none.ts'])
  expect(request.occasion).toEqual({
    loopId: 'demo',
    role: 'reviewer',
    iteration: 3,
    format: 'json',
    task: expect.stringMatching(/^Help the reviewer of the agent loop "demo" /),
    requireCitations: true,
    metadata: null,
    limits: {
      max_steps: 6,
      max_depth: 2,
      timeout_seconds: 120,
      max_subcalls: 12,
      max_errors: 3,
      concurrency: 8,
      max_tokens: null,
      max_usd: null,
    },
  })
})

test('everything that can be given is taken over', () => {
  const argv = callWith({
    'max-subcalls': '50',
    'max-errors': '1',
    'max-tokens': '1000',
    'max-usd': '0.5',
    concurrency: '2',
    task: ' What fails? ',
    format: 'json',
    'require-citations': 'false',
    sandbox: 'python',
    'sandbox-require': 'language',
    'step-timeout-seconds': '0.5',
    progress: 'plain',
  })
  const { request, progress } = readDoorOptions([...argv, '--resume'], {})
  expect(progress).toBe('plain')
  expect(request).toMatchObject({
    sandbox: 'python',
    sandboxRequire: 'language',
    stepLimitMs: 500,
    resume: true,
    occasion: { task: 'What fails?', requireCitations: false },
  })
  expect(request.occasion.limits).toMatchObject({
    max_subcalls: 50,
    max_errors: 1,
    max_tokens: 1000,
    max_usd: 0.5,
    concurrency: 2,
  })
})

test('a task of blanks is none', () => {
  expect(requestOf({ task: ' \n' }).occasion.task).toMatch(/^Help the reviewer /)
})

test.each([
  ['20', 5000],
  ['2000', 60_000],
  ['0.5', 125],
])('of %s seconds one step may take a quarter, and never more than a minute: %i ms', (seconds, ms) => {
  expect(requestOf({ 'timeout-seconds': seconds }).stepLimitMs).toBe(ms)
})

test.each([
  'repo',
  'role',
  'loop-id',
  'iteration',
  'output-dir',
  'max-steps',
  'max-depth',
  'timeout-seconds',
  'context-file-list',
])('--%s must be given, and not be empty', (name) => {
  for (const value of [undefined, ''])
    expect(refusalOf({ [name]: value })).toMatchObject({
      code: 'invalid_config',
      message: `--${name} is missing`,
      fix: `Give --${name}.`,
    })
})

test.each<[flag: string, value: string, message: string]>([
  ['iteration', '-1', '--iteration must be a whole number from 0 up, not "-1"'],
  ['max-steps', '0', '--max-steps must be a whole number from 1 up, not "0"'],
  ['max-depth', '101', '--max-depth must be a whole number from 0 to 100, not "101"'],
  ['timeout-seconds', '0', '--timeout-seconds must be a number from 0.1 to 2000000, not "0"'],
  ['max-subcalls', 'x', '--max-subcalls must be a whole number from 0 up, not "x"'],
  ['max-errors', '0', '--max-errors must be a whole number from 1 up, not "0"'],
  ['concurrency', '1001', '--concurrency must be a whole number from 1 to 1000, not "1001"'],
  ['max-tokens', '0', '--max-tokens must be a whole number from 1 up, not "0"'],
  ['max-usd', '-1', '--max-usd must be a number from 0 up, not "-1"'],
  ['step-timeout-seconds', '0', '--step-timeout-seconds must be a number from 0.01 to 86400, not "0"'],
  ['format', 'xml', '--format must be one of json, not "xml"'],
  ['progress', 'loud', '--progress must be one of auto, plain, json, none, not "loud"'],
  ['require-citations', 'yes', '--require-citations must be one of true, false, not "yes"'],
  ['sandbox', 'docker', '--sandbox must be one of auto, python, javascript, pyodide, not "docker"'],
  ['sandbox-require', 'none', '--sandbox-require must be one of kernel, process, language, not "none"'],
  ['root-prompt-mode', 'pipe', '--root-prompt-mode must be one of stdin, file, arg, not "pipe"'],
  ['root-args-json', '"x"', '--root-args-json must be a JSON array of strings, not "\\"x\\""'],
])('--%s %s is refused with what is allowed', (flag, value, message) => {
  expect(refusalOf({ [flag]: value })).toMatchObject({ code: 'invalid_config', message })
})

test('a word that is no flag is refused', () => {
  expect(() => readDoorOptions([...callWith(), 'stray'], {})).toThrow('"stray" is not a flag')
})

test('a repository that is no folder is refused', () => {
  const file = join(temporaryFolder(), 'none')
  expect(refusalOf({ repo: file })).toMatchObject({
    message: `--repo is no folder: ${file}`,
    fix: 'Give --repo a folder.',
  })
})

test('no sub-calls at all means twice the steps', () => {
  expect(requestOf({ 'max-subcalls': '0' }).occasion.limits.max_subcalls).toBe(12)
})

test('metadata is carried along; none, and a file that is not there, is null', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'meta.json'), '{"a":[1]}')
  const metadataOf = (file: string) => requestOf({ 'metadata-file': file }).occasion.metadata
  expect(metadataOf(join(folder, 'meta.json'))).toEqual({ a: [1] })
  expect(metadataOf('')).toBeNull()
  expect(metadataOf(join(folder, 'none.json'))).toBeNull()
})

test('metadata that is no JSON is told by the name of its file', () => {
  const file = join(temporaryFolder(), 'meta.json')
  writeFileSync(file, '{')
  const error = refusalOf({ 'metadata-file': file })
  expect(error.message.startsWith(`the metadata file cannot be used: ${file}: `)).toBe(true)
  expect(error.fix).toBe('Give --metadata-file a JSON file, or leave it out.')
})

test('of a call that cannot be understood it is told where its result is to go, and whose it is', () => {
  const argv = ['--nonsense', '--output-dir', 'out', '--role', 'tester', '--task=--role', '--iteration', '4']
  expect(peekOccasion(argv)).toEqual({
    outputDir: 'out',
    loopId: '',
    role: 'tester',
    iteration: 4,
    task: '--role',
  })
  expect(peekOccasion(['--iteration', 'x'])).toMatchObject({ outputDir: undefined, iteration: 0 })
})

test('a question for help is one where it is no value', () => {
  expect(asksFor(['--repo', '.', '--help'], '--help', '-h')).toBe(true)
  expect(asksFor(['--task', '--help'], '--help', '-h')).toBe(false)
})
