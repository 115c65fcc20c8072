// Envelopes, cut and mixed in any way, and never collected.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  controlEnvelope,
  createEnvelopeReader,
  type Reply,
  sessionEnvelope,
} from '../../../src/worker/daemon/protocol.ts'
import { cut } from '../sandboxes/helpers/frames.ts'

/** What a reader tells of bytes that come in pieces; what belongs to the session in one. */
function read(pieces: readonly Buffer[]) {
  const controls: unknown[] = []
  const session: Buffer[] = []
  const violations: string[] = []
  const push = createEnvelopeReader({
    onControl: (message) => controls.push(message),
    onSession: (bytes) => session.push(Buffer.from(bytes)),
    onViolation: (what) => violations.push(what),
  })
  for (const piece of pieces) push(piece)
  return { controls, session: Buffer.concat(session), violations }
}

const results = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown) // it has no -0
const controls = fc.record({ id: fc.nat(), result: results }) as fc.Arbitrary<Reply>
const sessions = fc.uint8Array({ maxLength: 40_000 }).map((bytes) => Buffer.from(bytes))
const said = fc.array(fc.oneof(controls, sessions), { maxLength: 6 })

test('whatever is said arrives in its order, however it is cut', () => {
  fc.assert(
    fc.property(said, fc.array(fc.nat(), { maxLength: 8 }), (words, places) => {
      const bytes = words.flatMap((word) =>
        Buffer.isBuffer(word) ? sessionEnvelope(word) : [controlEnvelope(word)],
      )
      const heard = read(cut(Buffer.concat(bytes), places))
      expect(heard).toEqual({
        controls: words.filter((word) => !Buffer.isBuffer(word)).map((word) => ({ jsonrpc: '2.0', ...word })),
        session: Buffer.concat(words.filter((word) => Buffer.isBuffer(word))),
        violations: [],
      })
    }),
  )
})

test('bytes of any kind are read without an exception, and nothing is told after a violation', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (pieces) => {
      expect(read(pieces.map((piece) => Buffer.from(piece))).violations.length).toBeLessThanOrEqual(1)
    }),
  )
})

describe('what is no envelope is told once', () => {
  const wrong: Record<string, [bytes: number[], what: string]> = {
    'another kind': [[2, 0, 0, 0, 0], 'an envelope of kind 2'],
    'a message that is too large': [[1, 0, 0, 64, 1], 'a message of 16385 bytes'],
    'a message of the largest size': [[1, 255, 255, 255, 255], 'a message of 4294967295 bytes'],
    'a message of nothing': [[1, 0, 0, 0, 0], 'a message of no bytes'],
    'a message that is no JSON': [[1, 0, 0, 0, 1, 123], 'a message that is no JSON'],
  }
  test.each(Object.entries(wrong))('%s', (_, [bytes, what]) => {
    const heard = read([Buffer.from(bytes), controlEnvelope({ id: 1, result: null }), Buffer.alloc(100)])
    expect(heard).toEqual({ controls: [], session: Buffer.alloc(0), violations: [what] })
  })
})

test('a part of the session is passed on as soon as it is there', () => {
  const [head, body] = sessionEnvelope(Buffer.alloc(1 << 20, 7))
  expect(read([head!, body!.subarray(0, 10)]).session).toEqual(Buffer.alloc(10, 7))
})
