// Gemini CLI: `-o json` (one object; on failure it is on standard error) and `-o stream-json`.
import {
  type Fields,
  fieldsOf,
  isFields,
  isRetryableStatus,
  looksRetryable,
  numberOf,
  type ParsedReply,
  parseEvents,
  parseObject,
  type ReplyFormat,
  textOf,
} from './reply.ts'

export const geminiReply: ReplyFormat = {
  name: 'gemini',
  matches(output) {
    const object = parseObject(output)
    if (object) return isAnswer(object)
    return parseEvents(output).some(
      ({ type, stats, status }) => type === 'result' && (isFields(stats) || typeof status === 'string'),
    )
  },
  parse(output): ParsedReply {
    const object = parseObject(output)
    if (object && isAnswer(object)) return read(textOf(object.response), object)
    const events = parseEvents(output)
    const text = events
      .filter(({ type, role }) => type === 'message' && role === 'assistant')
      .map(({ content }) => textOf(content))
      .join('')
    return read(text, events.findLast(({ type }) => type === 'result') ?? {})
  },
}

function isAnswer(object: Fields): boolean {
  return (
    (typeof object.response === 'string' && isFields(object.stats)) ||
    (isFields(object.error) && 'session_id' in object)
  )
}

function read(text: string, end: Fields): ParsedReply {
  const error = isFields(end.error) ? end.error : undefined
  const usage = readUsage(fieldsOf(end.stats))
  if (error) {
    const message = textOf(error.message) || textOf(error.type) || 'unknown error'
    return {
      text,
      usage,
      error: { message, retryable: isRetryableStatus(error.code) || looksRetryable(message) },
    }
  }
  const warnings = Array.isArray(end.warnings) ? end.warnings.map(String) : []
  if (text === '' && warnings.length > 0)
    return { text, usage, error: { message: warnings.join('; '), retryable: false } }
  return { text, usage, error: null }
}

function readUsage(stats: Fields): ParsedReply['usage'] {
  const tokens = Object.values(fieldsOf(stats.models)).map((model) => fieldsOf(fieldsOf(model).tokens))
  if (tokens.length === 0) return null
  return {
    inputTokens: tokens.reduce((sum, row) => sum + (numberOf(row.input) || numberOf(row.prompt)), 0),
    outputTokens: tokens.reduce((sum, row) => sum + numberOf(row.candidates) + numberOf(row.thoughts), 0),
    costUsd: null,
  }
}
