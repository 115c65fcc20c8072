// Anthropic's messages.
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf } from '../../lib/fields.ts'
import type { Dialect, Told } from './dialect.ts'

export const messages: Dialect = {
  path: '/v1/messages',
  keyVariables: ['RLMS_HTTP_API_KEY', 'ANTHROPIC_API_KEY'],
  headers: (key) => ({ 'anthropic-version': '2023-06-01', ...(key ? { 'x-api-key': key } : {}) }),
  question: (model, prompt, maxOutputTokens) => ({
    model,
    max_tokens: maxOutputTokens,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
  }),
  take(told, event) {
    if (event.type === 'error' || isFields(event.error)) {
      const { message, type } = fieldsOf(event.error)
      told.error = { message: textOf(message) || textOf(type), status: statusOf[textOf(type)] }
    }
    // a whole answer is what a stream begins with
    const message = event.type === 'message' ? event : fieldsOf(event.message)
    for (const block of listOf(message.content)) told.text += textOf(fieldsOf(block).text)
    told.text += textOf(fieldsOf(event.delta).text)
    told.stop ??= textOf(message.stop_reason) || textOf(fieldsOf(event.delta).stop_reason) || null
    takeUsage(told, fieldsOf(message.usage))
    if (event !== message) takeUsage(told, fieldsOf(event.usage))
  },
  cutShort: ['max_tokens', 'refusal', 'model_context_window_exceeded'],
}

/** What its errors in the middle of a stream would be as HTTP statuses. */
const statusOf: Record<string, number> = { rate_limit_error: 429, api_error: 500, overloaded_error: 529 }

function takeUsage(told: Told, usage: Fields): void {
  const cached = numberOf(usage.cache_read_input_tokens)
  const input = numberOf(usage.input_tokens) + cached + numberOf(usage.cache_creation_input_tokens)
  if (input > 0) {
    told.inputTokens = input
    told.cachedTokens = cached
  }
  told.outputTokens = numberOf(usage.output_tokens) || told.outputTokens
}
