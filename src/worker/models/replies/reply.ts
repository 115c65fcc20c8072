// What a model program printed, read as an answer. Exit status 0 is no success by itself: the answer must be parsed, not
// flagged as an error, not empty and not cut short. Field names: measured on the programs' own output.
import type { Usage } from '../../rlm/ports.ts'

export interface ParsedReply {
  readonly text: string
  /** Null when the program told none. */
  readonly usage: Usage | null
  readonly error: ReplyError | null
}

interface ReplyError {
  readonly message: string
  readonly retryable: boolean
}

export interface ReplyFormat {
  readonly name: string
  /** Whether this output is of this format; an answer that happens to be JSON must not be taken for one. */
  matches(output: string): boolean
  parse(output: string): ParsedReply
}

export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The first JSON object of an output, log lines before it left out; undefined when there is none. */
export function parseObject(output: string): Fields | undefined {
  const start = output.search(/^\s*\{/m)
  if (start < 0) return undefined
  try {
    const value: unknown = JSON.parse(output.slice(start))
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Every line that is a JSON object; programs print log lines among them. */
export function parseEvents(output: string): Fields[] {
  return output.split('\n').flatMap((line) => {
    if (!line.trimStart().startsWith('{')) return []
    try {
      const value: unknown = JSON.parse(line)
      return isFields(value) ? [value] : []
    } catch {
      return []
    }
  })
}

/** HTTP statuses after which asking again may help: 408, 429 and the server's own (500 to 599, Anthropic's 529 among them). */
export function isRetryableStatus(status: unknown): boolean {
  const code = typeof status === 'string' ? Number(status) : status
  return typeof code === 'number' && (code === 408 || code === 429 || (code >= 500 && code <= 599))
}

export function looksRetryable(text: string): boolean {
  return /\b(?:429|500|502|503|504|529)\b|rate.?limit|too many requests|overloaded|temporarily unavailable|ECONNRESET|ETIMEDOUT/i.test(
    text,
  )
}

/** Seconds or milliseconds to wait, as error texts name them (`retry-after: 7`, `try again in 1.5s`). */
export function findRetryAfterMs(text: string): number | null {
  const match =
    /(?:retry[-_ ]?after|try again in|retry in)["':\s]*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|sec|seconds?|m|minutes?)?/i.exec(
      text,
    )
  if (!match) return null
  const unit = (match[2] ?? 's').toLowerCase()
  const factor = unit === 'ms' ? 1 : unit.startsWith('m') ? 60_000 : 1000
  return Number(match[1]) * factor
}
