// Lines that are cut or damaged at any byte: what is lost, and what is not.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeLine, scanLines } from '../../../../src/worker/agents/segments/record-line.ts'

function scan(bytes: Buffer): { payloads: string[]; damage: [number, number][]; end: number } {
  const payloads: string[] = []
  const damage: [number, number][] = []
  const end = scanLines(bytes, {
    line: (payload) => payloads.push(payload.toString('utf8')),
    damage: (from, to) => damage.push([from, to]),
  })
  return { payloads, damage, end }
}

test('a line is the length and the CRC-32 of its payload in hexadecimal, the payload, a newline', () => {
  expect(encodeLine('{"a":"ü"}').toString('utf8')).toBe('0000000a 3a1d613e {"a":"ü"}\n')
})

const payloads = fc.array(fc.json({ maxDepth: 2 }), { minLength: 3, maxLength: 6 })

test('lines are read as they were written', () => {
  fc.assert(
    fc.property(payloads, (written) => {
      const bytes = Buffer.concat(written.map(encodeLine))
      expect(scan(bytes)).toEqual({ payloads: written, damage: [], end: bytes.length })
    }),
  )
})

test('a last line that was cut at any of its bytes waits for the rest, the others are read', () => {
  const written = ['{"first":1}', '{"second":"€"}', '{"third":[1,2,3]}']
  const lines = written.map(encodeLine)
  const whole = Buffer.concat(lines)
  const last = whole.length - lines[2]!.length
  for (let length = last; length < whole.length; length++)
    expect(scan(whole.subarray(0, length))).toEqual({ payloads: written.slice(0, 2), damage: [], end: last })
})

test('of a byte that was changed anywhere only its own line is lost, and it is told where', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, position, change) => {
      const lines = written.map(encodeLine)
      const bytes = Buffer.concat(lines)
      const at = position % bytes.length
      bytes[at]! ^= change
      let start = 0
      const hit = lines.findIndex(({ length }) => {
        start += length
        return at < start
      })
      const end = start
      start -= lines[hit]!.length
      const { payloads: read, damage, end: scanned } = scan(bytes)
      if (at === end - 1) {
        // The newline: what it ended is whole, but a last line seems to go on.
        expect(read).toEqual(written)
        return
      }
      expect(read).toEqual(written.filter((_, number) => number !== hit))
      expect(damage).toEqual([[start, end]])
      expect(scanned).toBe(bytes.length)
    }),
    { numRuns: 500 },
  )
})

test('what stands in a value never passes for a line', () => {
  const inner = encodeLine('{"k":"inner"}').toString('utf8')
  const bytes = Buffer.concat([encodeLine(JSON.stringify({ text: `\n${inner}` })), encodeLine('2')])
  bytes[30]! ^= 1
  expect(scan(bytes).payloads).toEqual(['2'])
})
