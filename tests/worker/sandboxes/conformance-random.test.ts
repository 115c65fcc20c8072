// What holds in every sandbox, tried at random: the same calls over the same documents have the same answers.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../../src/worker/rlm/ports.ts'
import { answer, backends } from './helpers/backends.ts'

const patterns = [
  'a', 'b+', '[a-c]', '^a', 'a$', '\\ba', 'b\\b', '\\w+', '\\W', '\\d', '\\s', '\\S+', 'a.b', 'a|é', '(a)(b)?', '(?:ab){2}',
  '(?P<x>a)(?P=x)', 'a(?=b)', '(?<!a)b', '[^a]', '[\\w-]', '[]a]', '[^]\\d]', '#{1,4} ', 'a{,2}b', 'a{', '\\.', '\\-', '😀', '[😀é]',
  '', '.*b', '^\\s*$', '\\Aa', 'b\\Z', '[^\\W\\d]', '\\x61', '\\u00e9', 'é\\b', '(?i)É', 'a\\nb', '[a\\n]', '[\\t-\\r]', '~|`', '^$',
] // biome-ignore format: a list

test('every sandbox gives the same answers to the same calls', async () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    'é',
    '😀',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '1',
    '-',
    '#',
    '.',
    '\u2028',
    '\u0000',
    'ab',
    '\u001c',
  )
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
  const number = fc.integer({ min: -3, max: 30 })
  const call = fc.oneof(
    fc.tuple(fc.constant('grep'), fc.tuple(fc.constantFrom(...patterns))),
    fc.tuple(
      fc.constant('grep'),
      fc.tuple(
        fc.constantFrom(...patterns),
        fc.constant('a.txt'),
        number,
        fc.constantFrom('', 'i', 's', 'x'),
      ),
    ),
    fc.tuple(fc.constant('read_file'), fc.tuple(fc.constant('a.txt'), number, number)),
    fc.tuple(fc.constant('peek'), fc.tuple(fc.constant('a.txt'), fc.nat(40))),
    fc.tuple(fc.constant('slice_text'), fc.tuple(text, number, number)),
    fc.tuple(
      fc.constant('chunks'),
      fc.tuple(
        fc.constantFrom('a.txt', 'b.txt'),
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 0, max: 1 }),
      ),
    ),
    fc.tuple(
      fc.constant('chunks'),
      fc.tuple(text, fc.integer({ min: 2, max: 20 }), fc.integer({ min: 0, max: 1 })),
    ),
  ) as fc.Arbitrary<[string, Json[]]>
  const experiments = fc.sample(fc.tuple(text, text, fc.array(call, { minLength: 60, maxLength: 60 })), 12)
  for (const [a, b, calls] of experiments) {
    const own = { 'a.txt': a, 'b.txt': b }
    const [first, ...others] = await Promise.all(
      backends.map(async (backend) => {
        const session = await backend.open({ files: own })
        const answers: Json[] = []
        for (const [name, args] of calls) answers.push(await answer(session, backend, name, args))
        return answers
      }),
    )
    for (const answers of others)
      for (const [at, [name, args]] of calls.entries())
        expect(answers[at], JSON.stringify([name, args, own])).toEqual(first![at])
  }
}, 120_000)
