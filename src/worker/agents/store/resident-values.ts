// Which values are in memory: those used last, up to a number of bytes.
import type { Held, Variable } from './variable.ts'

export class ResidentValues {
  readonly maxBytes: number
  /** Bytes of what is held, as JSON. */
  bytes = 0
  /** In the order of use, the least recent first. */
  readonly #held = new Map<Variable, Held>()
  readonly #keepElsewhere: (variable: Variable, held: Held) => boolean

  /** `keepElsewhere` sees to it that a value can be read again; false when it can't: then it stays. */
  constructor(maxBytes: number, keepElsewhere: (variable: Variable, held: Held) => boolean) {
    this.maxBytes = maxBytes
    this.#keepElsewhere = keepElsewhere
  }

  get(variable: Variable): Held | undefined {
    const held = this.#held.get(variable)
    if (held) {
      this.#held.delete(variable)
      this.#held.set(variable, held)
    }
    return held
  }

  hold(variable: Variable, held: Held): void {
    this.release(variable)
    this.#held.set(variable, held)
    this.bytes += variable.sizeBytes
    for (const [oldest, value] of this.#held) {
      if (this.bytes <= this.maxBytes) return
      if (this.#keepElsewhere(oldest, value)) this.release(oldest)
    }
  }

  release(variable: Variable): void {
    if (this.#held.delete(variable)) this.bytes -= variable.sizeBytes
  }

  clear(): void {
    this.#held.clear()
    this.bytes = 0
  }
}
