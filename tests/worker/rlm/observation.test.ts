import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { cutMiddle, describeOutcome } from '../../../src/worker/rlm/observation.ts'
import type { CodeError, Outcome } from '../../../src/worker/rlm/ports.ts'

const outcome = (output: string, error: CodeError | null = null, outputLength = output.length): Outcome => ({
  output,
  outputLength,
  error,
})
const error = (message: string, stateLost = false): CodeError => ({
  code: 'code_error',
  message,
  line: 2,
  stateLost,
})

describe('what the model is shown of a step', () => {
  test.each<[title: string, outcome: Outcome, shown: string]>([
    ['its output with its length', outcome('one\ntwo\n'), 'Output (8 characters):\none\ntwo'],
    ['output without a line end', outcome('one'), 'Output (3 characters):\none'],
    ['output of one blank line', outcome('\n'), 'Output (1 characters):\n'],
    ['only the last line end taken away', outcome('one\n\n'), 'Output (5 characters):\none\n'],
    ['how to see something when it printed nothing', outcome(''), 'No output. Use print() to see values.'],
    [
      'its error, with the line that the message names',
      outcome('', error('NameError: x (line 2: print(x))')),
      'Error: NameError: x (line 2: print(x))\nVariables are kept.',
    ],
    [
      'what it printed before its error',
      outcome('one\n', error('ValueError: no')),
      'Output (4 characters):\none\nError: ValueError: no\nVariables are kept.',
    ],
    [
      'that its variables are gone',
      outcome('', error('TimeoutError: too long', true)),
      'Error: TimeoutError: too long\nAll variables are gone.',
    ],
  ])('is %s', (_title, given, shown) => {
    expect(describeOutcome(given)).toBe(shown)
  })

  it('is all of an output of 64 KiB', () => {
    const output = 'x'.repeat(65_536)
    expect(describeOutcome(outcome(output))).toBe(`Output (65536 characters):\n${output}`)
  })

  it('is head and tail of a longer one, with its true length', () => {
    const output = `${'a'.repeat(60_000)}${'b'.repeat(60_000)}`
    expect(describeOutcome(outcome(output))).toBe(
      `Output (120000 characters):\n${'a'.repeat(49_152)}\n… 54464 characters left out of 120000 …\n${'b'.repeat(16_384)}`,
    )
  })

  it('says the true length of an output that the sandbox has cut', () => {
    const shown = describeOutcome(outcome('a'.repeat(70_000), null, 9_000_000))
    expect(shown).toMatch(/^Output \(9000000 characters\):\n/)
    expect(shown).toContain('\n… 8934464 characters left out of 9000000 …\n')
    expect(describeOutcome(outcome('ab', null, 5))).toContain('… 3 characters left out of 5 …')
  })
})

describe('a text cut in its middle', () => {
  const text = fc.array(fc.constantFrom('a', 'é', '🙂', '🙃', '\n', '𝒳')).map((parts) => parts.join(''))
  const parts = /^([\s\S]*)\n… (-?\d+) characters left out of (\d+) …\n([\s\S]*)$/

  it('is whole characters from both ends and the number of those between', () => {
    fc.assert(
      fc.property(text, fc.nat(12), fc.nat(12), (whole, head, tail) => {
        const cut = cutMiddle(whole, whole.length, head, tail)
        if (whole.length <= head + tail) {
          expect(cut).toBe(whole)
          return
        }
        const [, start = '', left, of, end = ''] = parts.exec(cut)!
        expect(whole.startsWith(start) && whole.endsWith(end)).toBe(true)
        expect(`${start} ${end}`).not.toMatch(/\p{Surrogate}/u)
        expect(Number(of)).toBe(whole.length)
        expect(Number(left)).toBe(whole.length - start.length - end.length)
        expect(Math.abs(start.length - head)).toBeLessThanOrEqual(1)
        expect(tail - end.length).toBeGreaterThanOrEqual(0)
        expect(tail - end.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })

  it('never claims that less than nothing was left out', () => {
    fc.assert(
      fc.property(text, fc.nat(12), fc.nat(12), fc.nat(50), (whole, head, tail, dropped) => {
        const length = whole.length + dropped
        const left = parts.exec(cutMiddle(whole, length, head, tail))?.[2] ?? '0'
        expect(Number(left)).toBeGreaterThanOrEqual(Math.min(dropped, 1))
      }),
    )
  })
})
