import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProgressMode } from '../../../src/worker/cli/door-options.ts'
import { openProgress } from '../../../src/worker/cli/progress.ts'
import type { RunEvent } from '../../../src/worker/rlm/ports.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Progress on a stream that notes what is written to it. */
function watch(mode: ProgressMode, parts: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = []
  const stream = { ...parts, write: (text: string) => written.push(text) }
  return { ...openProgress(mode, stream as unknown as NodeJS.WriteStream), written }
}

const spent = { tokens: 1200, costUsd: 0.02 }
const events: RunEvent[] = [
  { type: 'run_start', run: 'r', depth: 0, task: 'Find it.\nAll of it.', documents: 3 },
  { type: 'step_start', run: 'r', step: 1 },
  { type: 'call_start', run: 'r', id: 'r.step1', purpose: 'root', inFlight: 1 },
  { type: 'call_end', run: 'r', id: 'r.step1', ok: true, replayed: false, durationMs: 5, inFlight: 0, spent },
  { type: 'code', run: 'r', step: 1, code: 'x = 1\nprint(x)' },
  { type: 'call_start', run: 'r', id: 'r.a.1', purpose: 'sub', inFlight: 2 },
  { type: 'call_end', run: 'r', id: 'r.a.1', ok: false, replayed: false, durationMs: 5, inFlight: 1, spent },
  { type: 'run_start', run: 'r.b.1', depth: 1, task: 'Look.', documents: 1 },
  { type: 'run_end', run: 'r.b.1', ok: true },
  { type: 'step_end', run: 'r', step: 1, ok: false, output: '', error: 'NameError: y\n  line 2' },
  { type: 'step_end', run: 'r', step: 2, ok: true, output: 'done', error: null },
]

test('plain: what a person wants to know, a line each', () => {
  const { emit, end, written } = watch('plain', { isTTY: true })
  for (const event of events) emit(event)
  end()
  expect(written.join('')).toBe(
    [
      'rlms: run r: 3 documents, Find it.',
      'rlms: step 1 of run r: asking for code',
      'rlms: step 1 of run r: 2 lines of code, x = 1',
      'rlms: sub-call r.a.1, 2 in flight',
      'rlms: call r.a.1 failed',
      'rlms:   run r.b.1: 1 documents, Look.',
      'rlms: step 1 of run r: failed, NameError: y',
      'rlms: step 2 of run r: done',
      '',
    ].join('\n'),
  )
})

test('json: every event, a line each', () => {
  const { emit, end, written } = watch('json')
  for (const event of events) emit(event)
  end()
  expect(written.map((line) => JSON.parse(line))).toEqual(events)
  expect(written.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
})

test.each<[mode: ProgressMode, isTTY: boolean]>([
  ['none', true],
  ['none', false],
  ['auto', false],
])('%s says nothing (on a terminal: %s)', (mode, isTTY) => {
  const { emit, end, written } = watch(mode, { isTTY })
  for (const event of events) emit(event)
  end()
  expect(written).toEqual([])
})

const clear = '\r\x1b[2K'

test('auto: on a terminal one line that is written over, with the time that has passed, and taken away', () => {
  const { emit, end, written } = watch('auto', { isTTY: true, columns: 60 })
  emit(events[1]!)
  vi.advanceTimersByTime(2000)
  emit(events[2]!)
  end()
  const line = 'step 1 of run r: asking for code'
  expect(written).toEqual([
    `${clear}0 s  ${line}`,
    `${clear}1 s  ${line}`,
    `${clear}2 s  ${line}`,
    `${clear}2 s  ${line}`,
    clear,
  ])
  expect(vi.getTimerCount()).toBe(0)
})

test('auto: the line is cut to the terminal, at whole characters', () => {
  const task = '🙂'.repeat(60)
  const start: RunEvent = { type: 'run_start', run: 'r', depth: 0, task, documents: 3 }
  for (const columns of [38, 39]) {
    const { emit, end, written } = watch('auto', { isTTY: true, columns })
    emit(start)
    end()
    const line = written[0]!.slice(clear.length)
    expect(line.length).toBeLessThan(columns)
    expect(line.length).toBeGreaterThan(columns - 3)
    expect(Buffer.from(line).toString()).toBe(line)
  }
})

test('auto: sub-calls in flight, what is spent and the time that is left stand behind it', () => {
  const written: string[] = []
  const stream = { isTTY: true, columns: 120, write: (text: string) => written.push(text) }
  const { emit, end } = openProgress('auto', stream as unknown as NodeJS.WriteStream, { seconds: 60 })
  for (const event of events.slice(1, 6)) emit(event)
  vi.advanceTimersByTime(3000)
  emit(events[6]!)
  end()
  expect(written.at(-3)).toBe(
    `${clear}3 s  step 1 of run r: 2 lines of code, x = 1 · 1 in flight · 1200 tokens · $0.0200 · 57 s left`,
  )
  expect(written.at(-2)).toBe(`${clear}3 s  call r.a.1 failed · 1200 tokens · $0.0200 · 57 s left`)
})

test('verbose: codes and outputs whole, behind the line that tells of them', () => {
  const written: string[] = []
  const stream = { write: (text: string) => written.push(text) }
  const options = { name: 'rlm', verbose: true }
  const { emit } = openProgress('auto', stream as unknown as NodeJS.WriteStream, options)
  emit({ type: 'code', run: 'r', step: 1, code: 'x = 1\nprint(x)\x1b[2J\n' })
  emit({ type: 'step_end', run: 'r', step: 1, ok: true, output: '1', error: null })
  expect(written.join('')).toBe(
    [
      'rlm: step 1 of run r: 3 lines of code, x = 1',
      '  x = 1',
      '  print(x) [2J',
      'rlm: step 1 of run r: done',
      '  1',
      '',
    ].join('\n'),
  )
})

test('what a model or a user wrote does not steer the terminal', () => {
  const { emit, written } = watch('plain')
  emit({ type: 'code', run: 'r', step: 1, code: '# \x1b]0;owned\x07\x1b[2J\rx\x9b5A\ty\x7f' })
  expect(written).toEqual(['rlms: step 1 of run r: 1 lines of code, #  ]0;owned  [2J x 5A y \n'])
})

test('of a long line the beginning is told, at whole characters', () => {
  const { emit, written } = watch('plain')
  emit({ type: 'run_start', run: 'r', depth: 0, task: `${'x'.repeat(98)}🙂${'y'.repeat(9)}`, documents: 3 })
  expect(written).toEqual([`rlms: run r: 3 documents, ${'x'.repeat(98)}…\n`])
})
