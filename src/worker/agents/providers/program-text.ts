// What programs print, cut for messages.
import { wholeAt } from '../../lib/whole-text.ts'

const toldChars = 2000

/** The end of what a program printed, where the reason stands. */
export function tailOf(text: string): string {
  const trimmed = text.trim()
  return trimmed.slice(wholeAt(trimmed, Math.max(0, trimmed.length - toldChars)))
}
