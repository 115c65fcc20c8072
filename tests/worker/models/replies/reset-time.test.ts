import { afterEach, expect, test, vi } from 'vitest'
import { findResetTime } from '../../../../src/worker/models/replies/reset-time.ts'

/** A Saturday. */
const now = new Date('2026-11-21T12:00:00Z')

afterEach(() => vi.unstubAllEnvs())

const read = (text: string) => findResetTime(text, now)?.toISOString() ?? null

test.each([
  ['Claude AI usage limit reached|1795276800', '2026-11-21T16:00:00.000Z'],
  ['{"type":"usage_limit_reached","resets_at":1795276800,"resets_in_seconds":9}', '2026-11-21T16:00:00.000Z'],
  ['"resetsAt": 1795276800000', '2026-11-21T16:00:00.000Z'],
  ['usage limit reached, reset at: 1795276800', '2026-11-21T16:00:00.000Z'],
])('“%s” tells an epoch', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test.each([
  ['retry-after: 90', '2026-11-21T12:01:30.000Z'],
  ['try again in 5 days 22 hours 11 minutes.', '2026-11-27T10:11:00.000Z'],
  ['try again in 1 day, 2 hours and 3 minutes', '2026-11-22T14:03:00.000Z'],
  ['Your quota will reset after 3h5m10s.', '2026-11-21T15:05:10.000Z'],
  ['"retryDelay": "33s"', '2026-11-21T12:00:33.000Z'],
  ['{"resets_in_seconds":13872}', '2026-11-21T15:51:12.000Z'],
  ['resets in about 2 hours', '2026-11-21T14:00:00.000Z'],
])('“%s” tells how long to wait', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test.each([
  ['usage limit reached, reset at 2026-11-21T16:30:00Z', '2026-11-21T16:30:00.000Z'],
  ['resets 2026-11-21 16:30 UTC', '2026-11-21T16:30:00.000Z'],
  ['try again at 2026-11-21T16:30:00+02:00.', '2026-11-21T14:30:00.000Z'],
  ['Retry-After: Sat, 21 Nov 2026 12:10:00 GMT', '2026-11-21T12:10:00.000Z'],
])('“%s” tells a whole date', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test.each([
  ["You've hit your session limit · resets 5:10pm (Europe/Paris)", '2026-11-21T16:10:00.000Z'],
  ['5-hour limit reached ∙ resets 3pm (America/Chicago)', '2026-11-21T21:00:00.000Z'],
  ['Your limit will reset at 1pm (Etc/GMT+5).', '2026-11-21T18:00:00.000Z'],
  ['resets 12am (UTC)', '2026-11-22T00:00:00.000Z'],
  ['resets 12pm UTC', '2026-11-21T12:00:00.000Z'],
  ['resets at 15:00 (UTC+2)', '2026-11-21T13:00:00.000Z'],
  ['limit reached until 11:00 GMT', '2026-11-22T11:00:00.000Z'],
  ['resets 2am (Asia/Kolkata)', '2026-11-21T20:30:00.000Z'],
  ['resets Nov 24 at 5pm (Europe/Berlin)', '2026-11-24T16:00:00.000Z'],
  ['resets Jan 2, 9am (UTC)', '2027-01-02T09:00:00.000Z'],
  ['resets Monday at 9am (UTC)', '2026-11-23T09:00:00.000Z'],
  ['resets Sat 9am (UTC)', '2026-11-28T09:00:00.000Z'],
  ['resets tomorrow at 9 a.m. UTC', '2026-11-22T09:00:00.000Z'],
])('“%s” tells a time of day in its zone', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test('a time of day that has just passed is not tomorrow’s', () => {
  expect(read('resets 11:45am (UTC)')).toBe('2026-11-21T11:45:00.000Z')
  expect(read('resets 11:15am (UTC)')).toBe('2026-11-22T11:15:00.000Z')
})

test('clocks that change before the reset are taken into account', () => {
  const eve = new Date('2026-10-24T21:00:00Z')
  expect(findResetTime('resets 5am (Europe/Berlin)', eve)?.toISOString()).toBe('2026-10-25T04:00:00.000Z')
})

test.each([
  ['try again at 3:05 PM.', '2026-11-21T14:05:00.000Z'],
  ['try again at Nov 29th, 2026 12:55 AM.', '2026-11-28T23:55:00.000Z'],
  ['resets 3pm (Nowhere/Land)', '2026-11-21T14:00:00.000Z'],
  ['resets 2026-11-21T15:00', '2026-11-21T14:00:00.000Z'],
])('“%s” is told by this machine’s clock', (text, expected) => {
  vi.stubEnv('TZ', 'Europe/Berlin')
  expect(read(text)).toBe(expected)
})

test.each(['', 'try again later', 'resets soon', 'resets 5', 'reset at the office', '2026-11-21T16:30:00Z'])(
  '“%s” tells no time',
  (text) => {
    expect(read(text)).toBeNull()
  },
)
