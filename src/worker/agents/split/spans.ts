/** Where a part stands in its source. */
export interface TextSpan {
  /** Bytes of the source as UTF-8, from `start` to before `end`. */
  readonly start: number
  readonly end: number
  /** Lines of the source, the first is 1; `endLine` is the last that the part has something of. */
  readonly startLine: number
  readonly endLine: number
}

/** The spans of ranges of UTF-16 units, in one pass over the text. */
export function spansOf(text: string, ranges: readonly (readonly [from: number, to: number])[]): TextSpan[] {
  const indexes = [...new Set(ranges.flat())].sort((a, b) => a - b)
  const known = positionsOf(text, indexes)
  return ranges.map(([from, to]) => {
    const [start, end] = [known.get(from)!, known.get(to)!]
    const endsWithLineEnd = to > from && text[to - 1] === '\n'
    const endLine = endsWithLineEnd ? end.line - 1 : end.line
    return { start: start.byte, end: end.byte, startLine: start.line, endLine }
  })
}

function positionsOf(text: string, indexes: readonly number[]): Map<number, { byte: number; line: number }> {
  const known = new Map<number, { byte: number; line: number }>()
  let [at, byte, line] = [0, 0, 1]
  for (const index of indexes) {
    const piece = text.slice(at, index)
    byte += Buffer.byteLength(piece)
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', end + 1)) line++
    at = index
    known.set(index, { byte, line })
  }
  return known
}
