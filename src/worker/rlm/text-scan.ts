// One pass over a document's bytes: lines, characters, and where lines begin, sparsely. A line ends with "\n"; text
// after the last "\n" is a line too.
import { isAscii } from 'node:buffer'
import { TextDecoder } from 'node:util'

/** `lineOffsets[k]` is the byte, in the document, at which line `k * lineStride` (0-based) begins. */
const lineStride = 1024

export interface TextShape {
  readonly lineCount: number
  /** Unicode code points of the text as shown (invalid bytes as U+FFFD). */
  readonly charCount: number
  readonly ascii: boolean
  readonly lineOffsets: readonly number[]
}

export interface TextScan {
  push(bytes: Buffer): void
  finish(): TextShape
}

export function scanText(): TextScan {
  const lineOffsets = [0]
  let newlines = 0
  let seen = 0
  let chars = 0
  let decoder: TextDecoder | undefined
  let endsWithNewline = true
  return {
    push(bytes) {
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
        if (++newlines % lineStride === 0) lineOffsets.push(seen + at + 1)
      }
      if (decoder === undefined && !isAscii(bytes)) decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      chars += decoder ? countCodePoints(decoder.decode(bytes, { stream: true })) : bytes.length
      seen += bytes.length
      if (bytes.length > 0) endsWithNewline = bytes[bytes.length - 1] === 10
    },
    finish() {
      if (decoder) chars += countCodePoints(decoder.decode())
      const lineCount = endsWithNewline ? newlines : newlines + 1
      return { lineCount, charCount: chars, ascii: decoder === undefined, lineOffsets }
    },
  }
}

/** Reads at most `length` bytes of the document at `position`; none past its end. */
export type ReadAt = (position: number, length: number) => Buffer

/** The byte at which 0-based line `line` begins; the end of the text when there are fewer lines. */
export function findLine(lineOffsets: readonly number[], line: number, readAt: ReadAt): number {
  const slot = Math.min(Math.floor(line / lineStride), lineOffsets.length - 1)
  let position = lineOffsets[slot] ?? 0
  let left = line - slot * lineStride
  while (left > 0) {
    const bytes = readAt(position, 65_536)
    if (bytes.length === 0) break
    let at = -1
    for (; left > 0; left--) {
      const next = bytes.indexOf(10, at + 1)
      if (next < 0) break
      at = next
    }
    position += left === 0 ? at + 1 : bytes.length
  }
  return position
}

/** The 0-based number of the line that holds byte `target`. */
export function lineAt(lineOffsets: readonly number[], target: number, readAt: ReadAt): number {
  let slot = lineOffsets.length - 1
  while (slot > 0 && lineOffsets[slot]! > target) slot--
  let line = slot * lineStride
  for (let position = lineOffsets[slot] ?? 0; position < target; ) {
    const bytes = readAt(position, Math.min(65_536, target - position))
    if (bytes.length === 0) break
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) line++
    position += bytes.length
  }
  return line
}

function countCodePoints(text: string): number {
  let count = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xdc00 && unit <= 0xdfff) count--
  }
  return count
}
