// Values as print() shows them: texts as they are, all else as it would be written, JSON where it is JSON.
import {
  asText,
  BoxedText,
  bareList,
  eachOfMap,
  eachOfSet,
  getPrototypeOf,
  isArray,
  isoDate,
  isView,
  keys,
  mapSize,
  objectPrototype,
  PlainDate,
  PlainError,
  PlainMap,
  PlainRegExp,
  PlainSet,
  setSize,
  stringify,
  writeRegExp,
} from './primordials.ts'

const maxDepth = 20
const maxNodes = 100_000

/** `describe(x)` gives the text of an object of the sandbox's own, or undefined. */
export function inspect(value: unknown, describe: (value: object) => string | undefined): string {
  const around = bareList<object>()
  let nodes = 0

  const write = (item: unknown): string => {
    if (typeof item === 'string') return stringify(item)
    if (typeof item === 'function') return `[function ${asText(item.name) || 'without a name'}]`
    if (typeof item !== 'object' || item === null) return asText(item)
    if (++nodes > maxNodes || around.length > maxDepth) return '…'
    for (let at = 0; at < around.length; at++) if (around[at] === item) return '[circular]'
    around[around.length] = item
    const text = describe(item) ?? writeObject(item)
    around.length--
    return text
  }
  const writeObject = (item: object): string => {
    if (isArray(item) || isView(item)) return `[${join(each(item as unknown as ArrayLike<unknown>))}]`
    if (item instanceof PlainMap) return `Map(${mapSize(item)}) {${join(entries(item))}}`
    if (item instanceof PlainSet) return `Set(${setSize(item)}) {${join(members(item))}}`
    if (item instanceof PlainError) return `${asText(item.name)}: ${asText(item.message)}`
    if (item instanceof PlainDate) return isoDate(item) ?? 'Invalid Date'
    if (item instanceof PlainRegExp) return writeRegExp(item)
    if (item instanceof BoxedText) return stringify(item)
    return `${className(item)}{${join(fields(item as Record<string, unknown>))}}`
  }
  const each = (items: ArrayLike<unknown>) => {
    const parts = bareList<string>()
    for (let at = 0; at < items.length && nodes <= maxNodes; at++) parts[at] = write(items[at])
    return parts
  }
  const fields = (item: Record<string, unknown>) => {
    const parts = bareList<string>()
    const names = keys(item)
    for (let at = 0; at < names.length; at++)
      parts[at] = `${stringify(names[at])}: ${write(item[names[at]!])}`
    return parts
  }
  const entries = (item: Map<unknown, unknown>) => {
    const parts = bareList<string>()
    eachOfMap(item, (entry, key) => {
      parts[parts.length] = `${write(key)} => ${write(entry)}`
    })
    return parts
  }
  const members = (item: Set<unknown>) => {
    const parts = bareList<string>()
    eachOfSet(item, (entry) => {
      parts[parts.length] = write(entry)
    })
    return parts
  }
  return write(value)
}

function join(parts: readonly string[]): string {
  let text = ''
  for (let at = 0; at < parts.length; at++) text += at === 0 ? parts[at] : `, ${parts[at]}`
  return text
}

function className(item: object): string {
  const prototype = getPrototypeOf(item)
  if (prototype === objectPrototype || prototype === null) return ''
  const name = (item as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== '' ? `${name} ` : ''
}
