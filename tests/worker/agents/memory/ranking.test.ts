// Which entries a query finds, and in which order.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rank } from '../../../../src/worker/agents/memory/ranking.ts'
import { entry } from '../helpers/open-memory.ts'

const dayMs = 86_400_000
const found = (contents: readonly string[], query: string, limit = 10) =>
  rank(
    contents.map((content, at) => ({ ...entry(at, content), timestamp: 0 })),
    query,
    limit,
  ).map(({ content }) => content)

test('an entry that holds more of the words comes first, however often another holds one of them', () => {
  expect(found(['login login login login', 'login failed', 'the weather'], 'login failed')).toEqual([
    'login failed',
    'login login login login',
  ])
})

test('of entries with as many words, the one that holds them more often for its length comes first', () => {
  expect(found([`cache ${'and so on '.repeat(20)}`, 'cache miss', 'cache cache cache'], 'cache')).toEqual([
    'cache cache cache',
    'cache miss',
    `cache ${'and so on '.repeat(20)}`,
  ])
})

test('a rare word counts more than one that most entries hold', () => {
  expect(found(['error one', 'error two', 'error three', 'timeout four'], 'error timeout')[0]).toBe(
    'timeout four',
  )
})

test('of entries that fit as well, the newer one comes first; a week halves what an entry counts', () => {
  const aged = (days: number, content: string) => ({
    id: content,
    timestamp: 100 * dayMs - days * dayMs,
    content,
  })
  const order = (...entries: ReturnType<typeof aged>[]) => rank(entries, 'disk', 10).map(({ id }) => id)
  expect(order(aged(2, 'disk a'), aged(0, 'disk b'), aged(1, 'disk c'))).toEqual([
    'disk b',
    'disk c',
    'disk a',
  ])
  expect(order(aged(0, 'disk ab cd'), aged(1, 'disk disk x'))).toEqual(['disk disk x', 'disk ab cd'])
  expect(order(aged(0, 'disk ab cd'), aged(14, 'disk disk x'))).toEqual(['disk ab cd', 'disk disk x'])
})

test('words are found inside words, in any case and form of the letters, in any language', () => {
  expect(found(['Authentication'], 'auth')).toEqual(['Authentication'])
  expect(found(['GRÖSSE'], 'größe'.replace('ß', 'ss'))).toEqual(['GRÖSSE'])
  expect(found(['cafe\u0301'], 'CAFÉ')).toEqual(['cafe\u0301'])
  expect(found(['数据库连接失败'], '连接')).toEqual(['数据库连接失败'])
})

test('nothing is found for no words, for words that nothing holds, and for a limit of none', () => {
  expect(found(['a b'], ' .,! ')).toEqual([])
  expect(found(['a b'], 'c')).toEqual([])
  expect(found([], 'a')).toEqual([])
  expect(found(['a'], 'a', 0)).toEqual([])
  expect(found(['a', 'a', 'a'], 'a', 2)).toHaveLength(2)
})

test('whatever the entries and the query, those found hold a word, and more words come first', () => {
  const words = fc.array(fc.constantFrom('red', 'green', 'blue', 'cyan'), { maxLength: 6 })
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), words, (contents, query) => {
      const entries = contents.map((content, at) => entry(at, content.join(' ')))
      const hits = (content: string) => new Set(query.filter((word) => content.includes(word))).size
      const counts = rank(entries, query.join(' '), 99).map(({ content }) => hits(content))
      expect(counts).toEqual([...counts].sort((a, b) => b - a))
      expect(counts).toHaveLength(entries.filter(({ content }) => hits(content) > 0).length)
    }),
  )
})
