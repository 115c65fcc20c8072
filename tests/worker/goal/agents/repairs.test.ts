import { expect, test } from 'vitest'
import { countFailures, listRepairs } from '../../../../src/worker/goal/agents/repairs.ts'

test.each([
  ['# tests 3\n# pass 1\n# fail 2', 2],
  ['==== 3 failed, 2 passed in 0.1s ====', 3],
  ['Tests: 4 failed, 4 total\n', 4],
  ['  2 passing\n  5 failing', 5],
  ['not ok 1 a\nok 2 b\nnot ok 3 c', 2],
  ['--- FAIL: TestA\n--- FAIL: TestB\nFAIL', 3],
  ['something went wrong', 1],
  ['', 1],
])('%j tells of so many failures', (output, count) => {
  expect(countFailures(output)).toBe(count)
})

test.each([
  ['-1 !== 3', 'return -1', 'return 3'],
  [
    "+ 'Helo, Ann!'\nError: 'Helo, Ann!' == 'Hello, Ann!'\nactual: 'Helo, Ann!'\nexpected: 'Hello, Ann!'",
    'say("Helo")',
    'say("Hello")',
  ],
  ['E       assert 41 == 42', 'answer = 41', 'answer = 42'],
  ['Expected: blue\nReceived: green', 'colour = "green"', 'colour = "blue"'],
  ['got 7, want 8', 'x := 7', 'x := 8'],
  ['expected up, but got down', 'echo down', 'echo up'],
])('after %j, %j is first made %j', (output, line, after) => {
  expect(listRepairs([{ path: 'a.js', text: `${line}\n` }], output)[0]).toEqual({
    path: 'a.js',
    line: 1,
    before: line,
    after,
  })
})

test('lines of functions and files that the output names come first', () => {
  const text = 'function one() {\n  return a - b\n}\nfunction two() {\n  return a - b\n}\n'
  const repairs = listRepairs(
    [
      { path: 'lib/other.js', text },
      { path: 'lib/sum.js', text },
    ],
    'not ok 1 - two adds\n  at lib/sum.js',
  )
  expect(repairs[0]).toEqual({
    path: 'lib/sum.js',
    line: 5,
    before: '  return a - b',
    after: '  return a + b',
  })
})

test('comments are no code, and no repair is named twice', () => {
  expect(listRepairs([{ path: 'a.js', text: '// a - b\n# a - b\n' }], '')).toEqual([])
  const afters = listRepairs([{ path: 'a.js', text: 'if (a < 1 && a > 0) x = 1\n' }], '').map(
    ({ after }) => after,
  )
  expect(new Set(afters).size).toBe(afters.length)
  expect(afters).toContain('if (a <= 1 && a > 0) x = 1')
})
