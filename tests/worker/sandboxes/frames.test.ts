// Frames: whatever way the bytes come in, the same messages go out; nothing behind the first violation is read.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrameReader, encodeFrame, secretBytes } from '../../../src/worker/sandboxes/frames.ts'

const secret = Buffer.from(Array.from({ length: secretBytes }, (_, at) => 200 + at))
const otherSecret = Buffer.alloc(secretBytes)
const maxBytes = 1000

/** What a reader says of the bytes, given piece by piece. */
function read(pieces: readonly Buffer[], limit = maxBytes) {
  const messages: unknown[] = []
  const violations: string[] = []
  const reader = createFrameReader(
    secret,
    limit,
    (message) => messages.push(message),
    (what) => violations.push(what),
  )
  for (const piece of pieces) reader.push(piece)
  return { messages, violations }
}

function rawFrame(body: Buffer | string, sent = secret): Buffer {
  const bytes = Buffer.from(body as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, sent, bytes])
}

/** The bytes cut at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end))
}

/** A JSON value as it is after a journey through JSON text. */
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)

describe('frames', () => {
  test('parse to the same messages however their bytes are split', () => {
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 8 }),
        fc.array(fc.nat(5000), { maxLength: 40 }),
        (messages, places) => {
          const bytes = Buffer.concat(messages.map((message) => encodeFrame(secret, message)))
          expect(read(cut(bytes, places), 1 << 20)).toEqual({ messages, violations: [] })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('parse to the same messages byte by byte', () => {
    const messages = [{ a: 'ä€😀\n\\' }, [], 'x'.repeat(300), null, { b: { c: [1, 2.5, true] } }]
    const bytes = Buffer.concat(messages.map((message) => encodeFrame(secret, message)))
    const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    expect(read(pieces)).toEqual({ messages, violations: [] })
  })

  test('carry texts with lone surrogates, as their JSON has them', () => {
    const message = { text: 'a\ud800b\udfff', control: '\0\u2028' }
    expect(read([encodeFrame(secret, message)]).messages).toEqual([message])
  })

  test('are length, secret and JSON, the length counted in bytes', () => {
    const frame = encodeFrame(secret, 'ä')
    expect(frame.readUInt32BE(0)).toBe(4)
    expect(frame.subarray(4, 20)).toEqual(secret)
    expect(frame.subarray(20).toString()).toBe('"ä"')
  })

  test('of up to the limit are read, one byte more is not', () => {
    const fitting = 'x'.repeat(maxBytes - 2)
    expect(read([encodeFrame(secret, fitting)])).toEqual({ messages: [fitting], violations: [] })
    expect(read([encodeFrame(secret, `${fitting}x`)])).toEqual({
      messages: [],
      violations: ['a frame of 1001 bytes'],
    })
  })

  test('that are too large are refused before their body comes', () => {
    const header = rawFrame('').fill(255, 0, 4)
    expect(read([header])).toEqual({ messages: [], violations: ['a frame of 4294967295 bytes'] })
  })

  test('with another secret are refused, even when they are too large as well', () => {
    for (const sent of [otherSecret, Buffer.from(secret).reverse()])
      expect(read([rawFrame('{}', sent)]).violations).toEqual(['a frame without the secret'])
    for (let at = 0; at < secretBytes; at++) {
      const nearly = Buffer.from(secret)
      nearly[at]! ^= 1
      expect(read([rawFrame('{}', nearly)])).toEqual({
        messages: [],
        violations: ['a frame without the secret'],
      })
    }
  })

  test('that are no JSON are refused', () => {
    for (const body of ['', '{', '{}{}', 'undefined', 'NaN', "{'a': 1}", '\xff', '[1,]', '\ufeff{}'])
      expect(read([rawFrame(body)])).toEqual({ messages: [], violations: ['a frame that is no JSON'] })
  })

  test('behind a violation are not read, whatever they are', () => {
    const good = encodeFrame(secret, 'good')
    for (const bad of [rawFrame('{}', otherSecret), rawFrame('{'), Buffer.alloc(20, 65)]) {
      expect(read([good, bad, good, good]).messages).toEqual(['good'])
      expect(read([Buffer.concat([good, bad, good]), bad])).toMatchObject({
        messages: ['good'],
        violations: { length: 1 },
      })
    }
  })
})

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

describe('a frame that comes in very many pieces', () => {
  test('is held once, not piece by piece', () => {
    const reader = createFrameReader(
      secret,
      64 << 20,
      () => {},
      () => {},
    )
    const header = Buffer.alloc(20)
    header.writeUInt32BE(32 << 20)
    secret.copy(header, 4)
    const before = process.memoryUsage().heapUsed
    reader.push(header)
    for (let count = 0; count < 2_000_000; count++) reader.push(Buffer.from('x'))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60e6)
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

describe('bytes of any kind', () => {
  test('never make a reader throw, and are told as one violation at most', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }), (pieces) => {
        const { messages, violations } = read(pieces.map((piece) => Buffer.from(piece)))
        expect(messages).toEqual([])
        expect(violations.length).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('behind good frames leave those as they were, in every split', () => {
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 4 }),
        fc.uint8Array({ minLength: 20, maxLength: 60 }),
        fc.array(fc.nat(2000), { maxLength: 20 }),
        (messages, garbage, places) => {
          fc.pre(!Buffer.from(garbage).subarray(4, 20).equals(secret))
          const bytes = Buffer.concat([
            ...messages.map((message) => encodeFrame(secret, message)),
            Buffer.from(garbage),
          ])
          expect(read(cut(bytes, places), 1 << 20)).toEqual({
            messages,
            violations: ['a frame without the secret'],
          })
        },
      ),
    )
  })
})
