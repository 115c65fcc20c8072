// Frames: whatever way the bytes come in, the same messages go out; nothing behind the first violation is read.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrameReader, encodeFrame, secretBytes } from '../../../src/worker/sandboxes/frames.ts'
import { cut, maxBytes, otherSecret, rawFrame, read, secret } from './helpers/frames.ts'

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
