// Documents as they come: text of every kind, line ends of every kind, bytes that are no text.
import fc from 'fast-check'

const pieces = ['\n', '\r\n', '\r', 'x', 'é', '€', '🙂', '\ufeff', '\u2028', ' ', 'word ', '\u0000', '\ufffd']
const broken = ['c3', 'e282', 'f09f99', '80', 'ff', 'c080', 'eda080', 'f4908080', 'e2820a'].map((hex) =>
  Buffer.from(hex, 'hex'),
)

/** Bytes in which line ends, characters of every length and broken ones are frequent. */
export const anyBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .array(
      fc.oneof(fc.constantFrom(...pieces.map((piece) => Buffer.from(piece))), fc.constantFrom(...broken)),
      {
        maxLength: 40,
      },
    )
    .map((parts) => Buffer.concat(parts)),
)

/** The same, long enough for an index of lines to have several entries. */
export const manyLines: fc.Arbitrary<Buffer> = fc
  .tuple(anyBytes, fc.integer({ min: 0, max: 4000 }), anyBytes)
  .map(([line, times, end]) =>
    Buffer.concat([Buffer.concat(Array(times).fill(Buffer.concat([line, newline]))), end]),
  )

const newline = Buffer.from('\n')

/** Its lines with their ends, as bytes: the plain way. */
export function naiveLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (const [at, byte] of bytes.entries()) {
    if (byte !== 10) continue
    lines.push(bytes.subarray(start, at + 1))
    start = at + 1
  }
  if (start < bytes.length) lines.push(bytes.subarray(start))
  return lines
}
