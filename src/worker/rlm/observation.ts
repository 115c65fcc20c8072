// What the model is shown of a step: what its code printed, head and tail with the true length, or the error.
import { cutText, wholeAt } from '../lib/whole-text.ts'
import type { Outcome } from './ports.ts'

/** Characters shown of one step's output: so many from its start, so many from its end. */
const shownHead = 48 * 1024
const shownTail = 16 * 1024

export function cutMiddle(
  text: string,
  length: number,
  head: number = shownHead,
  tail: number = shownTail,
): string {
  if (text.length <= head + tail && length <= text.length) return text
  const start = cutText(text, head)
  const end = text.slice(wholeAt(text, Math.max(start.length, text.length - tail)))
  return `${start}\n… ${length - start.length - end.length} characters left out of ${length} …\n${end}`
}

export function describeOutcome(outcome: Outcome): string {
  const shown = cutMiddle(outcome.output, outcome.outputLength)
  const parts =
    shown === '' ? [] : [`Output (${outcome.outputLength} characters):\n${shown.replace(/\n$/, '')}`]
  if (outcome.error) {
    parts.push(`Error: ${outcome.error.message}`)
    parts.push(outcome.error.stateLost ? 'All variables are gone.' : 'Variables are kept.')
  } else if (parts.length === 0) {
    parts.push('No output. Use print() to see values.')
  }
  return parts.join('\n')
}
