// Where a run keeps what it leaves, and how it is named.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

export interface RunPaths {
  readonly id: string
  readonly folder: string
  readonly manifest: string
  readonly state: string
  /** Index and objects of the snapshots. */
  readonly snapshots: string
  readonly iterations: string
  /** One line for each iteration, of every run of the task. */
  readonly metrics: string
  /** Where the task's latest run stands. */
  readonly latest: string
}

export interface IterationPaths {
  readonly folder: string
  readonly validatorLog: string
  readonly patch: string
  readonly verdict: string
  readonly calls: string
}

const runsFolder = '.runs'

export function runPaths(root: string, task: string, id: string): RunPaths {
  const folder = join(root, runsFolder, task, 'cli', id)
  const at = (name: string) => join(folder, 'rlm', name)
  return {
    id,
    folder,
    manifest: join(folder, 'manifest.json'),
    state: at('state.json'),
    snapshots: at('git'),
    iterations: at('iterations'),
    metrics: join(root, runsFolder, task, 'metrics.jsonl'),
    latest: join(root, 'out', task, 'state.json'),
  }
}

/** The folder of every run of a repository; its lock is that of whoever works there. */
export function runsOf(root: string): string {
  return join(root, runsFolder)
}

export function iterationPaths({ iterations }: RunPaths, iteration: number): IterationPaths {
  const folder = join(iterations, String(iteration).padStart(4, '0'))
  return {
    folder,
    validatorLog: join(folder, 'validator.log'),
    patch: join(folder, 'diff.patch'),
    verdict: join(folder, 'verdict.json'),
    calls: join(folder, 'calls'),
  }
}

/** `YYYY-MM-DDTHH-MM-SS-mmmZ-<8 hex>`: sorted by name, they are sorted by time. */
export function newRunId(now: Date): string {
  return `${now.toISOString().replace(/[:.]/g, '-')}-${randomBytes(4).toString('hex')}`
}

export const runIdPattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-[0-9a-f]{8}$/

/** Copies of what decides the validator and git does not see. */
export function guardFolder({ folder }: RunPaths): string {
  return join(folder, 'rlm', 'guard')
}
