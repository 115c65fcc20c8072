// usage.jsonl: one line for each turn of a role's runner and for each analysis. Lines that other programs wrote are read
// as far as they tell something.
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf } from '../lib/fields.ts'

interface Tokens {
  readonly input_tokens: number
  readonly output_tokens: number
}

export interface ModelShare extends Tokens {
  readonly model: string
  readonly cost_usd: number | null
}

export interface UsageEntry {
  /** Names the turn within its run. */
  readonly id: string
  readonly timestamp: string
  readonly run_id: string
  readonly iteration: number
  readonly role: string
  readonly source: 'runner' | 'rlms'
  /** The program's name, without its folder. */
  readonly runner: string
  readonly model: string | null
  readonly session_id: string | null
  readonly duration_ms: number
  /** Null when nothing told it. */
  readonly usage: Tokens | null
  /** US dollars; null when nothing told a price. */
  readonly cost_usd: number | null
  /** Where a turn used several models, or the program named its model. */
  readonly models?: readonly ModelShare[]
}

/** What an entry's line holds; fields of the wrong kind count as absent. */
export function readEntry(line: Fields): UsageEntry {
  const models = listOf(line.models).filter(isFields).map(readShare)
  return {
    id: textOf(line.id),
    timestamp: textOf(line.timestamp),
    run_id: textOf(line.run_id),
    iteration: numberOf(line.iteration),
    role: textOf(line.role),
    source: line.source === 'rlms' ? 'rlms' : 'runner',
    runner: textOf(line.runner),
    model: textOf(line.model) || null,
    session_id: textOf(line.session_id) || null,
    duration_ms: numberOf(line.duration_ms),
    usage: isFields(line.usage) ? readTokens(line.usage) : null,
    cost_usd: readPrice(line.cost_usd),
    ...(models.length > 0 ? { models } : {}),
  }
}

export function entryKey({ run_id, id }: Pick<UsageEntry, 'run_id' | 'id'>): string {
  return `${run_id} ${id}`
}

function readShare(value: Fields): ModelShare {
  return { model: textOf(value.model), ...readTokens(value), cost_usd: readPrice(value.cost_usd) }
}

function readTokens(value: unknown): Tokens {
  const { input_tokens, output_tokens } = fieldsOf(value)
  return { input_tokens: numberOf(input_tokens), output_tokens: numberOf(output_tokens) }
}

function readPrice(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}
