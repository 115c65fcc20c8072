// OpenCode: `run --format json`, one event a line.
import { type Fields, fieldsOf, numberOf, textOf } from '../../lib/fields.ts'
import { mayPass, type ParsedReply, type ReplyFormat } from './reply.ts'

const kinds = new Set(['text', 'step_start', 'step_finish', 'tool_use', 'error'])

export const opencodeReply: ReplyFormat = {
  name: 'opencode',
  matches: (events) =>
    events.some(({ type, sessionID }) => kinds.has(textOf(type)) && typeof sessionID === 'string'),
  parse(events): ParsedReply {
    const text = events
      .filter(({ type }) => type === 'text')
      .map(({ part }) => textOf(fieldsOf(part).text))
      .join('')
    const steps = events.filter(({ type }) => type === 'step_finish').map(({ part }) => fieldsOf(part))
    return { text, usage: readUsage(steps), error: findError(events, steps) }
  },
  details(events) {
    const event = events.find(({ sessionID }) => typeof sessionID === 'string')
    return { session: textOf(event?.sessionID) || null, models: [] }
  },
}

function findError(events: readonly Fields[], steps: readonly Fields[]): ParsedReply['error'] {
  const event = events.findLast(({ type }) => type === 'error')
  if (event) {
    const error = fieldsOf(event.error)
    const data = fieldsOf(error.data)
    const message = textOf(data.message) || textOf(error.name) || 'unknown error'
    return { message, retryable: mayPass(data.statusCode, message) }
  }
  const reason = textOf(steps.at(-1)?.reason)
  if (reason === 'length' || reason === 'content-filter')
    return { message: `the answer was cut short: ${reason}`, retryable: false }
  return null
}

function readUsage(steps: readonly Fields[]): ParsedReply['usage'] {
  if (steps.length === 0) return null
  let inputTokens = 0
  let outputTokens = 0
  let costUsd = 0
  for (const step of steps) {
    const tokens = fieldsOf(step.tokens)
    const cache = fieldsOf(tokens.cache)
    inputTokens += numberOf(tokens.input) + numberOf(cache.read) + numberOf(cache.write)
    outputTokens += numberOf(tokens.output) + numberOf(tokens.reasoning)
    costUsd += numberOf(step.cost)
  }
  // The price comes from the user's configuration; without one it is 0, which is no price.
  return { inputTokens, outputTokens, costUsd: costUsd > 0 ? costUsd : null }
}
