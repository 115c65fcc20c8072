// The offline model's programs through the whole worker: sandbox, host functions, budget, citations.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { analyse } from '../../../../src/worker/compose.ts'
import type { Limits, Result } from '../../../../src/worker/contract/result.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

type Files = Record<string, string>

interface Ordered {
  readonly limits?: Partial<Limits>
  readonly task?: string
}

const usual: Limits = {
  max_steps: 6,
  max_depth: 1,
  timeout_seconds: 60,
  max_subcalls: 12,
  max_errors: 1,
  concurrency: 4,
  max_tokens: null,
  max_usd: null,
}
const usualTask = 'Help the reviewer: why does `open_lock` time out, and what of the spec is not done?'

async function analyseOffline(
  files: Files,
  { limits = {}, task = usualTask }: Ordered = {},
): Promise<Result> {
  const folder = temporaryFolder()
  const repo = join(folder, 'repo')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, name)), { recursive: true })
    writeFileSync(join(repo, name), text)
  }
  mkdirSync(repo, { recursive: true })
  const offline = { argv: ['rlms:offline'], promptMode: 'stdin', model: null } as const
  const occasion = {
    loopId: 'l',
    role: 'reviewer',
    iteration: 1,
    format: 'json',
    requireCitations: true,
    metadata: null,
  }
  return analyse(
    {
      repo,
      outputDir: join(folder, 'out'),
      sources: Object.keys(files).map((name) => ({ name, path: join(repo, name) })),
      repeated: 0,
      occasion: { ...occasion, task, limits: { ...usual, ...limits } },
      root: offline,
      sub: offline,
      sandbox: 'python',
      sandboxRequire: 'language',
      stepLimitMs: 30_000,
      resume: false,
    },
    () => {},
    new AbortController().signal,
  )
}

const lock = `import os


class LockError(Exception):
    """The lock could not be taken."""


def open_lock(path, timeout=5):
    # TODO wait with backoff
    if os.path.exists(path):
        raise LockError("open_lock timed out: " + path)
    return os.open(path, os.O_CREAT)


def close_lock(handle):
    os.close(handle)
`
const client = `import { openLock } from './lock'

export interface Client { close(): void }

export async function connect(url: string): Promise<Client> {
  // FIXME: no timeout
  return openLock(url)
}
`
const spec = `# Locks of the worker

A run takes \`open_lock\` before it writes.

- [x] take the lock
- [ ] wait for a lock that is held
- [ ] tell who holds it
1. [ ] write it down
`
const stackTraces = Array.from(
  { length: 40 },
  (_, at) => `2026-01-02T03:04:${String(at % 60).padStart(2, '0')}Z INFO job ${at} started
2026-01-02T03:04:${String(at % 60).padStart(2, '0')}Z ERROR job ${at} failed
Traceback (most recent call last):
  File "lock.py", line 11, in open_lock
LockError: open_lock timed out: /run/lock.${at}
`,
).join('')
const repository: Files = {
  'src/lock.py': lock,
  'src/client.ts': client,
  'docs/spec.md': spec,
  'logs/worker.log': stackTraces,
  'bin/run.sh': '#!/bin/sh\nstart_worker() {\n  exec worker\n}\nstart_worker\n',
}

function expectGood(result: Result): void {
  expect(result).toMatchObject({ ok: true, partial: false })
  expect(result.error).toBeUndefined()
  expect(result.trace.filter(({ ok }) => !ok)).toEqual([])
  expect(result.citations.filter(({ verified, signal }) => !verified && signal !== 'file_reference')).toEqual(
    [],
  )
}

test('a small repository: boxes, errors, marks and definitions are found, each with lines that prove it', async () => {
  const result = await analyseOffline(repository)
  expectGood(result)
  const proven = result.citations.filter(({ verified }) => verified)
  expect(proven.length).toBeGreaterThanOrEqual(10)
  expect(proven).toHaveLength(result.citations.length)
  const signals = new Set(proven.map(({ signal }) => signal))
  expect([...signals]).toEqual(
    expect.arrayContaining(['open_box', 'error', 'todo', 'task_term', 'definition']),
  )
  const boxes = proven.filter(({ signal }) => signal === 'open_box')
  expect(boxes.map(({ path, start_line: line }) => `${path}:${line}`).sort()).toEqual([
    'docs/spec.md:6',
    'docs/spec.md:7',
    'docs/spec.md:8',
  ])
  expect(result.final).toMatch(/^Offline analysis, by patterns and word counts, for: Help the reviewer/)
  expect(result.final).toContain('Not checked off: 3 boxes')
  expect(result.highlights[0]).toContain('no model was asked')
  expect(result.stats.subcall_count).toBeGreaterThan(0)
  expect(result.usage.cost_usd).toBe(0)
})

test('the same repository gives the same findings', async () => {
  const [first, second] = [await analyseOffline(repository), await analyseOffline(repository)]
  const findings = ({ final, highlights, citations }: Result) => ({ final, highlights, citations })
  expect(findings(second)).toEqual(findings(first))
})

test.each([
  ['depth 0', { max_depth: 0 }, 2, 0],
  ['one step only', { max_steps: 1 }, 1, 5],
  ['one step only, at depth 0', { max_steps: 1, max_depth: 0 }, 1, 0],
  ['one sub-call only', { max_subcalls: 1 }, 2, 1],
])('%s is enough', async (_, limits, steps, subcalls) => {
  const result = await analyseOffline(repository, { limits })
  expectGood(result)
  expect(result.citations.length).toBeGreaterThanOrEqual(10)
  expect(result.stats).toMatchObject({ step_count: steps, subcall_count: subcalls })
})

test.each<[string, Files]>([
  ['no document', {}],
  ['an empty document', { 'empty.txt': '' }],
  ['one line without an end', { 'note.txt': 'hello' }],
  ['odd names', { 'a b\'c"d.md': spec, '%s {x}.py': lock, 'umläut-日本.log': stackTraces }],
  [
    'lines of all ends',
    { 'crlf.md': spec.replaceAll('\n', '\r\n'), 'cr.log': stackTraces.replaceAll('\n', '\r') },
  ],
  ['one very long line', { 'bundle.js': `function a(){};${'x=1;'.repeat(100_000)}`, 'spec.md': spec }],
])('%s is no trouble', async (_, files) => {
  expectGood(await analyseOffline(files))
})

test.each([
  ['quotes, backslashes and a fence', 'Is "a\\b" \'c\' or """ in ```python\nprint(1)\n``` safe? {x} %s'],
  ['no words of its own', 'Help the reviewer with its work now.'],
  ['signs of regular expressions', 'What of `[a-z]+(` and "C++" and $^.*?'],
  ['other scripts and half a surrogate pair', 'Größe der Datei 日本語 🙂 \ud800 \u2028 \0'],
  ['a hundred kilobytes', 'explain open_lock '.repeat(6000)],
])('a task with %s is no trouble', async (_, task) => {
  expectGood(await analyseOffline(repository, { task }))
})

test('a log of five megabytes is read through', async () => {
  const log = stackTraces.repeat(Math.ceil(5_000_000 / stackTraces.length))
  const result = await analyseOffline({ 'worker.log': log })
  expectGood(result)
  expect(result.final).toMatch(/Error, \d+ times/)
  const { citations } = result
  expect(citations.filter(({ verified }) => verified).length).toBeGreaterThan(0)
})
