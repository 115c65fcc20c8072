// Whether a runner came back because its provider let it do no more for now, and when it may go on. Only what a program says
// of itself counts: the error of its JSON, a line that begins as error messages begin, or a whole answer that is one. An
// agent that writes about rate limits has met none.
import { type Fields, fieldsOf } from '../../lib/fields.ts'
import { parseReply } from './formats.ts'
import { readObjects } from './reply.ts'
import { findResetTime } from './reset-time.ts'

/** What a runner left behind. */
export interface RunnerOutput {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** Its last message, as far as it was kept in a file of its own. */
  readonly message: string
}

export interface RateLimit {
  /** What the program said, in one line. */
  readonly message: string
  /** Null when it told no time. */
  readonly resetsAt: Date | null
}

export function findRateLimit(output: RunnerOutput, now: Date): RateLimit | null {
  const found = findFlagged(output) ?? findWholeAnswer(output) ?? findErrorLine(output)
  if (found === null) return null
  const nearby = `${found}\n${lastLines(output.stderr, stderrLines)}`
  return { message: shorten(found), resetsAt: findResetTime(found, now) ?? findResetTime(nearby, now) }
}

/** The error that an output in a known format is flagged with. Gemini prints it on standard error. */
function findFlagged({ stdout, stderr }: RunnerOutput): string | null {
  for (const text of [stdout, stderr]) {
    const { error, format } = parseReply(text)
    if (format === 'text' || error === null) continue
    if (willNotPass.test(error.message)) return null
    if (readObjects(text).some(isTooMany) || speaksOfLimit.test(error.message)) return error.message
  }
  return null
}

/** HTTP's Too Many Requests and Anthropic's Overloaded, where Claude Code, Gemini and OpenCode tell the status. */
function isTooMany(object: Fields): boolean {
  const error = fieldsOf(object.error)
  return [object.api_error_status, error.code, fieldsOf(error.data).statusCode].some((status) =>
    [429, 529].includes(Number(status)),
  )
}

const speaksOfLimit =
  /\b(?:429|529)\b|rate.?limit|usage.?limit|too many requests|\bquota\b|resource.?exhausted|overloaded|\b(?:hit|reached) your .{0,40}\blimit\b|\blimit reached\b/i

/** More money is needed, not more time. */
const willNotPass = /insufficient_quota|credit balance is too low|billing_hard_limit/i

/** Programs that print plain text may end with status 0, the notice in place of an answer. */
function findWholeAnswer({ stdout, message }: RunnerOutput): string | null {
  const answers = [message, parseReply(stdout).text].map((text) => text.trim())
  return answers.find((text) => text.length <= 400 && text.split('\n').length <= 3 && isNotice(text)) ?? null
}

const stdoutLines = 5
const stderrLines = 40

function findErrorLine({ status, stdout, stderr }: RunnerOutput): string | null {
  if (status === 0) return null
  const lines = `${lastLines(stdout, stdoutLines)}\n${lastLines(stderr, stderrLines)}`.split('\n')
  return lines.findLast(isNotice)?.trim() ?? null
}

function lastLines(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-count).join('\n')
}

function isNotice(text: string): boolean {
  const line = text.trim().split('\n', 1)[0]!
  return !willNotPass.test(text) && (notice.test(line) || errorWithCode.test(line))
}

/** Signs and a date may stand before anything. */
const start = String.raw`^[^\p{L}\d]*(?:\d[\d:.TZ +-]{7,}[^\p{L}\d]*)?`
/** What stands before a notice: the words that errors begin with. */
const opening = String.raw`${start}(?:(?:[\w.-]+: ?)?\[?(?:[a-z]+ )?\w*error\b[^\p{L}\d]*|"?message"?[^\p{L}\d]*)?`
const limits = String.raw`(?:(?:claude|codex|gemini|openai|ai|your|the|api|free|plan) )*(?:[\w-]+ )?(?:usage|rate|request|token|message|session|(?:\d+-)?hour(?:ly)?|daily|weekly|monthly|opus|sonnet|quota)[ _-]limits? (?:has been |was |is |will )?(?:reached|exceeded|hit|resets?)`
const sentences = [
  limits,
  String.raw`you(?:['’]ve| have)? (?:hit|reached|exceeded) your (?:[\w-]+ ){0,4}(?:limit|quota)`,
  String.raw`(?:http(?:\/[\d.]+)? |got |unexpected |last )?(?:status(?: code)?:? )?(?:429\b(?: \(?too many requests\)?)?|529\b(?: overloaded)?)`,
  'too many requests',
  'quota exceeded',
  'resource (?:has been )?exhausted',
  'rate[- _]?limited',
  'overloaded',
]
/** A sentence of prose goes on where a notice ends, or says until when. */
const ending = String.raw`(?=\s*(?:$|[^\p{L}\d\s]|(?:please|try|retry|resets?|upgrade|until|for|or|and try|by)\b))`
const notice = new RegExp(`${opening}(?:${sentences.join('|')})${ending}`, 'iu')

/** `API Error: 429 {…}`, `Error when talking to the API … "code":429`, `Attempt 10 failed with status 429.` */
const errorWithCode = new RegExp(
  [
    start,
    String.raw`(?:[\w.]+ ){0,2}(?:[\w.]*error(?:[^\p{L}\d\s]| when\b| from\b)|[\w.]*exception\W|\w+ \d+ failed with\b)`,
    String.raw`.*(?:\b(?:429|529)\b|rate_limit_e|usage_limit_reached|RESOURCE_EXHAUSTED|overloaded_error)`,
  ].join(''),
  'iu',
)

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
