// Codex: `exec --json`, one event a line. `error` events are its own retries and `error` items are warnings: only
// turn.failed is a failure, and a turn that never completed.
import { fieldsOf, numberOf, textOf } from '../../lib/fields.ts'
import { looksRetryable, type ParsedReply, type ReplyFormat } from './reply.ts'

export const codexReply: ReplyFormat = {
  name: 'codex',
  matches: (events) => events.some(({ type }) => type === 'thread.started' || type === 'turn.started'),
  parse(events): ParsedReply {
    const items = events.filter(({ type }) => type === 'item.completed').map(({ item }) => fieldsOf(item))
    const text = textOf(items.findLast(({ type }) => type === 'agent_message')?.text)
    const failed = events.findLast(({ type }) => type === 'turn.failed')
    const completed = events.findLast(({ type }) => type === 'turn.completed')
    if (failed)
      return {
        text,
        usage: null,
        error: describe(textOf(fieldsOf(failed.error).message) || 'the turn failed'),
      }
    if (!completed) {
      const retries = events.filter(({ type }) => type === 'error')
      return {
        text,
        usage: null,
        error: describe(textOf(retries.at(-1)?.message) || 'the turn did not complete'),
      }
    }
    const usage = fieldsOf(completed.usage)
    // input_tokens holds the cached ones, output_tokens the reasoning ones
    return {
      text,
      usage: {
        inputTokens: numberOf(usage.input_tokens),
        outputTokens: numberOf(usage.output_tokens),
        costUsd: null,
      },
      error: null,
    }
  },
  details(events) {
    const thread = events.find(({ type }) => type === 'thread.started')
    return { session: textOf(thread?.thread_id) || null, models: [] }
  },
}

function describe(message: string): ParsedReply['error'] {
  return { message, retryable: looksRetryable(message) }
}
