// Listeners watch agents; what they throw must not end one, nor cost its result.

/** The listener, with what it throws told as a warning of the process. */
export function quietly<Words extends unknown[]>(
  listener: (...words: Words) => void,
): (...words: Words) => void {
  return (...words) => {
    try {
      listener(...words)
    } catch (error) {
      process.emitWarning(`A listener to agents failed: ${error instanceof Error ? error.message : error}`)
    }
  }
}
