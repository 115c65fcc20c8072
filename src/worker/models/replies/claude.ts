// Claude Code: `--output-format json` (one object, or with --verbose a list) and `stream-json` (its last line).
import { type Fields, fieldsOf, isFields, numberOf, textOf } from '../../lib/fields.ts'
import { mayPass, type ParsedReply, type ReplyFormat } from './reply.ts'

export const claudeReply: ReplyFormat = {
  name: 'claude',
  matches: (events) => events.some(isResult),
  parse(events): ParsedReply {
    const result = events.findLast(isResult) ?? {}
    const text = textOf(result.result)
    return { text, usage: readUsage(result), error: findError(result, text) }
  },
  details(events) {
    const result = events.findLast(isResult) ?? {}
    const models = Object.entries(fieldsOf(result.modelUsage)).map(([model, value]) => {
      const usage = fieldsOf(value)
      const priced = typeof usage.costUSD === 'number' && usage.costBasis !== 'unknown'
      return {
        model,
        inputTokens: sum([usage], modelInputs),
        outputTokens: numberOf(usage.outputTokens),
        costUsd: priced ? numberOf(usage.costUSD) : null,
      }
    })
    return { session: textOf(result.session_id) || null, models }
  },
}

function isResult(fields: Fields): boolean {
  return fields.type === 'result' && ('is_error' in fields || 'subtype' in fields)
}

const cutShort = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal'])

// `subtype` says "success" on every API error: only is_error counts.
function findError(result: Fields, text: string): ParsedReply['error'] {
  if (result.is_error === true) {
    const message = text || textOf(result.subtype) || 'unknown error'
    return { message, retryable: mayPass(result.api_error_status, message) }
  }
  if (typeof result.result !== 'string')
    return { message: textOf(result.subtype) || 'no result', retryable: false }
  const reason = textOf(result.stop_reason)
  return cutShort.has(reason) ? { message: `the answer was cut short: ${reason}`, retryable: false } : null
}

// `usage` is wrong after a cut stream; `modelUsage` counts what was paid. A price of basis "unknown" is invented.
function readUsage(result: Fields): ParsedReply['usage'] {
  const models = Object.values(fieldsOf(result.modelUsage)).map(fieldsOf)
  const usage = fieldsOf(result.usage)
  const priced =
    typeof result.total_cost_usd === 'number' && models.every((model) => model.costBasis !== 'unknown')
  const costUsd = priced ? numberOf(result.total_cost_usd) : null
  if (models.length === 0) {
    if (!isFields(result.usage)) return null
    const inputTokens = sum(
      [usage],
      ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'],
    )
    return { inputTokens, outputTokens: numberOf(usage.output_tokens), costUsd }
  }
  const inputTokens = sum(models, modelInputs)
  return { inputTokens, outputTokens: sum(models, ['outputTokens']), costUsd }
}

const modelInputs = ['inputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens']

function sum(rows: readonly Fields[], names: readonly string[]): number {
  return rows.reduce((total, row) => total + names.reduce((part, name) => part + numberOf(row[name]), 0), 0)
}
