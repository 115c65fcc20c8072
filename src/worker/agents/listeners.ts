// Listeners watch agents; what they throw must not end one, nor cost its result.
import { withoutSteering } from '../lib/terminal-text.ts'

/** The listener; the first thing that it throws is told as a warning of the process. */
export function quietly<Words extends unknown[]>(
  listener: (...words: Words) => void,
): (...words: Words) => void {
  let told = false
  return (...words) => {
    try {
      listener(...words)
    } catch (error) {
      if (told) return
      told = true
      process.emitWarning(`A listener to agents failed: ${error instanceof Error ? error.message : error}`)
    }
  }
}

/** What takes an agent's words where nobody else does. */
export function sayOnStandardError(who: string, text: string): void {
  process.stderr.write(`${who}: ${withoutSteering(text)}\n`)
}
