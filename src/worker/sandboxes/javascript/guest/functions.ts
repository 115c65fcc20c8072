// The functions that the session's code calls, made from the host's table: names, aliases and arguments as there.
import {
  apply,
  bareList,
  freeze,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  keys,
  objectPrototype,
  setHidden,
  slice,
  stringify,
  test,
  upperCase,
  WrongType,
} from './primordials.ts'

export interface FunctionRow {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly aliases: readonly string[]
}

interface Parameter {
  readonly name: string
  readonly optional: boolean
  readonly value: unknown
}

export type Callable = (...args: unknown[]) => unknown

/** A function that cannot be changed, and nothing of the sandbox hangs on it. */
export function seal(name: string, body: Callable): Callable {
  const sealed = { [name]: (...args: unknown[]) => apply(body, undefined, args) }[name] as Callable
  return freeze(sealed)
}

/** All names of a row: its own, its aliases, and the same in camel case. */
export function namesOf({ name, aliases }: FunctionRow): string[] {
  const names = [name]
  for (let at = 0; at < aliases.length; at++) names[names.length] = aliases[at]!
  const camel = camelCase(name)
  if (camel !== name) names[names.length] = camel
  return names
}

function camelCase(name: string): string {
  if (!test(/^[a-z_]+$/, name)) return name
  let text = ''
  for (let at = 0; at < name.length; at++)
    text += name[at] === '_' ? upperCase(slice(name, ++at, at + 1)) : name[at]
  return text
}

/**
 * The arguments in the order of the parameters. A record at the end whose keys are parameters that have no value yet gives
 * them by name.
 */
export function bindArguments({ name, parameters }: FunctionRow, args: readonly unknown[]): unknown[] {
  if (args.length > parameters.length)
    throw new WrongType(`${name}() takes ${parameters.length} arguments but ${args.length} were given`)
  const last = args.length - 1
  const named = parameters.length > 1 ? byName(parameters, args[last], last) : undefined
  const placed = named === undefined ? args.length : last
  const bound = bareList<unknown>()
  for (let at = 0; at < parameters.length; at++) {
    const parameter = parameters[at]!
    const given = at < placed ? args[at] : named?.[parameter.name]
    if (given === undefined && !parameter.optional)
      throw new WrongType(`${name}() is missing the argument ${stringify(parameter.name)}`)
    bound[at] = given === undefined ? parameter.value : given
  }
  return bound
}

function byName(
  parameters: readonly Parameter[],
  value: unknown,
  from: number,
): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || isArray(value)) return undefined
  const prototype = getPrototypeOf(value)
  const names = keys(value)
  if ((prototype !== objectPrototype && prototype !== null) || names.length === 0) return undefined
  const bound = { __proto__: null } as unknown as Record<string, unknown>
  for (let at = 0; at < names.length; at++) {
    const parameter = findParameter(parameters, names[at]!, from)
    if (parameter === undefined) return undefined
    bound[parameter] = (value as Record<string, unknown>)[names[at]!]
  }
  return bound
}

function findParameter(parameters: readonly Parameter[], name: string, from: number): string | undefined {
  for (let at = from; at < parameters.length; at++) {
    const parameter = parameters[at]!.name
    if (parameter === name || camelCase(parameter) === name) return parameter
  }
  return undefined
}

/** Names in the global object, as they are whatever the session made of them. */
export function bindGlobals(target: object, values: Readonly<Record<string, unknown>>): void {
  const names = keys(values)
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!
    // one that a function declaration has taken can't be hidden any more, but has the value that it is given
    if (getOwnPropertyDescriptor(target, name)?.configurable === false)
      (target as Record<string, unknown>)[name] = values[name]
    else setHidden(target, name, values[name], true)
  }
}
