// What a step prints: the head and the tail are kept, the length is counted in characters.
import { cutText, wholeAt } from '../../lib/whole-text.ts'

/** In UTF-16 units. */
const headUnits = 3 << 20
const tailUnits = 1 << 20

export interface Output {
  clear(): void
  /** `unitsLeftOut` of the text's middle were not even handed over. */
  emit(text: string, unitsLeftOut: number): void
  /** Characters printed. */
  length(): number
  /** Head and tail; shorter than `length` when something between them was dropped. */
  text(): string
}

export function createOutput(): Output {
  let length = 0
  let head: string[] = []
  let headRoom = headUnits
  let tail: string[] = []
  let tailHeld = 0
  const keepTail = (text: string) => {
    tail.push(text)
    tailHeld += text.length
    if (tailHeld < 2 * tailUnits) return
    tail = [lastUnits(tail.join(''), tailUnits)]
    tailHeld = tail[0]!.length
  }
  return {
    clear() {
      length = 0
      head = []
      headRoom = headUnits
      tail = []
      tailHeld = 0
    },
    emit(text, unitsLeftOut) {
      length += countCharacters(text) + unitsLeftOut
      const kept = headRoom > 0 ? cutText(text, headRoom) : ''
      if (kept !== '') head.push(kept)
      headRoom = kept.length < text.length ? 0 : headRoom - kept.length
      if (kept.length < text.length) keepTail(text.slice(kept.length))
    },
    length: () => length,
    text: () => head.join('') + lastUnits(tail.join(''), tailUnits),
  }
}

function lastUnits(text: string, count: number): string {
  return text.length <= count ? text : text.slice(wholeAt(text, text.length - count))
}

function countCharacters(text: string): number {
  let count = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xdc00 && unit <= 0xdfff) count--
  }
  return count
}
