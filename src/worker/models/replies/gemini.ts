// Gemini CLI: `-o json` (one object; on failure it is on standard error) and `-o stream-json`.
import { type Fields, fieldsOf, isFields, numberOf, textOf } from '../../lib/fields.ts'
import type { Usage } from '../../rlm/ports.ts'
import { mayPass, type ParsedReply, type ReplyFormat } from './reply.ts'

export const geminiReply: ReplyFormat = {
  name: 'gemini',
  matches: (objects) => isAnswer(fieldsOf(objects.at(-1))) || objects.some(isStreamStart),
  parse(objects): ParsedReply {
    const answer = fieldsOf(objects.at(-1))
    if (isAnswer(answer)) return read(textOf(answer.response), answer, readModels(fieldsOf(answer.stats)))
    const text = objects
      .filter(({ type, role }) => type === 'message' && role === 'assistant')
      .map(({ content }) => textOf(content))
      .join('')
    const end = objects.findLast(({ type }) => type === 'result') ?? unfinished
    return read(text, end, readTotals(fieldsOf(end.stats)))
  },
  // A stream tells its totals only.
  details(objects) {
    const answer = objects.find(({ session_id: session }) => typeof session === 'string')
    const models = Object.entries(fieldsOf(fieldsOf(objects.at(-1)?.stats).models))
    return {
      session: textOf(answer?.session_id) || null,
      models: models.map(([model, value]) => ({ model, ...sumTokens([fieldsOf(fieldsOf(value).tokens)]) })),
    }
  },
}

const unfinished: Fields = { error: { message: 'the answer did not end' } }

function isAnswer(object: Fields): boolean {
  return (
    (typeof object.response === 'string' && isFields(object.stats)) ||
    (isFields(object.error) && 'session_id' in object)
  )
}

function isStreamStart({ type, session_id: session }: Fields): boolean {
  return type === 'init' && typeof session === 'string'
}

function read(text: string, end: Fields, usage: ParsedReply['usage']): ParsedReply {
  if (isFields(end.error) || end.status === 'error') {
    const error = fieldsOf(end.error)
    const message = textOf(error.message) || textOf(error.type) || 'unknown error'
    return { text, usage, error: { message, retryable: mayPass(error.code, message) } }
  }
  const warnings = Array.isArray(end.warnings) ? end.warnings.map(String) : []
  if (text === '' && warnings.length > 0)
    return { text, usage, error: { message: warnings.join('; '), retryable: false } }
  return { text, usage, error: null }
}

// `prompt` holds all input; `input` is what did not come from the cache.
function readModels(stats: Fields): ParsedReply['usage'] {
  const tokens = Object.values(fieldsOf(stats.models)).map((model) => fieldsOf(fieldsOf(model).tokens))
  return tokens.length === 0 ? null : sumTokens(tokens)
}

function sumTokens(tokens: readonly Fields[]): Usage {
  let inputTokens = 0
  let outputTokens = 0
  for (const row of tokens) {
    inputTokens += numberOf(row.prompt) || numberOf(row.input) + numberOf(row.cached)
    outputTokens += numberOf(row.candidates) + numberOf(row.thoughts)
  }
  return { inputTokens, outputTokens, costUsd: null }
}

// A stream's `output_tokens` leave the thoughts out; its total holds them.
function readTotals(stats: Fields): ParsedReply['usage'] {
  if (!('input_tokens' in stats)) return null
  const inputTokens = numberOf(stats.input_tokens)
  const outputTokens = Math.max(numberOf(stats.output_tokens), numberOf(stats.total_tokens) - inputTokens)
  return { inputTokens, outputTokens, costUsd: null }
}
