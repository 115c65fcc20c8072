// Calls out of the engine: documents are read, the host is asked, text is printed.
import {
  asText,
  bareList,
  freeze,
  notes,
  OutOfRange,
  PlainError,
  parse,
  setPrototypeOf,
  stringify,
  WrongType,
} from './primordials.ts'
import { toPlain } from './values.ts'

/**
 * Given by the runner. `text` is the first argument when it is one, so that a long prompt needs no quoting; `rest` is JSON
 * of all arguments. Throws a JSON text, a Refusal, when there is no answer.
 */
export type Bridge = (name: string, rest: string, text: string | null) => unknown

interface Refusal {
  readonly kind: 'TypeError' | 'RangeError' | 'Error'
  readonly message: string
  /** Set for what the host could not do. */
  readonly code?: string
  /** The step is over: nothing of it may run on. */
  readonly final?: boolean
}

export interface Calls {
  /** What the runner answers itself. */
  call(name: string, args: readonly unknown[]): unknown
  /** What the host answers: `reference` gives what stands for an object there. */
  ask(name: string, args: readonly unknown[], reference: (value: object) => unknown): unknown
  /** The code of the failure that this error stands for, if it does. */
  codeOf(error: object): string | undefined
}

function withoutFirst(items: readonly unknown[]): readonly unknown[] {
  const rest = bareList<unknown>()
  for (let at = 0; at < items.length; at++) rest[at] = at === 0 ? null : items[at]
  return freeze(rest)
}

export function makeCalls(bridge: Bridge): Calls {
  const codes = notes<string>()
  const raise = (refusal: Refusal): never => {
    if (refusal.final) for (;;); // until the runner interrupts it, which no code can catch
    const Kind =
      refusal.kind === 'TypeError' ? WrongType : refusal.kind === 'RangeError' ? OutOfRange : PlainError
    const error = new Kind(refusal.message)
    if (refusal.code !== undefined) {
      codes.set(error, refusal.code)
      ;(error as Error & { code: string }).code = refusal.code
    }
    throw error
  }
  const send = (name: string, args: readonly unknown[], reference: (value: object) => unknown) => {
    const plain = toPlain(args, reference) as readonly unknown[]
    const first = plain[0]
    const text = typeof first === 'string' ? first : null
    const rest = stringify(text === null ? plain : withoutFirst(plain))
    let refusal: unknown
    try {
      return bridge(name, rest, text)
    } catch (thrown) {
      refusal = thrown
    }
    return raise(setPrototypeOf(parse(asText(refusal)), null))
  }
  return {
    call: (name, args) => send(name, args, () => undefined),
    ask: send,
    codeOf: (error) => codes.get(error),
  }
}
