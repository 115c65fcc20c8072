// The table of functions as the session has them: some are answered in the engine, some by the runner, the rest by the host.
import type { Calls } from './bridge.ts'
import type { Chunks } from './documents.ts'
import { bindArguments, type Callable, type FunctionRow, namesOf, seal } from './functions.ts'
import { apply, PlainRegExp, regexFlags, regexSource, WrongType } from './primordials.ts'
import type { Variables } from './variables.ts'

export interface FunctionTable {
  readonly functions: readonly FunctionRow[]
  /** Names of those that the host answers. */
  readonly asked: readonly string[]
}

export function sessionFunctions(
  table: FunctionTable,
  calls: Calls,
  pieces: Chunks,
  variables: () => Variables,
): Record<string, Callable> {
  const ask = (name: string, args: readonly unknown[]) => calls.ask(name, args, pieces.reference)
  const submit: Callable = (...values) => {
    if (values.length !== 1) throw new WrongType('SUBMIT takes one value')
    return ask('set_final', values)
  }
  const here: Record<string, Callable> = {
    chunks: pieces.chunks,
    grep: (pattern, path, most, flags) => calls.call('grep', [readPattern(pattern), path, most, flags]),
    show_vars: () => variables().show(),
    FINAL_VAR: (name) => ask('set_final', [variables().value(name)]),
  }
  const functions: Record<string, Callable> = {}
  for (const row of table.functions) {
    const { name } = row
    const answer: Callable = table.asked.includes(name)
      ? (...args) => ask(name, args)
      : (here[name] ?? ((...args) => calls.call(name, args)))
    const body: Callable =
      name === 'SUBMIT' ? submit : (...args) => apply(answer, undefined, bindArguments(row, args))
    for (const known of namesOf(row)) functions[known] = seal(known, body)
  }
  return functions
}

function readPattern(pattern: unknown): unknown {
  return pattern instanceof PlainRegExp
    ? { source: regexSource(pattern), flags: regexFlags(pattern) }
    : pattern
}
