import { expect, test } from 'vitest'
import { findRateLimit, type RunnerOutput } from '../../../../src/worker/models/replies/rate-limit.ts'

const now = new Date('2026-11-21T12:00:00Z')

function find(output: Partial<RunnerOutput>) {
  return findRateLimit({ status: 1, stdout: '', stderr: '', message: '', ...output }, now)
}

const claude = (fields: object) =>
  JSON.stringify({ type: 'result', subtype: 'success', is_error: true, session_id: 's', ...fields })
const codex = (message: string) =>
  [
    '{"type":"thread.started","thread_id":"t"}',
    '{"type":"turn.started"}',
    JSON.stringify({ type: 'error', message }),
    JSON.stringify({ type: 'turn.failed', error: { message } }),
  ].join('\n')
const opencode = (statusCode: number, message: string) =>
  JSON.stringify({
    type: 'error',
    sessionID: 's',
    error: { name: 'APIError', data: { statusCode, message } },
  })
const gemini = (code: number, message: string) =>
  `Attempt 1 failed.\n${JSON.stringify({ session_id: 's', error: { type: 'Error', message, code } }, null, 2)}\n`

test.each<[string, Partial<RunnerOutput>, string | null]>([
  [
    'Claude, as JSON',
    { stdout: claude({ result: "You've hit your limit · resets 5:10pm (Europe/Paris)" }) },
    '2026-11-21T16:10:00.000Z',
  ],
  ['Claude, by its status', { stdout: claude({ api_error_status: 429, result: 'API Error' }) }, null],
  [
    'Claude that ends with status 0',
    { status: 0, stdout: claude({ is_error: false, result: 'Claude AI usage limit reached|1795276800' }) },
    '2026-11-21T16:00:00.000Z',
  ],
  [
    'Codex, as JSON',
    { stdout: codex("You've hit your usage limit. Upgrade to Pro or try again in 3 hours 2 minutes.") },
    '2026-11-21T15:02:00.000Z',
  ],
  [
    'Codex without a time',
    { stdout: codex('exceeded retry limit, last status: 429 Too Many Requests') },
    null,
  ],
  ['OpenCode, by its status', { stdout: opencode(429, 'slow down') }, null],
  [
    'OpenCode that ends with status 0',
    { status: 0, stdout: opencode(429, 'retry-after: 30') },
    '2026-11-21T12:00:30.000Z',
  ],
  [
    'Gemini, as JSON on standard error',
    { status: 173, stderr: gemini(429, 'Your quota will reset after 1h2m3s.') },
    '2026-11-21T13:02:03.000Z',
  ],
  [
    'an overload',
    { stdout: claude({ api_error_status: 529, result: 'API Error: 529 overloaded_error' }) },
    null,
  ],
])('%s has met a limit', (_, output, resetsAt) => {
  expect(find(output)?.resetsAt?.toISOString() ?? null).toBe(resetsAt)
  expect(find(output)).not.toBeNull()
})

test.each([
  "You've hit your session limit · resets 5:10pm (Europe/Paris)",
  'Claude AI usage limit reached|1795276800',
  '5-hour limit reached ∙ resets 3pm',
  "⎿ You've reached your weekly limit.",
  'API Error: 429 {"type":"error","error":{"type":"rate_limit_error"}}',
  "ERROR: You've hit your usage limit. Upgrade to Pro or try again at Nov 29th, 2026 12:55 AM.",
  '[2026-11-21T12:00:00] ERROR: exceeded retry limit, last status: 429 Too Many Requests',
  'Error when talking to Gemini API: {"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}',
  '✕ [API Error: {"error":{"code":429}}]',
  'Error: Rate limit exceeded, retry in 30s',
  'rate limited: retry-after: 3',
  '429 Too Many Requests',
  'HTTP 429: slow down',
  'Usage limit reached. Reset at 2026-11-21T16:30:00Z',
  'Rate limit reached for gpt-5 on tokens per min',
  'openai.RateLimitError: Error code: 429',
])('“%s” as the last line of plain output is a limit, on either stream and in either place', (line) => {
  for (const output of [
    { stderr: `reading files\n${line}\n` },
    { stdout: `${line}\n` },
    { status: 173, stdout: `some text\n${line}` },
  ])
    expect(find(output)).toMatchObject({ message: line })
})

test.each([
  "You've hit your limit · resets 5:10pm (Europe/Paris)",
  'Claude AI usage limit reached|1795276800',
  'API Error: 429 {"type":"error"}',
])('“%s” as the whole answer is a limit even where the status is 0', (text) => {
  expect(find({ status: 0, stdout: `${text}\n` })).not.toBeNull()
  expect(find({ status: 0, message: text })).not.toBeNull()
})

const prose = [
  'The rate limit is now handled: 429 Too Many Requests is retried after Retry-After.',
  'I added a test for "usage limit reached|1766502000" and it passes.',
  'The message "You\'ve hit your usage limit" is shown in red.',
  '429 Too Many Requests is now retried.',
  'Rate limit handling works.',
  'Rate limited requests are asked again.',
  'Too many requests are made by the planner; see plan.md.',
  'The error 429 is told as such.',
  'Usage limits are documented.',
]

test.each(prose)('an agent that writes “%s” has met none, whatever its status', (text) => {
  for (const status of [0, 1])
    expect(find({ status, stdout: text, stderr: `log\n${text}\n`, message: text })).toBeNull()
  expect(find({ stdout: claude({ is_error: false, result: text }) })).toBeNull()
})

test('a report that quotes a notice is an answer', () => {
  const report = `# Review\n\nThe client prints\n\nAPI Error: 429 {}\n\nwhich the code handles.\n<promise>DONE</promise>`
  expect(find({ status: 0, stdout: report, message: report })).toBeNull()
  expect(find({ status: 0, stderr: 'API Error: 429 {}\nretrying\n', stdout: 'done' })).toBeNull()
})

test.each<[string, Partial<RunnerOutput>]>([
  [
    'another error of Claude',
    { stdout: claude({ api_error_status: 401, result: 'API Error: 401 no login' }) },
  ],
  ['another error of Codex', { stdout: codex('unexpected status 400 Bad Request') }],
  ['money that is used up', { stdout: codex('429 insufficient_quota: check your plan and billing details') }],
  ['money that is used up, in plain text', { stderr: 'API Error: 429 insufficient_quota' }],
  ['a limit long before the end', { stdout: `API Error: 429\n${'step\n'.repeat(9)}` }],
  ['nothing', {}],
])('%s is no limit', (_, output) => {
  expect(find(output)).toBeNull()
})

test('a time on a line of its own is found', () => {
  const stderr = 'Error: 429 Too Many Requests\n  retry-after: 20\n'
  expect(find({ stderr })?.resetsAt?.toISOString()).toBe('2026-11-21T12:00:20.000Z')
})

test('what was said is one line of no more than 300 characters', () => {
  const message = find({ stderr: `API Error: 429 ${'x'.repeat(5000)}` })?.message
  expect(message).toHaveLength(300)
  expect(message?.endsWith('x…')).toBe(true)
})

test('an output of ten megabytes is read in a moment', () => {
  const started = performance.now()
  find({ stdout: 'error 4 '.repeat(1_250_000), stderr: `${'Error: x '.repeat(1_000_000)}\n` })
  expect(performance.now() - started).toBeLessThan(3000)
})
