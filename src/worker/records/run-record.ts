// A loop's last run, read from its folder: what happened by its events, what each iteration came to by the gates, what
// each analysis found by its result. Everything is read leniently: other programs, crashes and models write these files.
import { basename, join } from 'node:path'
import { type Fields, fieldsOf, numberOf, objectLines, parseFields, textOf } from '../lib/fields.ts'
import { type Iteration, readIterations } from './iterations.ts'
import { readText } from './read-text.ts'
import type { UsageEntry } from './usage-entry.ts'
import { readUsage } from './usage-log.ts'

export interface RunRecord {
  readonly loop: string
  readonly runId: string
  readonly spec: string
  readonly outcome: Outcome
  readonly startedAt: string
  /** Of the last event. */
  readonly endedAt: string
  readonly iterations: readonly Iteration[]
  readonly usage: readonly UsageEntry[]
  readonly earlier: readonly EarlierRun[]
  /** evidence.json of the last iteration; empty where there is none. */
  readonly evidence: Fields
}

export interface Outcome {
  readonly kind: 'complete' | 'stopped' | 'running' | 'interrupted'
  readonly reason: string
}

export interface EarlierRun {
  readonly runId: string
  readonly outcome: Outcome
  readonly startedAt: string
  readonly endedAt: string
  readonly iterations: number
}

/** Undefined when the loop has not run. */
export function readRunRecord(repo: string, loopDir: string, env: NodeJS.ProcessEnv): RunRecord | undefined {
  const events = objectLines(readText(join(loopDir, 'events.jsonl'))).filter(
    ({ event }) => typeof event === 'string',
  )
  const runs = splitRuns(events)
  const last = runs.pop()
  if (last === undefined) return undefined
  const runId = textOf(last[0]?.run_id)
  const usage = readUsage(loopDir, { repo, env }).filter(({ run_id }) => run_id === runId)
  return {
    loop: basename(loopDir),
    runId,
    spec: textOf(fieldsOf(last.find(({ event }) => event === 'loop_start')?.data).spec_file),
    outcome: outcomeOf(last, isRunning(repo, runId)),
    startedAt: textOf(last[0]?.timestamp),
    endedAt: textOf(last.at(-1)?.timestamp),
    iterations: readIterations(last, loopDir, usage),
    usage,
    earlier: runs.map(briefOf),
    evidence: readEvidence(loopDir, runId),
  }
}

/** By run, in order; a run that found the work done (it was approved meanwhile) belongs to the one that did it. */
function splitRuns(events: readonly Fields[]): Fields[][] {
  const byId = new Map<string, Fields[]>()
  for (const event of events) {
    const id = textOf(event.run_id)
    const run = byId.get(id)
    if (run) run.push(event)
    else byId.set(id, [event])
  }
  const runs: Fields[][] = []
  for (const run of byId.values()) {
    const before = runs.at(-1)
    const worked = run.some(({ event }) => event === 'iteration_start')
    if (before && !worked && run.some(({ event }) => event === 'loop_complete')) before.push(...run)
    else runs.push(run)
  }
  return runs
}

function outcomeOf(events: readonly Fields[], running: boolean): Outcome {
  const mark = events.findLast(({ event }) => /^loop_(?:start|stopped|complete)$/.test(textOf(event)))
  if (mark?.event === 'loop_complete') return { kind: 'complete', reason: '' }
  if (mark?.event === 'loop_stopped') {
    const reason = textOf(fieldsOf(mark.data).reason)
    const by = /^interrupted (.*)/.exec(reason)?.[1]
    return by === undefined ? { kind: 'stopped', reason } : { kind: 'interrupted', reason: by }
  }
  return { kind: running ? 'running' : 'interrupted', reason: '' }
}

function isRunning(repo: string, runId: string): boolean {
  const { active, run_id, pid } = parseFields(readText(join(repo, '.superloop', 'state.json'))) ?? {}
  if (active !== true || run_id !== runId || numberOf(pid) === 0) return false
  try {
    return process.kill(numberOf(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function briefOf(events: readonly Fields[]): EarlierRun {
  return {
    runId: textOf(events[0]?.run_id),
    outcome: outcomeOf(events, false),
    startedAt: textOf(events[0]?.timestamp),
    endedAt: textOf(events.at(-1)?.timestamp),
    iterations: new Set(
      events.filter(({ event }) => event === 'iteration_start').map(({ iteration }) => iteration),
    ).size,
  }
}

function readEvidence(loopDir: string, runId: string): Fields {
  const evidence = parseFields(readText(join(loopDir, 'evidence.json')))
  return evidence?.run_id === runId ? evidence : {}
}
