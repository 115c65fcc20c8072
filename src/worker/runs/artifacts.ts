// The files of a run folder.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import type { Result } from '../contract/result.ts'
import { writeFileWhole, writeJsonWhole } from '../lib/atomic-file.ts'
import { makeFolder } from '../lib/make-folder.ts'
import { renderSummary } from '../rlm/result-builder.ts'

export interface RunPaths {
  readonly folder: string
  readonly result: string
  readonly summary: string
  readonly journal: string
  /** The snapshot and its index: there while the run lasts, or when it was killed. */
  readonly pack: string
  readonly index: string
  /** Calls in flight. */
  readonly calls: string
  readonly errors: string
}

export function runPaths(folder: string): RunPaths {
  const at = (name: string) => join(folder, name)
  return {
    folder,
    result: at('result.json'),
    summary: at('summary.md'),
    journal: at('journal.jsonl'),
    pack: at('documents.pack'),
    index: at('documents.json'),
    calls: at('calls'),
    errors: at('worker-stderr.log'),
  }
}

/** Throws `invalid_config` where there can be no such folder. */
export function makeRunFolder(folder: string, mode?: number): void {
  try {
    makeFolder(folder, mode)
  } catch (error) {
    throw new RlmsError(
      'invalid_config',
      `the output folder cannot be made: ${(error as Error).message}`,
      'Give --output-dir a folder that can be written to.',
    )
  }
}

export function writeArtifacts(paths: RunPaths, result: Result): void {
  writeJsonWhole(paths.result, result)
  writeFileWhole(paths.summary, renderSummary(result))
}

/** Where a defect left its trace; for whoever mends it. */
export function noteDefect(paths: RunPaths, error: unknown): void {
  appendFileSync(
    paths.errors,
    `${new Date().toISOString()} ${error instanceof Error ? error.stack : String(error)}\n`,
  )
}
