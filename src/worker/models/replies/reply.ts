// What a model program printed, read as an answer. Exit status 0 is no success by itself: the answer must be parsed, not
// flagged as an error, not empty and not cut short. Field names: measured on the programs' own output.
import { type Fields, isFields } from '../../lib/fields.ts'
import type { Usage } from '../../rlm/ports.ts'

/** An answer larger than this is no answer. */
export const maxReplyMiB = 64

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

/** What a program tells beside its answer. */
export interface ReplyDetails {
  /** The session that it keeps a record of; null when it names none. */
  readonly session: string | null
  /** Empty when it does not tell usage by model. */
  readonly models: readonly ModelUsage[]
}

interface ModelUsage extends Usage {
  readonly model: string
}

export interface ReplyFormat {
  readonly name: string
  /** Whether these objects are of this format; an answer that happens to be JSON must not be taken for one. */
  matches(objects: readonly Fields[]): boolean
  parse(objects: readonly Fields[]): ParsedReply
  details(objects: readonly Fields[]): ReplyDetails
}

/**
 * The JSON objects of an output that ends with JSON, in their order; log lines before and between them are left out.
 * None for any other output: prose that quotes a line of JSON goes on after it.
 */
export function readObjects(output: string): Fields[] {
  const text = output.trim()
  const lastLine = text.slice(text.lastIndexOf('\n') + 1)
  if (lastLine.startsWith('{')) return text.split('\n').map(parseLine).filter(isFields)
  const value = lastLine.startsWith('[') ? parse(lastLine) : parseBlock(text, lastLine)
  return (Array.isArray(value) ? value : [value]).filter(isFields)
}

function parseLine(line: string): unknown {
  const text = line.trim()
  return text.startsWith('{') ? parse(text) : undefined
}

/** The value that an output printed over several lines ends with: the rest of it is indented. */
function parseBlock(text: string, lastLine: string): unknown {
  const opening = { '}': '{', ']': '[' }[lastLine]
  if (opening === undefined) return undefined
  const start = Math.max(text.lastIndexOf(`\n${opening}\n`), text.lastIndexOf(`\n${opening}\r\n`))
  return parse(text.slice(start + 1))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** HTTP statuses after which asking again may help: 408, 429 and the server's own (500 to 599, Anthropic's 529 among them). */
export function isRetryableStatus(status: unknown): boolean {
  const code = typeof status === 'string' ? Number(status) : status
  return typeof code === 'number' && (code === 408 || code === 429 || (code >= 500 && code <= 599))
}

/** By the HTTP status where one is told, else by what the message says. */
export function mayPass(status: unknown, message: string): boolean {
  const code = Number(status)
  return code >= 400 && code <= 599 ? isRetryableStatus(code) : looksRetryable(message)
}

export function looksRetryable(text: string): boolean {
  return /\b(?:429|500|502|503|504|529)\b|rate.?limit|too many requests|overloaded|temporarily unavailable|ECONNRESET|ETIMEDOUT/i.test(
    text,
  )
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds to wait, as error texts name them: `retry-after: 7` (seconds), `try again in 1.5s`, `in 6m30s`,
 * `resets in 2 days 3 hours`, `"retryDelay":"33s"`.
 */
export function findRetryAfterMs(text: string): number | null {
  const lead =
    /(?:retry[-_ ]?(?:after|delay)|(?:try again|retry|resets?|available)[_ ](?:in|after)(?:_seconds)?)["': \t]*(?:about |~)?(?=\d)/i.exec(
      text,
    )
  if (!lead) return null
  const amount =
    /(\d+(?:\.\d+)?)[ \t]*(?:(ms|milliseconds?|d|days?|h|hours?|m|min|minutes?|s|secs?|seconds?)(?![a-z]))?(?:[ \t]|,|and(?= \d))*/iy
  amount.lastIndex = lead.index + lead[0].length
  let total = 0
  for (let part = amount.exec(text); part; part = amount.exec(text)) {
    const [, count, unit = 's'] = part
    total += Number(count) * (unitMs[/^(?:ms|milli)/i.test(unit) ? 'ms' : unit[0]!.toLowerCase()] ?? 1000)
  }
  return total
}
