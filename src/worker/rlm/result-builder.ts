// The end of a run as result.json and summary.md.

import type { RlmsError } from '../contract/errors.ts'
import { asRlmsError } from '../contract/errors.ts'
import type { Citation, Limits, Result, SandboxReport } from '../contract/result.ts'
import { schemaVersion } from '../contract/schema-version.ts'
import { cutText } from '../lib/whole-text.ts'
import { charsPerToken } from './budget.ts'
import { checkCitation } from './citations.ts'
import type { Documents } from './documents.ts'
import type { TreeEnd } from './run-tree.ts'
import { surveyStructure } from './structure.ts'

/** What the caller gave: who asks, for what, under which limits. */
export interface Occasion {
  readonly loopId: string
  readonly role: string
  readonly iteration: number
  readonly format: string
  readonly task: string
  readonly limits: Limits
  readonly requireCitations: boolean
  readonly metadata: unknown
  readonly skipped: Record<string, number>
}

const noSandbox: SandboxReport = { backend: 'none', language: false, process: false, kernel: false }
const maxTrace = 200

export function buildResult(occasion: Occasion, documents: Documents, end: TreeEnd): Result {
  const { error } = end
  const { signals, references } = surveyStructure(documents)
  const proven = end.citations.some(({ verified }) => verified)
  const fallback = occasion.requireCitations && !proven && error === null
  const structural = fallback ? references.map((claim) => notEvidence(checkCitation(documents, claim))) : []
  const partial =
    error !== null && (end.final !== null || end.highlights.length > 0 || end.citations.length > 0)
  return {
    ...emptyResult(occasion),
    ok: error === null,
    partial,
    stats: {
      ...documentStats(documents),
      skipped: occasion.skipped,
      step_count: end.spent.steps,
      subcall_count: end.spent.subcalls,
      depth_reached: end.spent.depthReached,
      elapsed_seconds: Math.round(end.elapsedSeconds * 1000) / 1000,
    },
    usage: {
      input_tokens: end.spent.inputTokens,
      output_tokens: end.spent.outputTokens,
      cost_usd: end.spent.costUsd,
    },
    signals,
    sandbox: end.sandbox ?? noSandbox,
    highlights: end.highlights,
    citations: [...end.citations, ...structural],
    files: documents.list.map(({ name, lineCount, charCount }) => ({
      path: name,
      line_count: lineCount,
      char_count: charCount,
    })),
    trace: end.trace.slice(-maxTrace),
    final: end.final,
    ...(error === null ? {} : describeError(error)),
  }
}

/** The result of a run that failed before it had documents. */
export function buildFailure(occasion: Occasion, cause: unknown): Result {
  return { ...emptyResult(occasion), ...describeError(asRlmsError(cause)) }
}

function emptyResult(occasion: Occasion): Result {
  return {
    schema_version: schemaVersion,
    ok: false,
    partial: false,
    generated_at: new Date().toISOString(),
    loop_id: occasion.loopId,
    role: occasion.role,
    iteration: occasion.iteration,
    format: occasion.format,
    task: occasion.task,
    limits: occasion.limits,
    stats: {
      file_count: 0,
      line_count: 0,
      char_count: 0,
      estimated_tokens: 0,
      skipped: occasion.skipped,
      step_count: 0,
      subcall_count: 0,
      depth_reached: 0,
      elapsed_seconds: 0,
    },
    usage: { input_tokens: 0, output_tokens: 0, cost_usd: null },
    signals: {},
    sandbox: noSandbox,
    highlights: [],
    citations: [],
    files: [],
    trace: [],
    final: null,
    metadata: occasion.metadata,
  }
}

function describeError(error: RlmsError): Pick<Result, 'error' | 'error_code' | 'error_fix'> {
  return { error: error.message, error_code: error.code, error_fix: error.fix }
}

function documentStats({ list }: Documents) {
  const chars = list.reduce((sum, { charCount }) => sum + charCount, 0)
  return {
    file_count: list.length,
    line_count: list.reduce((sum, { lineCount }) => sum + lineCount, 0),
    char_count: chars,
    estimated_tokens: Math.ceil(chars / charsPerToken),
  }
}

function notEvidence(citation: Citation): Citation {
  return { ...citation, verified: false, reason: 'points at a document, is no evidence of the answer' }
}

export function renderSummary(result: Result): string {
  const shown = result.citations.slice(0, 20)
  const more = result.citations.length - shown.length
  return [
    '# RLMS Analysis',
    '',
    `- Loop: ${result.loop_id}`,
    `- Role: ${result.role}`,
    `- Iteration: ${result.iteration}`,
    `- OK: ${result.ok}${result.partial ? ' (partial answer)' : ''}`,
    `- Task: ${oneLine(result.task, 500)}`,
    ...skippedLine(result.stats.skipped),
    ...(result.error === undefined
      ? []
      : [
          '',
          '## Error',
          '',
          `${result.error_code}: ${oneLine(result.error, 2000)}`,
          '',
          `Fix: ${result.error_fix}`,
        ]),
    '',
    '## Highlights',
    '',
    ...(result.highlights.length > 0
      ? result.highlights.slice(0, 40).map((text) => `- ${oneLine(text, 600)}`)
      : ['None.']),
    ...answerSection(result.final),
    '',
    '## Citations',
    '',
    ...(shown.length > 0 ? shown.map(renderCitation) : ['None.']),
    ...(more > 0 ? [`- … and ${more} more in result.json`] : []),
    '',
  ].join('\n')
}

function skippedLine(skipped: Readonly<Record<string, number>>): string[] {
  const told = Object.entries(skipped).filter(([, count]) => count > 0)
  if (told.length === 0) return []
  return [
    `- Listed but not read: ${told.map(([why, count]) => `${count} ${why.replaceAll('_', ' ')}`).join(', ')}`,
  ]
}

function answerSection(final: unknown): string[] {
  if (final === null || final === undefined) return []
  const text = typeof final === 'string' ? final : JSON.stringify(final, null, 2)
  const cut = text.length > 4000 ? `${cutText(text, 4000)}\n… the whole answer is in result.json` : text
  return ['', '## Answer', '', cut]
}

function renderCitation(citation: Citation): string {
  const mark = citation.verified ? '' : ` (not verified: ${citation.reason})`
  return `- ${oneLine(citation.path, 300)}:${citation.start_line}${mark} [${oneLine(citation.signal, 80)}] ${oneLine(citation.snippet, 160)}`
}

function oneLine(text: string, limit: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > limit ? `${cutText(line, limit - 1)}…` : line
}
