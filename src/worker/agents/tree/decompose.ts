// One large variable, a part for each agent, one result: map and reduce over any number of levels.
import { randomUUID } from 'node:crypto'
import type { MergeStrategy, Span, SpawnConfig } from '../agent-types.ts'
import type { TextSpan } from '../split/spans.ts'
import { type RecordFormat, type SplitUnit, splitText } from '../split/split-text.ts'
import type { ContextStore } from '../store/context-store.ts'
import type { VariableRef } from '../types.ts'

export interface DecomposeOptions {
  prompt: string
  sourceRef: VariableRef
  /** How many parts, on each level; fewer where there are not as many units. */
  chunks: number
  mergeStrategy: MergeStrategy
  model?: string
  /** Milliseconds of each agent. */
  timeout?: number
  parentId?: string
  depth?: number
  /** Where it is cut; default `lines`. */
  by?: SplitUnit
  /** How many of these units a part repeats from the end of the one before it; default 0. */
  overlap?: number
  /** What records are; default: what the first lines look like. */
  format?: RecordFormat
  /** On how many levels it is cut before agents read the parts; their results are merged on each. Default 1. */
  levels?: number
  /** Ends all of its agents. */
  signal?: AbortSignal
}

export interface DecomposeHost {
  readonly store: ContextStore
  spawn(config: SpawnConfig): Promise<VariableRef>
  merge(refs: readonly VariableRef[], strategy: MergeStrategy): Promise<VariableRef>
}

interface Part {
  /** Of its variable. */
  readonly key: string
  readonly text: string
  /** In the source. */
  readonly span: Span
  /** The first row of CSV, which stands in none of the parts. */
  readonly header?: string
}

/** Agents that may not start are failures among the results; rejects when none may. */
export async function decompose(options: DecomposeOptions, host: DecomposeHost): Promise<VariableRef> {
  const { sourceRef, levels = 1 } = options
  const value = await host.store.resolve(sourceRef)
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  const span = { key: sourceRef.key, start: 0, end: Buffer.byteLength(text), startLine: 1, endLine: 1 }
  return reduce({ key: `chunk-${sourceRef.key}`, text, span }, levels, options, host)
}

async function reduce(
  whole: Part,
  levels: number,
  options: DecomposeOptions,
  host: DecomposeHost,
): Promise<VariableRef> {
  const parts = cut(whole, options)
  const refs =
    levels > 1
      ? await Promise.all(parts.map((part) => reduce(part, levels - 1, options, host)))
      : await map(parts, options, host)
  return host.merge(refs, options.mergeStrategy)
}

async function map(
  parts: readonly Part[],
  options: DecomposeOptions,
  host: DecomposeHost,
): Promise<VariableRef[]> {
  const ends = await Promise.allSettled(
    parts.map(async (part) => host.spawn(await requestFor(part, options, host.store))),
  )
  if (ends.every(({ status }) => status === 'rejected'))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  return Promise.all(
    ends.map((end) =>
      end.status === 'fulfilled'
        ? end.value
        : host.store.set(
            `sub-result-${randomUUID()}`,
            { error: (end.reason as Error).message },
            { type: 'result' },
          ),
    ),
  )
}

function cut(
  { key, text, span, header }: Part,
  { chunks, by = 'lines', overlap = 0, format }: DecomposeOptions,
): Part[] {
  // A part of CSV is cut again with its header before it, which counts in no span.
  const before = header === undefined ? '' : `${header}\n`
  const bytes = span.start - Buffer.byteLength(before)
  const lines = span.startLine - 1 - (before.split('\n').length - 1)
  const split = splitText(before + text, { by, parts: chunks, overlap, ...(format ? { format } : {}) })
  return split.map((part, at) => ({
    key: `${key}-${at}`,
    text: part.text,
    span: { key: span.key, ...shift(part.span, bytes, lines) },
    ...(part.header === undefined ? {} : { header: part.header }),
  }))
}

function shift({ start, end, startLine, endLine }: TextSpan, bytes: number, lines: number): TextSpan {
  return { start: start + bytes, end: end + bytes, startLine: startLine + lines, endLine: endLine + lines }
}

async function requestFor(
  { key, text, span, header }: Part,
  { prompt, sourceRef, model, timeout, signal }: DecomposeOptions,
  store: ContextStore,
): Promise<SpawnConfig> {
  const whole = header === undefined ? text : `${header}\n${text}`
  const chunk = await store.set(key, whole, { type: 'text', scope: sourceRef.scope })
  const where = `The variable "chunk" holds lines ${span.startLine} to ${span.endLine} of ${span.key}.`
  return {
    prompt: `${prompt}\n\n${where}`,
    context: { chunk },
    span,
    ...(model === undefined ? {} : { model }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(signal === undefined ? {} : { signal }),
  }
}
