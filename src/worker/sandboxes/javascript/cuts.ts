// Where a text is cut into pieces of at most so many characters, at line ends where possible. Positions are bytes in a
// document and UTF-16 units in a string; the rule is one.

/** A text as far as cutting is concerned. */
export interface Cuttable {
  readonly length: number
  /** The position `count` characters behind `from`; the end of the text when there are fewer. */
  skip(from: number, count: number): number
  /** The position behind the last line end in `from` to `to`, or -1. */
  behindLastLineEnd(from: number, to: number): number
  /** Characters in `from` to `to`. */
  count(from: number, to: number): number
}

/** Starts and ends, one after the other. */
export function cutPieces(text: Cuttable, size: number, overlap: number): number[] {
  const cuts: number[] = []
  for (let start = 0; start < text.length; ) {
    const limit = text.skip(start, size)
    let end = limit
    if (limit < text.length) {
      const behind = text.behindLastLineEnd(text.skip(start, Math.floor(size / 2)), limit)
      if (behind >= 0) end = behind
    }
    cuts.push(start, end)
    if (end >= text.length) break
    start = overlap === 0 ? end : text.skip(start, Math.max(text.count(start, end) - overlap, 1))
  }
  return cuts
}

export function cuttableText(text: string): Cuttable {
  const skip = (from: number, count: number) => {
    let at = from
    for (; count > 0 && at < text.length; count--) at += text.codePointAt(at)! > 0xffff ? 2 : 1
    return at
  }
  return {
    length: text.length,
    skip,
    behindLastLineEnd(from, to) {
      const at = text.slice(from, to).lastIndexOf('\n')
      return at < 0 ? -1 : from + at + 1
    },
    count(from, to) {
      let count = 0
      for (let at = from; at < to; at = skip(at, 1)) count++
      return count
    },
  }
}

/** UTF-8 in which a part that is invalid, as long as it could be the start of a character, counts as one (U+FFFD). */
export function cuttableBytes(
  length: number,
  ascii: boolean,
  read: (at: number, length: number) => Buffer,
): Cuttable {
  const walk = (from: number, to: number, count: number) => {
    let characters = 0
    let at = from
    while (at < to && characters < count) {
      const wanted = Math.min(to - at, 4 * (count - characters), 1 << 16)
      // a character must not be judged by its first bytes only
      const bytes = read(at, Math.min(wanted + 3, length - at))
      let inside = 0
      for (; inside < wanted && characters < count; characters++) inside = characterEnd(bytes, inside)
      at += inside
    }
    return { at, characters }
  }
  return {
    length,
    skip: (from, count) => (ascii ? Math.min(length, from + count) : walk(from, length, count).at),
    behindLastLineEnd(from, to) {
      const at = read(from, to - from).lastIndexOf(10)
      return at < 0 ? -1 : from + at + 1
    },
    count: (from, to) => (ascii ? to - from : walk(from, to, Number.POSITIVE_INFINITY).characters),
  }
}

/** Where the character at `at` ends, as a decoder sees it that replaces the longest invalid part by one U+FFFD. */
function characterEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  if (first < 0xc2 || first > 0xf4) return at + 1
  const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3
  let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  let end = at + 1
  for (; end <= at + more; end++) {
    const next = bytes[end]
    if (next === undefined || next < low || next > high) return end
    low = 0x80
    high = 0xbf
  }
  return end
}
