// What the session finds in the global object beside the sandbox's functions: the language, without the ways to compile
// code from texts, to share memory and to look at objects from behind.
import { apply, defineProperty, getPrototypeOf, ownKeys } from './primordials.ts'

const kept = new Set(
  `Error EvalError RangeError ReferenceError SyntaxError TypeError URIError InternalError AggregateError Array Object
  Iterator parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape
  Infinity NaN undefined Number Boolean String Math Symbol BigInt Date RegExp JSON Map Set WeakMap WeakSet ArrayBuffer
  Uint8ClampedArray Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array
  Float16Array Float32Array Float64Array DataView Promise`.split(/\s+/),
)

/** Once, before any code of the session runs. */
export function harden(globals: object): void {
  for (const name of ownKeys(globals)) {
    if (typeof name === 'string' && !kept.has(name)) delete (globals as Record<string, unknown>)[name]
  }
  const nothing = { value: undefined, writable: false, configurable: false }
  const makers = [() => {}, function* () {}, async () => {}, async function* () {}]
  // each leads to a constructor that compiles texts
  for (const maker of makers) defineProperty(getPrototypeOf(maker) as object, 'constructor', nothing)
  keepOpen(globals)
}

/** No step may fix the global object: before the next one the sandbox's functions are put back into it. */
function keepOpen(globals: object): void {
  const methods = Object as unknown as Record<string, (target: unknown, ...rest: unknown[]) => unknown>
  for (const name of ['freeze', 'seal', 'preventExtensions', 'defineProperty', 'defineProperties']) {
    const original = methods[name]!
    const guarded = {
      [name](...args: unknown[]) {
        if (args[0] === globals)
          throw new TypeError(
            'the object of all variables stays as it is; assign to a variable, or use an object of your own',
          )
        return apply(original, methods, args)
      },
    }
    defineProperty(methods, name, { value: guarded[name], enumerable: false })
  }
}

/** A resumed run draws what it drew, and so asks what it asked. */
export function seedRandom(): void {
  let state = 0
  const { imul } = Math
  const draws = {
    random() {
      state = (state + 0x6d2b79f5) | 0 // mulberry32
      let bits = imul(state ^ (state >>> 15), state | 1)
      bits ^= bits + imul(bits ^ (bits >>> 7), bits | 61)
      return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
    },
  }
  Math.random = draws.random
}
