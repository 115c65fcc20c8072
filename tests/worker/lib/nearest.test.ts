import { expect, test } from 'vitest'
import { nearest } from '../../../src/worker/lib/nearest.ts'

const flags = ['max-steps', 'max-depth', 'max-subcalls', 'role', 'repo']

test.each([
  ['max-step', 'max-steps'],
  ['max_steps', 'max-steps'],
  ['maxsubcals', 'max-subcalls'],
  ['rol', 'role'],
  ['rope', 'role'],
  ['repo', 'repo'],
])('%s is taken for %s', (word, meant) => {
  expect(nearest(word, flags)).toBe(meant)
})

test.each(['verbose', 'output-dir', 'x'.repeat(40)])('%s is like nothing that is known', (word) => {
  expect(nearest(word, flags)).toBeUndefined()
})

test('two edits are near, three in a word of eight letters are not', () => {
  expect(nearest('abcdefxx', ['abcdefgh'])).toBe('abcdefgh')
  expect(nearest('abcdexxx', ['abcdefgh'])).toBeUndefined()
})

test('a third of a long word may differ', () => {
  expect(nearest('abcdefghixxx', ['abcdefghijkl'])).toBe('abcdefghijkl')
})

test('of two that are as near the first is taken, and nothing is near in an empty list', () => {
  expect(nearest('bat', ['cat', 'rat'])).toBe('cat')
  expect(nearest('bat', [])).toBeUndefined()
})

test('a short word is near to another only where something of it stays', () => {
  expect(nearest('xy', ['id'])).toBeUndefined()
  expect(nearest('x', ['id'])).toBeUndefined()
  expect(nearest('ix', ['id'])).toBe('id')
})
