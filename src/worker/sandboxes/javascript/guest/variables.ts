// The session's variables: the properties of the global object that were not there before it.
import type { Callable } from './functions.ts'
import {
  BoxedText,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  has,
  isArray,
  joinTexts,
  keys,
  mapSize,
  NoSuchName,
  ownKeys,
  PlainMap,
  PlainSet,
  setSize,
  stringify,
  unboxText,
} from './primordials.ts'

export interface Variables {
  readonly show: Callable
  /** Throws a ReferenceError that names those there are. */
  value(name: unknown): unknown
}

/** `globals` as it is now is what the sandbox brings. */
export function makeVariables(globals: object): Variables {
  const predefined: Record<string, true> = { __proto__: null } as never
  const names = ownKeys(globals)
  for (let at = 0; at < names.length; at++) predefined[names[at] as string] = true
  const isVariable = (name: PropertyKey): name is string =>
    typeof name === 'string' &&
    has(globals, name) &&
    getOwnPropertyDescriptor(globals, name)?.get === undefined &&
    (predefined[name] !== true || name === 'context')

  const show = () => {
    const shown: Record<string, string> = { __proto__: null } as never
    const present = ownKeys(globals)
    for (let at = 0; at < present.length; at++) {
      const name = present[at]!
      if (isVariable(name)) shown[name] = describe((globals as Record<string, unknown>)[name])
    }
    return shown
  }
  return {
    show,
    value(name) {
      if (typeof name === 'string' && isVariable(name)) return (globals as Record<string, unknown>)[name]
      const known = joinTexts(keys(show()), ', ') || 'none yet'
      throw new NoSuchName(`there is no variable ${stringify(name) ?? typeof name}; there are: ${known}`)
    },
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `string, ${value.length} characters`
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  if (value instanceof BoxedText) return `chunk, ${unboxText(value).length} characters`
  if (isArray(value)) return `Array, ${value.length} items`
  if (value instanceof PlainMap) return `Map, ${mapSize(value)} items`
  if (value instanceof PlainSet) return `Set, ${setSize(value)} items`
  const name = (getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
  return `${typeof name === 'string' ? name : 'Object'}, ${keys(value).length} items`
}
