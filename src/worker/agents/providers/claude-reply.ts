// What Claude Code prints with `--output-format json`, read: its answer, its failure, and what either has cost.
import { type Fields, fieldsOf, isFields, numberOf, textOf } from '../../lib/fields.ts'
import type { ExecutionResult } from '../agent-types.ts'
import { tokens } from '../usage.ts'

export interface ClaudeReply {
  readonly reported: Omit<ExecutionResult, 'result'>
  readonly text: string
  /** Why this is no answer. */
  readonly error: string | null
}

/** Throws a SyntaxError for an output that is no JSON. */
export function readClaudeReply(output: string): ClaudeReply {
  const fields = resultOf(parse(output))
  const { result, subtype, is_error: isError } = fields
  const text = typeof result === 'string' ? result : result === undefined ? '' : JSON.stringify(result)
  const failed = isError === true || result === undefined
  return {
    reported: readReported(fields),
    text,
    error: failed ? text || textOf(subtype) || 'no result' : null,
  }
}

/** Log lines may stand before it. */
function parse(output: string): unknown {
  const text = output.trim()
  if (text === '') throw new SyntaxError('it printed nothing')
  try {
    return JSON.parse(text)
  } catch (error) {
    const lastLine = text.slice(text.lastIndexOf('\n') + 1)
    if (lastLine === text || !/^[{[]/.test(lastLine)) throw error
    return JSON.parse(lastLine)
  }
}

/** With --verbose it prints a list, whose last entry is the result. */
function resultOf(value: unknown): Fields {
  const found = Array.isArray(value) ? value.findLast((entry) => fieldsOf(entry).type === 'result') : value
  if (isFields(found)) return found
  throw new SyntaxError('it is no JSON object')
}

function readReported(fields: Fields): ClaudeReply['reported'] {
  const {
    total_cost_usd: costUsd,
    session_id: sessionId,
    num_turns: numTurns,
    duration_ms: durationMs,
  } = fields
  return {
    ...(typeof costUsd === 'number' ? { costUsd } : {}),
    ...(typeof sessionId === 'string' ? { sessionId } : {}),
    ...(typeof numTurns === 'number' ? { numTurns } : {}),
    ...(typeof durationMs === 'number' ? { durationMs } : {}),
    ...readTokens(fields),
  }
}

// `usage` is wrong after a cut stream; `modelUsage` counts what was paid.
function readTokens({ modelUsage, usage }: Fields): Pick<ExecutionResult, 'tokenUsage'> {
  const models = Object.values(fieldsOf(modelUsage)).map(fieldsOf)
  if (models.length > 0) {
    const input = sum(models, ['inputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens'])
    return { tokenUsage: tokens(input, sum(models, ['outputTokens'])) }
  }
  if (!isFields(usage)) return {}
  const input = sum([usage], ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'])
  return { tokenUsage: tokens(input, numberOf(usage.output_tokens)) }
}

function sum(rows: readonly Fields[], names: readonly string[]): number {
  return rows.reduce((total, row) => total + names.reduce((part, name) => part + numberOf(row[name]), 0), 0)
}
