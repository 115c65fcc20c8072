// The runs of a repository: found by their folders, and how each stands. Nothing is kept beside the runs themselves.
import { readdirSync, readFileSync } from 'node:fs'
import { isSystemError } from '../contract/errors.ts'
import { nearest } from '../lib/nearest.ts'
import { lockHolder } from '../runs/run-lock.ts'
import { GoalError } from './errors.ts'
import type { RunStatus } from './goal.ts'
import { type RunPaths, runIdPattern, runPaths, runsOf } from './run-folder.ts'
import { type Manifest, type RunState, recordVersion } from './run-state.ts'

/** `stale`: its process is there and has not been heard of for a while; `dead`: it ended without a last word. */
export type Standing = RunStatus | 'stale' | 'dead'

const silentMs = 30_000

/** Every run, the oldest first. */
export function listRuns(root: string): RunPaths[] {
  return names(runsOf(root))
    .flatMap((task) =>
      names(runsOf(root), task, 'cli')
        .filter((id) => runIdPattern.test(id))
        .map((id) => runPaths(root, task, id)),
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** The run of this id; without one the latest. Throws `run_unknown`. */
export function findRun(root: string, id: string | undefined): RunPaths {
  const runs = listRuns(root)
  const found = id === undefined ? runs.at(-1) : runs.find((run) => run.id === id)
  if (found) return found
  if (id === undefined)
    throw new GoalError('run_unknown', `there is no run in ${root}`, 'Start one: rlm goal "<goal>".')
  const near = nearest(
    id,
    runs.map((run) => run.id),
  )
  throw new GoalError(
    'run_unknown',
    `there is no run ${id} in ${root}`,
    near ? `Did you mean ${near}?` : 'See rlm goal list.',
  )
}

export function standingOf(paths: RunPaths, manifest: Manifest, now = Date.now()): Standing {
  if (lockHolder(paths.folder) === null) return manifest.status === 'running' ? 'dead' : manifest.status
  if (manifest.status !== 'running') return manifest.status
  return now - Date.parse(manifest.heartbeat_at) > silentMs ? 'stale' : 'running'
}

/** Throws `goal_failed` with the path of a file that is cut or not ours. */
export function readManifest({ manifest }: RunPaths): Manifest {
  return readRecord<Manifest>(manifest)
}

export function readState({ state }: RunPaths): RunState {
  return readRecord<RunState>(state)
}

function readRecord<T extends { readonly schema_version: number }>(path: string): T {
  let value: T
  try {
    value = JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    const why = isSystemError(error) ? error.message : `it is cut or no JSON: ${(error as Error).message}`
    throw new GoalError(
      'goal_failed',
      `${path} cannot be read: ${why}`,
      'Restore the file from a copy, or start a new run; the iterations beside it are kept.',
    )
  }
  if (value?.schema_version === recordVersion) return value
  throw new GoalError(
    'goal_failed',
    `${path} is of version ${String(value?.schema_version)}, this is ${recordVersion}`,
    'Use the version of rlm that wrote it, or start a new run.',
  )
}

function names(...parts: readonly string[]): string[] {
  try {
    return readdirSync(parts.join('/'))
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
    throw error
  }
}
