// Listeners watch agents; what they throw must not end one, nor cost its result.

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
