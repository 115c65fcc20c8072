// What a run writes down of itself: state.json to go on from, manifest.json to be read by others, a line of metrics for
// each iteration. Files are replaced whole: a full disk leaves the last good ones.
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { performance } from 'node:perf_hooks'
import { writeJsonWhole } from '../lib/atomic-file.ts'
import { openJsonLinesWriter } from '../lib/json-lines.ts'
import type { Usage } from '../rlm/ports.ts'
import { withPath } from './errors.ts'
import { type Ending, endings } from './goal.ts'
import type { RunPaths } from './run-folder.ts'
import type { Artifact, IterationRecord, Manifest, RunState } from './run-state.ts'

const heartbeatMs = 2000

export class RunRecord {
  readonly paths: RunPaths
  readonly state: RunState
  readonly manifest: Manifest
  private readonly secondsBefore: number
  private timer: NodeJS.Timeout | undefined

  constructor(paths: RunPaths, manifest: Manifest, state: RunState) {
    this.paths = paths
    this.manifest = manifest
    this.state = state
    this.secondsBefore = state.spent.seconds
    manifest.pid = process.pid
    manifest.sessions.push({ pid: process.pid, started_at: now(), iteration: state.iteration })
  }

  /** Of all its sessions, each from the start of its process on. */
  get seconds(): number {
    return this.secondsBefore + performance.now() / 1000
  }

  /** Writes every few seconds that the run goes on; `onFailure` hears when that can't be written. */
  beat(onFailure: (error: unknown) => void): void {
    this.timer = setInterval(() => {
      try {
        this.save()
      } catch (error) {
        this.stopBeating()
        onFailure(error)
      }
    }, heartbeatMs)
    this.timer.unref()
  }

  stopBeating(): void {
    clearInterval(this.timer)
  }

  /** Both files, the manifest first: what it has too much, a resumed run replaces. */
  save(): void {
    const { manifest, state, paths } = this
    state.spent.seconds = round(this.seconds)
    const { seconds, inputTokens, outputTokens, costUsd } = state.spent
    manifest.heartbeat_at = now()
    manifest.elapsed_seconds = seconds
    manifest.usage = { input_tokens: inputTokens, output_tokens: outputTokens, cost_usd: costUsd }
    write(paths.manifest, manifest)
    write(paths.state, state)
  }

  spend({ inputTokens, outputTokens, costUsd }: Usage): void {
    const { spent } = this.state
    spent.inputTokens += inputTokens
    spent.outputTokens += outputTokens
    if (costUsd !== null) spent.costUsd = (spent.costUsd ?? 0) + costUsd
  }

  /** Writes down an iteration with its artifacts; the state is still in it. */
  async addIteration(record: IterationRecord, artifacts: readonly string[]): Promise<void> {
    const { manifest, paths } = this
    const files: Artifact[] = []
    for (const path of artifacts) files.push(await describe(paths.folder, path))
    manifest.decisive_changes = [...new Set([...manifest.decisive_changes, ...record.decisive_changes])]
    manifest.iterations = manifest.iterations.filter(({ iteration }) => iteration < record.iteration)
    manifest.iterations.push({ ...record, artifacts: files })
    withPath(paths.metrics, 'written', () => {
      const metrics = openJsonLinesWriter(paths.metrics)
      try {
        metrics.append({ at: now(), run_id: paths.id, ...record, spent: this.state.spent })
      } finally {
        metrics.close()
      }
    })
    this.tellLatest()
  }

  /** The last word on the run. */
  end({ status, reason }: Ending): void {
    this.stopBeating()
    const { manifest } = this
    manifest.status = status
    manifest.reason = reason
    manifest.exit_code = endings[status]
    manifest.ended_at = now()
    this.save()
    this.tellLatest()
  }

  private tellLatest(): void {
    const { manifest, paths, state } = this
    write(paths.latest, {
      task: manifest.task,
      run_id: manifest.run_id,
      goal: manifest.goal,
      status: manifest.status,
      reason: manifest.reason,
      iteration: state.iteration,
      verdict: manifest.iterations.at(-1)?.verdict ?? null,
      updated_at: now(),
      manifest: relative(manifest.repo, paths.manifest),
    })
  }
}

export function now(): string {
  return new Date().toISOString()
}

/** Thousandths are enough. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

function write(path: string, value: unknown): void {
  withPath(path, 'written', () => {
    mkdirSync(dirname(path), { recursive: true })
    writeJsonWhole(path, value)
  })
}

async function describe(folder: string, path: string): Promise<Artifact> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { path: relative(folder, path), bytes, sha256: hash.digest('hex') }
}
