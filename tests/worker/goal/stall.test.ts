import { expect, test } from 'vitest'
import { stallKey } from '../../../src/worker/goal/stall.ts'

const key = (output: string) => stallKey('tree', 'failed', output)

test.each([
  ['# duration_ms 61.17', '# duration_ms 75.9'],
  ['3 passed in 0.12s', '3 passed in 1.4s'],
  ['Time:        1.234 s', 'Time:        2 s'],
  ['started 2026-11-21T08:17:25.623Z', 'started 2026-11-22 09:00:01'],
  ['at 08:17:25', 'at 9:01:02'],
  ['(4711) DeprecationWarning', '(4712) DeprecationWarning'],
  ['object at 0x7f1234567890', 'object at 0x7fffffffffff'],
  ['cannot open /tmp/tmp.aBc/x.log', 'cannot open /tmp/tmp.dEf/x.log'],
  ['pid 812 ended', 'pid 90021 ended'],
])('%j and %j are the same output', (a, b) => {
  expect(key(a)).toBe(key(b))
})

test.each([
  ['# fail 3', '# fail 2'],
  ['expected 3, got 4', 'expected 3, got 5'],
  ['sum.js:12: wrong', 'sum.js:13: wrong'],
])('%j and %j are not', (a, b) => {
  expect(key(a)).not.toBe(key(b))
})

test('another work tree or another verdict is another end', () => {
  expect(stallKey('other', 'failed', 'out')).not.toBe(key('out'))
  expect(stallKey('tree', 'timed_out', 'out')).not.toBe(key('out'))
})
