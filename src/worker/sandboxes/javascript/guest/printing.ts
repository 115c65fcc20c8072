// print: what a step shows to the model.
import type { Callable } from './functions.ts'
import { BoxedText, slice, unboxText } from './primordials.ts'

/** Given by the runner: `left` is the count of UTF-16 units of the text's middle that are not handed over. */
export type Emit = (text: string, left: number) => void

// As much as output.ts keeps.
const headUnits = 3 << 20
const tailUnits = 1 << 20

export function printer(emit: Emit, show: (value: unknown) => string): Callable {
  return (...values) => {
    let line = ''
    for (let at = 0; at < values.length; at++) line += (at === 0 ? '' : ' ') + textOf(values[at], show)
    line += '\n'
    const left = line.length - headUnits - tailUnits
    if (left <= 0) emit(line, 0)
    else emit(slice(line, 0, headUnits) + slice(line, -tailUnits), left)
  }
}

function textOf(value: unknown, show: (value: unknown) => string): string {
  if (typeof value === 'string') return value
  return value instanceof BoxedText ? unboxText(value) : show(value)
}
