// What an analysis found, as its result.json tells it.
import { join } from 'node:path'
import { type Fields, fieldsOf, isFields, listOf, numberOf, parseFields, textOf } from '../lib/fields.ts'
import { readText } from './read-text.ts'

export interface Analysis {
  readonly folder: string
  readonly ok: boolean
  /** A limit ended it; what it had found by then is here. */
  readonly partial: boolean
  readonly error: string
  readonly errorCode: string
  readonly errorFix: string
  readonly task: string
  readonly highlights: readonly string[]
  readonly citations: readonly Citation[]
  readonly files: number
  readonly steps: number
  readonly subcalls: number
  readonly seconds: number
  /** The layers that held, behind the backend's name; empty when it never opened. */
  readonly sandbox: readonly string[]
}

export interface Citation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly signal: string
  readonly snippet: string
  readonly verified: boolean
  readonly reason: string
}

/** `ended` is the event rlms_end: all there is when the result is gone or is another run's. */
export function readAnalysis(folder: string, ended: Fields): Analysis {
  const result = ownResult(folder, textOf(ended.run_id))
  const stats = fieldsOf(result.stats)
  return {
    folder,
    ok: ended.status === 'ok',
    partial: result.partial === true,
    error: textOf(result.error) || textOf(fieldsOf(ended.data).error),
    errorCode: textOf(result.error_code),
    errorFix: textOf(result.error_fix),
    task: textOf(result.task),
    highlights: listOf(result.highlights).filter((text): text is string => typeof text === 'string'),
    citations: listOf(result.citations).filter(isFields).map(readCitation),
    files: numberOf(stats.file_count),
    steps: numberOf(stats.step_count),
    subcalls: numberOf(stats.subcall_count),
    seconds: numberOf(stats.elapsed_seconds),
    sandbox: readSandbox(fieldsOf(result.sandbox)),
  }
}

/** A later run writes to the same folders; metadata.json, which a result repeats, tells whose it is. */
function ownResult(folder: string, runId: string): Fields {
  const result = parseFields(readText(join(folder, 'result.json'))) ?? {}
  const owner = textOf(fieldsOf(result.metadata).run_id)
  return owner === '' || owner === runId ? result : {}
}

function readCitation(value: Fields): Citation {
  const startLine = numberOf(value.start_line)
  return {
    path: textOf(value.path),
    startLine,
    endLine: Math.max(startLine, numberOf(value.end_line)),
    signal: textOf(value.signal),
    snippet: textOf(value.snippet),
    verified: value.verified === true,
    reason: textOf(value.reason),
  }
}

function readSandbox({ backend, ...layers }: Fields): string[] {
  const held = Object.keys(layers).filter((layer) => layers[layer] === true)
  return textOf(backend) === '' ? [] : [textOf(backend), ...held]
}
