// Begins a run, or takes one up again; either way this process is then the only one that works in the repository.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { endTagged } from '../lib/process-group.ts'
import { callFolder } from '../models/call-folder.ts'
import { lockHolder, tryLock } from '../runs/run-lock.ts'
import { GoalError, withPath } from './errors.ts'
import type { Goal } from './goal.ts'
import { now, RunRecord } from './record.ts'
import { listRuns, readManifest, readState } from './registry.ts'
import {
  type IterationPaths,
  iterationPaths,
  newRunId,
  type RunPaths,
  runPaths,
  runsOf,
} from './run-folder.ts'
import { type GivenOption, type Manifest, type RunState, recordVersion } from './run-state.ts'
import { endLeftOver } from './validator.ts'

export interface OpenRun {
  readonly record: RunRecord
  /** Gives the repository free. */
  close(): void
}

/** Only the latest can have left anything that still runs. */
const orphanRuns = 3

export type GivenOptions = Readonly<Record<string, GivenOption>>

export async function beginRun(goal: Goal, options: GivenOptions): Promise<OpenRun> {
  const paths = runPaths(goal.root, goal.task, newRunId(new Date()))
  const run = underLock(goal.root, paths, () => {
    const state: RunState = {
      schema_version: recordVersion,
      run_id: paths.id,
      goal,
      base: '',
      tree: '',
      iteration: goal.validator === null ? 1 : 0,
      phase: 'agent',
      attempt: 1,
      answers: [],
      attempts: [],
      history: [],
      failedTurns: 0,
      unpriced: false,
      fingerprint: null,
      spent: { seconds: 0, inputTokens: 0, outputTokens: 0, costUsd: null },
      same: { key: '', times: 0 },
    }
    return new RunRecord(paths, newManifest(goal, options, paths), state)
  })
  return afterOrphans(goal.root, run)
}

/** Takes up a run that has ended without being done. Throws `goal_busy` while it goes on. */
export async function resumeRun(paths: RunPaths, root: string): Promise<OpenRun> {
  const holder = lockHolder(paths.folder)
  if (holder !== null) {
    const fix = 'Watch it with rlm goal status --watch, or end it first.'
    throw new GoalError('goal_busy', `run ${paths.id} still goes on (pid ${holder})`, fix)
  }
  const run = underLock(root, paths, () => {
    const [manifest, state] = [readManifest(paths), readState(paths)]
    tryAgain(state, manifest)
    Object.assign(manifest, { status: 'running', reason: null, exit_code: null, ended_at: null })
    // What was written down of the iteration in progress is written anew.
    manifest.iterations = manifest.iterations.filter(({ iteration }) => iteration < state.iteration)
    return new RunRecord(paths, manifest, state)
  })
  await endLeftOver({ log: iterationPaths(paths, run.record.state.iteration).validatorLog })
  return afterOrphans(root, run)
}

/** Whoever resumes a run that gave up has mended what it gave up for. */
function tryAgain(state: RunState, { status }: Manifest): void {
  if (status === 'stalled' || status === 'agent_failed')
    Object.assign(state, { failedTurns: 0, same: { key: '', times: 0 } })
  if (status === 'validator_unusable') state.iteration = 0
}

async function afterOrphans(root: string, run: OpenRun): Promise<OpenRun> {
  try {
    await endOrphans(root, run.record.paths)
    return run
  } catch (error) {
    run.close()
    throw error
  }
}

/** Ends what killed runs of this repository have left running, so that nobody else works in it. */
async function endOrphans(root: string, own: RunPaths): Promise<void> {
  const others = listRuns(root).filter(({ id }) => id !== own.id)
  for (const paths of others.slice(-orphanRuns)) {
    const iteration = iterationLeftBy(paths)
    if (iteration === null) continue
    await endLeftOver({ log: iteration.validatorLog })
    for (const name of existsSync(iteration.calls) ? readdirSync(iteration.calls) : [])
      await endTagged(callFolder(join(iteration.calls, name)).path)
  }
}

/** The iteration that a killed run was in; null for one that ended, and for one whose records can't be read. */
function iterationLeftBy(paths: RunPaths): IterationPaths | null {
  try {
    return readManifest(paths).status === 'running' ? iterationPaths(paths, readState(paths).iteration) : null
  } catch (error) {
    if (error instanceof GoalError) return null
    throw error
  }
}

function underLock(root: string, paths: RunPaths, open: () => RunRecord): OpenRun {
  const releases: (() => void)[] = []
  const close = () => {
    for (const release of releases.splice(0).reverse()) release()
  }
  try {
    for (const folder of [runsOf(root), paths.folder]) {
      withPath(folder, 'made', () => mkdirSync(folder, { recursive: true }))
      const lock = withPath(folder, 'written', () => tryLock(folder))
      if (typeof lock === 'number') throw busy(root, lock)
      releases.push(lock)
    }
    const record = open()
    record.save()
    return { record, close }
  } catch (error) {
    close()
    throw error
  }
}

function busy(root: string, pid: number): GoalError {
  const other = listRuns(root).find((paths) => lockHolder(paths.folder) === pid)
  return new GoalError(
    'goal_busy',
    `run ${other?.id ?? 'of another process'} (pid ${pid}) is working in ${root}`,
  )
}

function newManifest(goal: Goal, options: GivenOptions, { id }: RunPaths): Manifest {
  const at = now()
  return {
    schema_version: recordVersion,
    run_id: id,
    task: goal.task,
    goal: goal.goal,
    repo: goal.root,
    status: 'running',
    reason: null,
    exit_code: null,
    pid: process.pid,
    started_at: at,
    heartbeat_at: at,
    ended_at: null,
    elapsed_seconds: 0,
    options,
    validator: goal.validator,
    validator_reason: goal.validatorReason,
    agent: goal.agent,
    mode: goal.mode,
    roles: goal.roles,
    usage: { input_tokens: 0, output_tokens: 0, cost_usd: null },
    fingerprint: null,
    decisive_changes: [],
    sessions: [],
    iterations: [],
  }
}
