// A loop's last run, read from what it left.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { readRunRecord } from '../../../src/worker/records/run-record.ts'
import { addAnalysis, addIteration, type LoopFolder, makeLoopFolder, runId } from '../helpers/loop-folder.ts'

let folder: LoopFolder

beforeEach(() => {
  folder = makeLoopFolder()
})

const read = () => readRunRecord(folder.repo, folder.loopDir, {})!

describe('the outcome', () => {
  test('is none where nothing ran', () => {
    expect(readRunRecord(folder.repo, folder.loopDir, {})).toBeUndefined()
  })

  test('is complete, or stopped with its reason', () => {
    folder.event('loop_start')
    folder.event('loop_stopped', { data: { reason: 'max_iterations' } })
    expect(read().outcome).toEqual({ kind: 'stopped', reason: 'max_iterations' })
    folder.event('loop_complete')
    expect(read().outcome).toEqual({ kind: 'complete', reason: '' })
  })

  test('is interrupted when its process is gone, running while it is there', () => {
    folder.event('loop_start')
    expect(read().outcome.kind).toBe('interrupted')
    folder.write('../../state.json', { active: true, run_id: runId, pid: process.pid })
    expect(read().outcome.kind).toBe('running')
    folder.write('../../state.json', { active: true, run_id: 'another', pid: process.pid })
    expect(read().outcome.kind).toBe('interrupted')
    folder.write('../../state.json', { active: true, run_id: runId, pid: 2 ** 22 + 1 })
    expect(read().outcome.kind).toBe('interrupted')
  })

  test('is interrupted when a signal ended it, as list and status call it', () => {
    folder.event('loop_start')
    folder.event('loop_stopped', { data: { reason: 'interrupted by SIGTERM' } })
    expect(read().outcome).toEqual({ kind: 'interrupted', reason: 'by SIGTERM' })
  })
})

test('earlier runs are told in brief, the last one in full', () => {
  const earlier = { run_id: 'earlier' }
  folder.event('loop_start', earlier)
  folder.event('iteration_start', earlier)
  folder.event('iteration_start', { ...earlier, iteration: 2 })
  folder.event('loop_stopped', { ...earlier, data: { reason: 'role_failed' } })
  folder.event('loop_start', { data: { spec_file: 'spec.md' } })
  addIteration(folder, 1)
  const run = read()
  expect(run.earlier).toEqual([
    {
      runId: 'earlier',
      outcome: { kind: 'stopped', reason: 'role_failed' },
      startedAt: '2026-01-02T03:00:00Z',
      endedAt: '2026-01-02T03:03:00Z',
      iterations: 2,
    },
  ])
  expect([run.runId, run.spec, run.startedAt, run.iterations.length]).toEqual([
    runId,
    'spec.md',
    '2026-01-02T03:04:00Z',
    1,
  ])
})

test('an iteration tells its gates, its roles in order, and the events that have no place of their own', () => {
  folder.event('loop_start')
  folder.event('iteration_start')
  folder.event('role_start', { role: 'planner', data: { log_file: '/log' } })
  folder.event('rate_limited', { role: 'planner', message: 'waiting' })
  folder.event('role_timeout', { role: 'planner', status: 'timeout' })
  folder.event('role_start', { role: 'planner', data: { log_file: '/log' } })
  folder.event('role_end', { role: 'planner', status: 'ok' })
  folder.event('role_start', { role: '../../x' })
  folder.event('gates_evaluated', { data: { promise: false, tests: 'failed', odd: { a: 1 } } })
  const [iteration] = read().iterations
  expect(iteration).toMatchObject({
    number: 1,
    complete: null,
    gates: [
      { name: 'promise', verdict: 'no' },
      { name: 'tests', verdict: 'failed' },
    ],
    roles: [
      { role: 'planner', status: 'ok', logFile: '/log', startedAt: '2026-01-02T03:05:00Z', decision: null },
    ],
    others: [{ event: 'rate_limited' }],
  })
  folder.event('iteration_end', { data: { completion: true } })
  expect(read().iterations[0]?.complete).toBe(true)
})

test('a run that found the work approved belongs to the one that did it', () => {
  const later = { run_id: 'later', iteration: 1 }
  folder.event('loop_start')
  addIteration(folder, 1, { approval: 'pending' })
  folder.event('iteration_end', { data: { completion: false } })
  folder.event('loop_stopped', { data: { reason: 'approval_pending' } })
  folder.event('loop_start', later)
  expect(read()).toMatchObject({ runId: 'later', iterations: [], outcome: { kind: 'interrupted' } })
  folder.event('approval_consumed', { ...later, status: 'approved', data: { by: 'Ann' } })
  folder.event('loop_complete', later)
  const run = read()
  expect(run).toMatchObject({ runId, earlier: [], outcome: { kind: 'complete' } })
  expect(run.iterations).toMatchObject([
    { number: 1, complete: true, others: [{ event: 'approval_consumed' }] },
  ])
  expect(run.iterations[0]?.gates).toContainEqual({ name: 'approval', verdict: 'approved' })
})

describe('an analysis', () => {
  test('is told by its result', () => {
    folder.event('loop_start')
    addIteration(folder, 1)
    const { decision, analysis } = read().iterations[0]!.roles.find(({ role }) => role === 'reviewer')!
    expect(decision).toEqual({
      shouldRun: true,
      reason: 'hybrid_auto',
      requestedIn: '',
      mode: 'hybrid',
      files: 12,
      lines: 3410,
      tokens: 40_000,
    })
    expect(analysis).toMatchObject({ ok: true, files: 12, steps: 4, subcalls: 2, seconds: 31.4 })
    expect(analysis?.sandbox).toEqual(['native-python', 'language', 'process', 'kernel'])
    expect(analysis?.citations[0]).toEqual({
      path: 'src/counter.ts',
      startLine: 3,
      endLine: 5,
      signal: 'definition',
      snippet: 'export function count() {\n  n += 1\n}',
      verified: true,
      reason: '',
    })
  })

  test('of another run in the same folder is not taken for this one', () => {
    folder.event('loop_start')
    folder.event('iteration_start')
    addAnalysis(folder, 1, { metadata: { run_id: 'another' } })
    expect(read().iterations[0]?.roles[0]?.analysis).toMatchObject({
      ok: true,
      highlights: [],
      citations: [],
    })
  })

  test('whose result is missing or of another shape keeps what the event says', () => {
    folder.event('loop_start')
    folder.event('iteration_start')
    addAnalysis(folder, 1, {
      ok: false,
      highlights: 'x',
      citations: [1, { end_line: -1 }],
      stats: [],
      error: 5,
    })
    folder.event('rlms_end', { role: 'reviewer', status: 'failed', data: { error: 'no model' } })
    const [first] = read().iterations[0]!.roles
    expect(first?.analysis).toMatchObject({ ok: false, error: 'no model', highlights: [], steps: 0 })
    expect(first?.analysis?.citations).toMatchObject([
      { path: '', startLine: 0, endLine: 0, verified: false },
    ])
  })
})

test('usage is of this run and goes to its turns', () => {
  folder.event('loop_start')
  addIteration(folder, 1)
  folder.write(
    'usage.jsonl',
    { id: '1', run_id: runId, iteration: 1, role: 'tester', usage: { input_tokens: 5 } },
    { id: '2', run_id: 'another', iteration: 1, role: 'tester', usage: { input_tokens: 7 } },
  )
  const run = read()
  expect(run.usage.map(({ id }) => id)).toEqual(['1'])
  expect(run.iterations[0]?.roles.map(({ role, usage }) => [role, usage.length])).toEqual([
    ['planner', 0],
    ['implementer', 0],
    ['tester', 1],
    ['reviewer', 0],
  ])
})

test('evidence is of this run', () => {
  folder.event('loop_start')
  folder.write('evidence.json', { run_id: 'another', artifacts: [] })
  expect(read().evidence).toEqual({})
  folder.write('evidence.json', { run_id: runId, artifacts: [] })
  expect(read().evidence).toMatchObject({ run_id: runId })
})

test('lines that are cut or no events are left out', () => {
  folder.event('loop_start')
  appendFileSync(join(folder.loopDir, 'events.jsonl'), 'noise\n[1]\n{"x":1}\n{"event":"loop_comp')
  expect(read().outcome.kind).toBe('interrupted')
})
