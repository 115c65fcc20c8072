// Values that leave the sandbox: copied so that no method of session code runs, and bounded.
import {
  asText,
  BoxedBoolean,
  BoxedNumber,
  BoxedText,
  bareList,
  create,
  eachOfMap,
  eachOfSet,
  freeze,
  getPrototypeOf,
  isArray,
  isFiniteNumber,
  isoDate,
  isSafeInteger,
  isView,
  keys,
  OutOfRange,
  objectPrototype,
  PlainDate,
  PlainError,
  PlainMap,
  PlainRegExp,
  PlainSet,
  unboxBoolean,
  unboxNumber,
  unboxText,
  WrongType,
  writeBigInt,
  writeRegExp,
} from './primordials.ts'

const maxNodes = 100_000
const maxDepth = 40
const maxCharacters = 16 << 20
const maxBigInt = 2n ** 4096n

/**
 * A copy made of null, booleans, finite numbers, strings, arrays and records only; numbers that JSON does not have become
 * strings. `reference(x)` gives what stands for an object outside, or undefined. Throws with a text for the model.
 * Frozen: the engine shows what it writes as JSON to setters that code may have given to all objects.
 */
export function toPlain(value: unknown, reference: (value: object) => unknown): unknown {
  return new Copier(reference).copy(value, 0)
}

class Copier {
  private readonly reference: (value: object) => unknown
  private nodes = 0
  private characters = 0

  constructor(reference: (value: object) => unknown) {
    this.reference = reference
  }

  copy(item: unknown, depth: number): unknown {
    if (++this.nodes > maxNodes || depth > maxDepth)
      throw new OutOfRange('the value is too large or nested too deeply to leave the sandbox')
    switch (typeof item) {
      case 'string':
        return this.counted(item)
      case 'number':
        return isFiniteNumber(item) ? item : asText(item)
      case 'boolean':
        return item
      case 'undefined':
        return null
      case 'bigint':
        return copyBigInt(item)
      case 'object':
        return item === null ? null : this.copyObject(item, depth)
      default:
        throw new WrongType(
          `a value of type ${typeof item} cannot leave the sandbox; convert it with String() or to an object`,
        )
    }
  }

  private counted(text: string): string {
    this.characters += text.length
    if (this.characters > maxCharacters)
      throw new OutOfRange(`the value has more than ${maxCharacters} characters`)
    return text
  }

  private copyObject(item: object, depth: number): unknown {
    const outside = this.reference(item)
    if (outside !== undefined) return outside
    if (isArray(item) || isView(item)) return this.copyItems(item as unknown as ArrayLike<unknown>, depth)
    const prototype = getPrototypeOf(item)
    if (prototype === objectPrototype || prototype === null) return this.copyRecord(item, depth)
    if (item instanceof PlainMap) return this.copyMap(item, depth)
    if (item instanceof PlainSet) return this.copySet(item, depth)
    if (item instanceof BoxedText) return this.counted(unboxText(item))
    if (item instanceof BoxedNumber) return this.copy(unboxNumber(item), depth)
    if (item instanceof BoxedBoolean) return unboxBoolean(item)
    if (item instanceof PlainDate) return isoDate(item)
    if (item instanceof PlainRegExp) return this.counted(writeRegExp(item))
    if (item instanceof PlainError) return this.counted(asText(item.message))
    return this.copyRecord(item, depth)
  }

  private copyItems(items: ArrayLike<unknown>, depth: number): readonly unknown[] {
    const made = bareList<unknown>()
    for (let at = 0; at < items.length; at++) made[at] = this.copy(items[at], depth + 1)
    return freeze(made)
  }

  private copyRecord(item: object, depth: number): object {
    const made = create(null)
    const names = keys(item)
    for (let at = 0; at < names.length; at++) {
      const name = names[at]!
      made[this.counted(name)] = this.copy((item as Record<string, unknown>)[name], depth + 1)
    }
    return freeze(made)
  }

  private copyMap(item: Map<unknown, unknown>, depth: number): object {
    const made = create(null)
    eachOfMap(item, (entry, key) => {
      if (typeof key === 'object' && key !== null)
        throw new WrongType('a Map whose keys are objects cannot leave the sandbox; use texts')
      made[this.counted(asText(key))] = this.copy(entry, depth + 1)
    })
    return freeze(made)
  }

  private copySet(item: Set<unknown>, depth: number): readonly unknown[] {
    const made = bareList<unknown>()
    eachOfSet(item, (entry) => {
      made[made.length] = this.copy(entry, depth + 1)
    })
    return freeze(made)
  }
}

function copyBigInt(item: bigint): number | string {
  if (item >= maxBigInt || item <= -maxBigInt)
    throw new OutOfRange('the integer is too large to leave the sandbox')
  const number = Number(item)
  return isSafeInteger(number) ? number : writeBigInt(item)
}
