// OpenAI's chat completions, which OpenRouter, Ollama, vLLM and llama.cpp speak too.
import { fieldsOf, isFields, numberOf, textOf } from '../../lib/fields.ts'
import type { Dialect } from './dialect.ts'

export const chat: Dialect = {
  path: '/chat/completions',
  keyVariables: ['RLMS_HTTP_API_KEY', 'OPENAI_API_KEY'],
  headers: (key) => (key ? { authorization: `Bearer ${key}` } : {}),
  question: (model, prompt) => ({
    model,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    stream_options: { include_usage: true },
  }),
  take(told, event) {
    const choice = fieldsOf(Array.isArray(event.choices) ? event.choices[0] : undefined)
    const error = event.error || choice.error
    if (error) {
      const { message, code } = fieldsOf(error)
      told.error = { message: textOf(message) || textOf(error) || textOf(code), status: code }
    }
    // a whole answer has a message where a stream has a piece of one
    const message = fieldsOf(choice.delta ?? choice.message)
    told.text += textOf(message.content)
    if (textOf(message.refusal) !== '') told.stop = 'refusal'
    told.stop ??= textOf(choice.finish_reason) || null
    if (!isFields(event.usage)) return
    const { usage } = event
    told.inputTokens = numberOf(usage.prompt_tokens)
    told.cachedTokens = numberOf(fieldsOf(usage.prompt_tokens_details).cached_tokens)
    told.outputTokens = numberOf(usage.completion_tokens)
    // OpenRouter tells the price.
    if (typeof usage.cost === 'number') told.costUsd = usage.cost
  },
  cutShort: ['length', 'content_filter', 'refusal'],
}
