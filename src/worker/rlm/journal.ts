// journal.jsonl: what was asked, answered and seen, in order. A reply is written before the code that asked sees it;
// a resumed run reads its answers from here. Prompts stand in it as hashes only, so the context never does.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { RlmsError } from '../contract/errors.ts'
import { openJsonLinesWriter, parseJsonLines } from '../lib/json-lines.ts'
import type { Language, ModelReply, Usage } from './ports.ts'

/** What must not change between the parts of a resumed run. */
interface JournalHeader {
  readonly type: 'run'
  readonly schema_version: 1
  readonly task_sha256: string
  readonly documents_sha256: string
  /** Of the code in the replies; absent: python. */
  readonly language?: Language
  readonly started_at: string
}

interface CallRecord {
  readonly type: 'call'
  readonly id: string
  readonly purpose: 'root' | 'sub'
  readonly model: string
  readonly prompt_sha256: string
  readonly prompt_chars: number
  readonly reply: string
  readonly usage: { input_tokens: number; output_tokens: number; cost_usd: number | null }
  readonly duration_ms: number
}

interface FailedCallRecord {
  readonly type: 'call_failed'
  readonly id: string
  readonly purpose: 'root' | 'sub'
  readonly model: string
  readonly error: string
  readonly usage: CallRecord['usage']
  readonly duration_ms: number
}

interface StepRecord {
  readonly type: 'step'
  readonly run: string
  readonly step: number
  /** What the model was shown, word for word. */
  readonly observation: string
  readonly ok: boolean
  readonly duration_ms: number
}

interface EndRecord {
  readonly type: 'end'
  readonly ok: boolean
  readonly error_code: string | null
}

type JournalRecord = JournalHeader | CallRecord | FailedCallRecord | StepRecord | EndRecord

interface CallUsage {
  readonly model: string
  readonly usage: Usage
}

export interface Journal {
  /** The reply that an earlier part of this run got for the question of this name. */
  recordedReply(id: string): ModelReply | undefined
  /** What the model was shown after this step in an earlier part. */
  recordedObservation(run: string, step: number): string | undefined
  /** What calls of earlier parts used, those that failed among them. */
  readonly earlierUsage: readonly CallUsage[]
  append(record: Exclude<JournalRecord, JournalHeader>): void
  close(): void
}

export type RunIdentity = Pick<JournalHeader, 'task_sha256' | 'documents_sha256' | 'language'>

/**
 * Opens the journal at `path`. With `resume`, what stands there is replayed, provided that task and documents are the
 * same (`invalid_config` otherwise); without, an older journal is kept under another name.
 */
export function openJournal(path: string, identity: RunIdentity, resume: boolean): Journal {
  const earlier: Earlier = { replies: new Map(), observations: new Map(), usage: [] }
  let fresh = true
  if (existsSync(path)) {
    if (resume) fresh = !readRecords(path, identity, earlier)
    else renameSync(path, olderName(path))
  }
  const writer = openJsonLinesWriter(path)
  if (fresh) {
    const header: JournalHeader = {
      type: 'run',
      schema_version: 1,
      ...identity,
      started_at: new Date().toISOString(),
    }
    writer.append(header)
  }
  return {
    recordedReply: (id) => earlier.replies.get(id),
    recordedObservation: (run, step) => earlier.observations.get(`${run} ${step}`),
    earlierUsage: earlier.usage,
    append: (record) => writer.append(record),
    close: () => writer.close(),
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function usageRecord(usage: Usage): CallRecord['usage'] {
  return { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens, cost_usd: usage.costUsd }
}

function readUsage(usage: CallRecord['usage']): Usage {
  return { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens, costUsd: usage.cost_usd }
}

/** What the earlier parts of a resumed run left. */
interface Earlier {
  readonly replies: Map<string, ModelReply>
  readonly observations: Map<string, string>
  readonly usage: CallUsage[]
}

/** Fills `earlier`; false when the journal holds nothing yet. */
function readRecords(path: string, identity: RunIdentity, earlier: Earlier): boolean {
  let records: JournalRecord[]
  try {
    records = parseJsonLines(readFileSync(path, 'utf8')) as JournalRecord[]
    const stray = records.findIndex((record) => typeof record !== 'object' || record === null)
    if (stray >= 0) throw new Error(`no JSON object in line ${stray + 1}`)
  } catch (error) {
    throw new RlmsError(
      'invalid_config',
      `the journal cannot be read: ${path}: ${(error as Error).message}`,
      'Start anew without --resume; the damaged journal is kept under another name.',
    )
  }
  const header = records[0]
  if (header === undefined) return false
  if (header.type !== 'run')
    throw new RlmsError('invalid_config', `no run starts the journal ${path}`, 'Start anew without --resume.')
  requireSame(header, identity, path)
  for (const record of records) {
    if (record.type === 'call') {
      earlier.replies.set(record.id, { text: record.reply, usage: readUsage(record.usage) })
    }
    if (record.type === 'call' || record.type === 'call_failed')
      earlier.usage.push({ model: record.model, usage: readUsage(record.usage) })
    if (record.type === 'step') earlier.observations.set(`${record.run} ${record.step}`, record.observation)
  }
  return true
}

function requireSame(header: JournalHeader, identity: RunIdentity, path: string): void {
  const changed = [
    header.task_sha256 === identity.task_sha256 ? [] : ['the task'],
    header.documents_sha256 === identity.documents_sha256 ? [] : ['the documents'],
    (header.language ?? 'python') === (identity.language ?? 'python') ? [] : ["the sandbox's language"],
  ].flat()
  if (changed.length === 0) return
  throw new RlmsError(
    'invalid_config',
    `cannot resume ${path}: ${changed.join(' and ')} changed since it was written`,
    'Start anew without --resume; the old journal is kept under another name.',
  )
}

function olderName(path: string): string {
  const stem = path.replace(/\.jsonl$/, '')
  for (let number = 1; ; number++) {
    const name = `${stem}.${number}.jsonl`
    if (!existsSync(name)) return name
  }
}
