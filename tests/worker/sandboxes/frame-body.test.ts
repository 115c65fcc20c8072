// Bodies of frames: large texts travel behind the JSON as they are, and only into the places that wait for them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../../src/worker/sandboxes/frames.ts'
import { cut, rawFrame, read, secret } from './helpers/frames.ts'

describe('large texts', () => {
  const large = 'ä€😀 "quoted" \\ \n'.repeat(10_000)
  const misfit = { messages: [], violations: ['a frame whose texts do not fit'] }
  const announce = (texts: unknown, behind = '') =>
    rawFrame(`{"a":null,"texts":${JSON.stringify(texts)}}\n${behind}`)

  test('follow the JSON as they are, at any place of the message, in every split', () => {
    const message = { a: large, b: ['small', large, { 'c\n': [large, null] }], ['__proto__']: large, d: 1 }
    const frame = encodeFrame(secret, message)
    expect(frame.subarray(20, frame.indexOf(10, 20)).toString()).not.toContain('quoted')
    fc.assert(
      fc.property(fc.array(fc.nat(frame.length), { maxLength: 10 }), (places) => {
        expect(read([...cut(frame, places), encodeFrame(secret, 'next')], 8 << 20)).toEqual({
          messages: [message, 'next'],
          violations: [],
        })
      }),
      { numRuns: 20 },
    )
  })

  test('leave the message that is sent as it was', () => {
    const message = { a: [large] }
    encodeFrame(secret, message)
    expect(message).toEqual({ a: [large] })
  })

  test('with half a character stay in the JSON, which can write it', () => {
    const message = { a: `${large}\ud800`, b: `\udc00${large}` }
    expect(read([encodeFrame(secret, message)], 8 << 20).messages).toEqual([message])
    expect(encodeFrame(secret, message).indexOf(10, 20)).toBe(-1)
  })

  test('count for the limit of a frame', () => {
    const frame = encodeFrame(secret, { a: 'x'.repeat(100_000) })
    expect(read([frame], frame.length - 20).messages).toHaveLength(1)
    expect(read([frame.subarray(0, 20)], frame.length - 21).violations).toEqual([
      `a frame of ${frame.length - 20} bytes`,
    ])
  })

  test('fill their places exactly, or nothing is taken', () => {
    expect(read([announce([[['a'], 3]], 'abc')]).messages).toEqual([{ a: 'abc' }])
    const wrong: [texts: unknown, behind?: string][] = [
      [[[['a'], 4]], 'abc'],
      [[[['a'], 2]], 'abc'],
      [[], 'abc'],
      [[[['a'], 0]]],
      [[[['a'], -3]], 'abc'],
      [[[['a'], 1.5]], 'abc'],
      [[[['a'], 2 ** 53]], 'abc'],
      [[[['a'], '3']], 'abc'],
      [
        [
          [['a'], 1],
          [['a'], 2],
        ],
        'abc',
      ],
      [[[[], 3]], 'abc'],
      [[[['b'], 3]], 'abc'],
      [[[['a', 'b'], 3]], 'abc'],
      [[[['toString'], 3]], 'abc'],
      [[[['__proto__', 'x'], 3]], 'abc'],
      [[[['texts'], 3]], 'abc'],
      [[[[null], 3]], 'abc'],
      [['a', 3], 'abc'],
      [null, 'abc'],
      [{ length: 1 }, 'abc'],
      [Array.from({ length: 1025 }, () => [['a'], 1]), 'x'.repeat(1025)],
    ]
    for (const [texts, behind] of wrong)
      expect(read([announce(texts, behind)], 1 << 20), JSON.stringify(texts)).toEqual(misfit)
    for (const body of ['{}\n', '[]\nabc', 'null\n', '"texts"\n', '{"texts":[]}\nabc'])
      expect(read([rawFrame(body)])).toEqual(misfit)
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  test('of bytes that are no UTF-8 are read with what is wrong replaced', () => {
    const body = Buffer.concat([Buffer.from('{"a":null,"texts":[[["a"],3]]}\n'), Buffer.from([97, 255, 98])])
    expect(read([rawFrame(body)]).messages).toEqual([{ a: 'a\ufffdb' }])
  })
})

describe('a frame of very many values', () => {
  test('is refused before it is parsed, and one of many words is not', () => {
    const limit = 64 << 20
    for (const part of ['[', '{},', '[],', '1,', '"",'])
      expect(read([rawFrame(part.repeat(2 << 20))], limit).violations).toEqual(['a frame of too many values'])
    const words = [',[{'.repeat(1 << 20), `\\"${',"'.repeat(1 << 19)}\ud800`]
    expect(read([encodeFrame(secret, [words])], limit).messages[0]?.toString() === words.toString()).toBe(
      true,
    )
  })
})
