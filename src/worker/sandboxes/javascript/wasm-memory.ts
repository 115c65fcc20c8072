// The engine's memory: capped, with a reserve to end a step in that has used it up, and texts copied in and out of it.
// Emscripten copies texts character by character in JavaScript, which takes 100 ms for ten million; Node's own conversions
// take a tenth of that.

interface Memory {
  /** Another one each time the memory has grown. */
  readonly buffer: ArrayBuffer
}

/** What of Emscripten's module object is used, and what of it is put in place. */
interface EmscriptenModule {
  _malloc(bytes: number): number
  _free(pointer: number): void
  lengthBytesUTF8(text: string | Buffer): number
  stringToUTF8(text: string | Buffer, pointer: number, most: number): void
  UTF8ToString(pointer: number): string
}

export interface WasmMemory {
  readonly memory: Memory
  /** Options for Emscripten's module. */
  readonly options: object
  /** Whether all of it has been given out once: then an error may be for the lack of memory. */
  isFull(): boolean
  /** Gives the reserve to the code that runs, or takes it back as far as there is room. */
  setReserve(isOpen: boolean): void
}

/** A text did not fit. */
export class OutOfMemory extends Error {
  override readonly message = 'out of memory'
}

const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Memory: new (limits: { initial: number; maximum: number }) => Memory }
}
const pageBytes = 1 << 16
const initialPages = 256
const mostPages = 32_768
const reserveBytes = 32 << 20
const encoder = new TextEncoder()

export function capMemory(bytes: number): WasmMemory {
  const maximum = Math.min(mostPages, Math.ceil(bytes / pageBytes))
  const memory = new WebAssembly.Memory({ initial: initialPages, maximum })
  let module: EmscriptenModule
  let reserve = 0
  return {
    memory,
    options: {
      preRun: [
        (made: EmscriptenModule) => {
          module = Object.assign(made, textMethods(memory))
        },
      ],
    },
    isFull: () => memory.buffer.byteLength > 0.9 * maximum * pageBytes,
    setReserve(isOpen) {
      if (isOpen && reserve !== 0) {
        module._free(reserve)
        reserve = 0
      } else if (!isOpen && reserve === 0) reserve = module._malloc(reserveBytes)
    },
  }
}

/** Bytes of UTF-8 may be given instead of a string. */
function textMethods(memory: Memory): Omit<EmscriptenModule, '_malloc' | '_free'> {
  return {
    lengthBytesUTF8: (text) => (typeof text === 'string' ? Buffer.byteLength(text) : text.length),
    stringToUTF8(text, pointer, most) {
      if (pointer === 0) throw new OutOfMemory()
      const target = new Uint8Array(memory.buffer, pointer, most)
      const written = typeof text === 'string' ? encoder.encodeInto(text, target).written : text.copy(target)
      target[written] = 0
    },
    UTF8ToString(pointer) {
      if (pointer === 0) throw new OutOfMemory()
      const bytes = Buffer.from(memory.buffer, pointer)
      return bytes.toString('utf8', 0, bytes.indexOf(0))
    },
  }
}
