import { expect, test } from 'vitest'
import {
  findRetryAfterMs,
  isRetryableStatus,
  looksRetryable,
} from '../../../../src/worker/models/replies/reply.ts'

test.each([408, 429, 500, 502, 503, 504, 529, 599, '429', '503'])(
  'status %s may be asked again',
  (status) => {
    expect(isRetryableStatus(status)).toBe(true)
  },
)

test.each([200, 301, 400, 401, 403, 404, 413, 499, 600, '404', '', 'UNAVAILABLE', null, undefined, {}])(
  'status %s is not asked again',
  (status) => {
    expect(isRetryableStatus(status)).toBe(false)
  },
)

test.each([
  'HTTP 429',
  'unexpected status 503 Service Unavailable',
  'Rate limit reached',
  'rate_limit_error',
  'Too Many Requests',
  'Overloaded',
  'the service is temporarily unavailable',
  'read ECONNRESET',
  'connect ETIMEDOUT 127.0.0.1:9',
])('“%s” may be asked again', (text) => {
  expect(looksRetryable(text)).toBe(true)
})

test.each(['', 'HTTP 401', 'invalid api key', 'order 14290', 'v5003', 'no such model'])(
  '“%s” is not asked again',
  (text) => {
    expect(looksRetryable(text)).toBe(false)
  },
)

test.each([
  ['retry-after: 7', 7000],
  ['Retry-After: 1.5', 1500],
  ['"retry_after": 3', 3000],
  ['{"retryAfter":"2"}', 2000],
  ['Please try again in 20ms.', 20],
  ['Please try again in 1.5s. Visit …', 1500],
  ['Please retry in 58.2 seconds', 58_200],
  ['retry in 2 minutes', 120_000],
  ['retry in 2 min', 120_000],
  ['try again in 1 hour 30 minutes', 5_400_000],
  ['retry in 500 milliseconds', 500],
  ['retry-after: 7 of 10 calls are used', 7000],
  ['retry after a while, try again in 3s', 3000],
  ['Please try again in 6m30s.', 390_000],
  ['Please try again in 1h5m0s.', 3_900_000],
])('“%s” asks for %i ms', (text, milliseconds) => {
  expect(findRetryAfterMs(text)).toBe(milliseconds)
})

test.each(['', 'retry later', 'retry-after: soon', '7 seconds', 'retry-after:'])(
  '“%s” asks for no time',
  (text) => {
    expect(findRetryAfterMs(text)).toBeNull()
  },
)
