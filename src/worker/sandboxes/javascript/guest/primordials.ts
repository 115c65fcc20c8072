// What the sandbox's own code inside the engine uses of the language, taken before any code of the session runs: what the
// session changes later does not change what its functions do.

const { apply } = Reflect

/** `method(self, ...)` for a method that is called on its `this`. */
function unbound<Self, Args extends unknown[], Result>(
  method: (this: Self, ...args: Args) => Result,
): (self: Self, ...args: Args) => Result {
  return (self, ...args) => apply(method, self, args) as Result
}

function getter(prototype: object, name: PropertyKey): (self: object) => unknown {
  const read = Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown
  return (self) => apply(read, self, [])
}

export { apply }
export const { parse, stringify } = JSON
export const { isArray } = Array
export const { ownKeys, getPrototypeOf } = Reflect
export const {
  create,
  defineProperty,
  freeze,
  getOwnPropertyDescriptor,
  keys,
  preventExtensions,
  setPrototypeOf,
} = Object
export const { isFinite: isFiniteNumber, isSafeInteger } = Number
export const { isView } = ArrayBuffer
export const objectPrototype = Object.prototype
const arrayPrototype = Array.prototype
export const asText = String
export const LookThrough = Proxy
export const [PlainMap, PlainSet, PlainDate, PlainRegExp, PlainPromise] = [
  Map,
  Set,
  Date,
  RegExp,
  Promise,
] as const
export const [PlainError, WrongType, OutOfRange, NoSuchName] = [
  Error,
  TypeError,
  RangeError,
  ReferenceError,
] as const
export const [BoxedText, BoxedNumber, BoxedBoolean] = [String, Number, Boolean] as const

export const joinTexts = unbound(Array.prototype.join as (this: readonly string[], between: string) => string)
export const sliceArray = unbound(
  Array.prototype.slice as (this: readonly string[], start?: number, end?: number) => string[],
)
export const slice = unbound(String.prototype.slice)
export const upperCase = unbound(String.prototype.toUpperCase)
export const unboxText = unbound(String.prototype.valueOf)
export const unboxNumber = unbound(Number.prototype.valueOf)
export const unboxBoolean = unbound(Boolean.prototype.valueOf)
export const isoDate = unbound(Date.prototype.toJSON)
export const writeBigInt = unbound(BigInt.prototype.toString)
export const writeRegExp = unbound(RegExp.prototype.toString)
export const has = unbound(Object.prototype.hasOwnProperty)
export const test = unbound(RegExp.prototype.test)
export const eachOfMap = unbound(
  Map.prototype.forEach as (
    this: Map<unknown, unknown>,
    visit: (value: unknown, key: unknown) => void,
  ) => void,
)
export const eachOfSet = unbound(
  Set.prototype.forEach as (this: Set<unknown>, visit: (value: unknown) => void) => void,
)
export const afterwards = unbound(
  Promise.prototype.then as (
    this: Promise<unknown>,
    done: () => void,
    failed: (reason: unknown) => void,
  ) => Promise<unknown>,
)
export const regexSource = getter(RegExp.prototype, 'source')
export const regexFlags = getter(RegExp.prototype, 'flags')
export const mapSize = getter(Map.prototype, 'size')
export const setSize = getter(Set.prototype, 'size')
const remember = unbound(
  WeakMap.prototype.set as (
    this: WeakMap<object, unknown>,
    key: object,
    value: unknown,
  ) => WeakMap<object, unknown>,
)
const recall = unbound(WeakMap.prototype.get as (this: WeakMap<object, unknown>, key: object) => unknown)

/** An array without a prototype: it has no toJSON, and no setter that an element could fall into. */
export function bareList<Item>(): Item[] {
  return setPrototypeOf([], null)
}

/** Makes an array of the session's of it. */
export function asArray<Item>(list: Item[]): Item[] {
  return setPrototypeOf(list, arrayPrototype)
}

/** A property that no enumeration shows; whatever Object.prototype was given, it is just this. */
export function setHidden(target: object, name: string, value: unknown, changeable: boolean): void {
  const property = { value, writable: changeable, configurable: changeable, enumerable: false }
  defineProperty(target, name, setPrototypeOf(property, null))
}

/** What the sandbox knows about an object of the session; nothing of the session can read or change it. */
export function notes<Note>() {
  const kept = new WeakMap<object, unknown>()
  return {
    set: (about: object, note: Note) => void remember(kept, about, note),
    get: (about: object) => recall(kept, about) as Note | undefined,
  }
}
