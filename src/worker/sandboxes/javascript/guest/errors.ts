// What went wrong in a step, for the runner: an error that was thrown, or a promise that was not kept.
import { afterwards, asText, PlainError, PlainPromise, slice, stringify } from './primordials.ts'

const maxText = 8000
const maxStack = 1 << 20 // a deep recursion's

/** JSON of a CaughtError. `show` gives the text of a value that is no error, `codeOf` what a failure of the host was. */
export function describeError(
  error: unknown,
  show: (value: unknown) => string,
  codeOf: (error: object) => string | undefined,
): string {
  if (!(error instanceof PlainError)) {
    const message = `a value was thrown that is no Error: ${slice(show(error), 0, maxText)}`
    return write('Error', message, '', null)
  }
  return write(
    slice(asText(error.name), 0, maxText),
    slice(asText(error.message), 0, maxText),
    slice(asText(error.stack), 0, maxStack),
    codeOf(error) ?? null,
  )
}

// Text by text: of an object, what the session taught all objects (toJSON, setters) would have a say in it.
function write(name: string, message: string, stack: string, code: string | null): string {
  return `{"name":${stringify(name)},"message":${stringify(message)},"stack":${stringify(stack)},"code":${stringify(code)}}`
}

export interface Promises {
  /** A promise that nobody waits for; should it be broken, it is an error of the step. */
  watch(value: unknown): void
  /** A promise that the step waits for. */
  waitFor(value: unknown): void
  /** A new step: what an earlier one left broken was told or is of no interest. */
  begin(): void
  /** The first error; undefined where there is none. */
  failure(): { readonly error: unknown } | undefined
}

export function makePromises(): Promises {
  let broken: { readonly error: unknown } | undefined
  let waiting = false
  const follow = (value: unknown, settled: () => void) => {
    if (!(value instanceof PlainPromise)) return settled()
    afterwards(value, settled, (error) => {
      settled()
      broken ??= { error }
    })
  }
  return {
    begin() {
      broken = undefined
      waiting = false
    },
    watch: (value) => follow(value, () => {}),
    waitFor(value) {
      waiting = true
      follow(value, () => {
        waiting = false
      })
    },
    failure() {
      if (broken || !waiting) return broken
      return { error: new PlainError('the code awaits something that never comes') }
    },
  }
}
