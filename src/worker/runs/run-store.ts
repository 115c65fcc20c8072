// The runs of `rlm`: one folder each under the state folder, with a record of what was asked; a run that was given a
// folder of its own leaves its record there and a copy here.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import type { Result } from '../contract/result.ts'
import { writeJsonWhole } from '../lib/atomic-file.ts'
import { type Fields, fieldsOf, isFields, parseFields, textOf } from '../lib/fields.ts'
import { makeFolder } from '../lib/make-folder.ts'
import { nearest } from '../lib/nearest.ts'
import { runPaths } from './artifacts.ts'
import { lockHolder } from './run-lock.ts'

export interface RunRecord {
  readonly schema_version: 1
  readonly id: string
  readonly task: string
  readonly cwd: string
  readonly contexts: readonly string[]
  /** Where its artifacts are. */
  readonly folder: string
  /** What a resumed run goes on with. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The file that its final value must fit, absolute. */
  readonly schema: string | null
  readonly started_at: string
}

/** `broken off`: it ended without a result, and can be resumed. `replaced`: another run was given its folder. */
type RunState = 'running' | 'ok' | 'failed' | 'broken off' | 'replaced'

export interface KnownRun {
  readonly record: RunRecord
  readonly state: RunState
  /** Null while there is none of its last part. */
  readonly result: Result | null
}

export function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'rlm')
}

/** Sorts by the time of its start. */
export function newRunId(now = new Date()): string {
  const time = now.toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-')
  return `${time}-${randomBytes(2).toString('hex')}`
}

export function runFolder(env: NodeJS.ProcessEnv, id: string): string {
  return join(stateFolder(env), 'runs', id)
}

const recordName = 'run.json'

/** Writes the record beside the artifacts and, where that is elsewhere, under the state folder. */
export function recordRun(env: NodeJS.ProcessEnv, record: RunRecord): void {
  for (const folder of new Set([record.folder, runFolder(env, record.id)])) {
    makeFolder(folder, 0o700)
    writeJsonWhole(join(folder, recordName), record)
  }
}

/** The record of the run in a folder; null where there is none, or none that can be used. */
export function readRecord(folder: string): RunRecord | null {
  const fields = readFields(join(folder, recordName))
  return fields && isRecord(fields) ? fields : null
}

function isRecord(fields: Fields): fields is Fields & RunRecord {
  const texts = ['id', 'task', 'cwd', 'folder', 'started_at']
  const isText = (value: unknown) => typeof value === 'string'
  return (
    texts.every((key) => textOf(fields[key]) !== '') &&
    Array.isArray(fields.contexts) &&
    fields.contexts.every(isText) &&
    isFields(fields.settings) &&
    (fields.schema === null || isText(fields.schema))
  )
}

/** All known runs, the newest first. */
export function listRuns(env: NodeJS.ProcessEnv): KnownRun[] {
  return listNames(join(stateFolder(env), 'runs'))
    .sort()
    .reverse()
    .flatMap((id) => {
      const record = readRecord(runFolder(env, id))
      return record ? [describeRun(record)] : []
    })
}

/** By its id, by how that begins, or `last`. Throws `invalid_config`. */
export function findRun(env: NodeJS.ProcessEnv, name: string): KnownRun {
  const ids = listNames(join(stateFolder(env), 'runs')).sort()
  const isKnown = (id: string) => readRecord(runFolder(env, id)) !== null
  const wanted = name === 'last' ? (ids.findLast(isKnown) ?? name) : name
  const found = wanted === '' ? [] : ids.filter((id) => id.startsWith(wanted))
  const record = found.length === 1 ? readRecord(runFolder(env, found[0]!)) : null
  if (record) return describeRun(record)
  if (found.length === 1)
    throw new RlmsError(
      'invalid_config',
      `the record of run ${found[0]} is damaged: ${join(runFolder(env, found[0]!), recordName)}`,
      'What the run left is beside it; ask again with rlm run.',
    )
  const near = nearest(name, ids)
  if (found.length > 1)
    throw new RlmsError('invalid_config', `${found.length} runs begin with ${name}`, 'Give more of its id.')
  const fix = near ? `Did you mean ${near}?` : 'See rlm list.'
  throw new RlmsError(
    'invalid_config',
    ids.length === 0
      ? 'there are no runs yet'
      : name === ''
        ? 'a run has no empty name'
        : `there is no run ${name}`,
    fix,
  )
}

function describeRun(record: RunRecord): KnownRun {
  const there = readRecord(record.folder)
  if (there !== null && there.id !== record.id) return { record, state: 'replaced', result: null }
  const fields = readFields(runPaths(record.folder).result)
  const isOfLastPart = textOf(fieldsOf(fields).generated_at) >= record.started_at
  const result = fields && isOfLastPart ? (fields as unknown as Result) : null
  if (lockHolder(record.folder) !== null) return { record, state: 'running', result: null }
  if (result === null) return { record, state: 'broken off', result }
  return { record, state: result.ok ? 'ok' : 'failed', result }
}

function readFields(path: string): Fields | undefined {
  try {
    return parseFields(readFileSync(path, 'utf8'))
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (!isSystemError(error)) throw error
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw new RlmsError(
      'invalid_config',
      `the runs cannot be listed: ${error.message}`,
      'Correct its permissions, or set XDG_STATE_HOME.',
    )
  }
}
