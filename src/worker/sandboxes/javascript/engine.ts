// QuickJS in WebAssembly, its memory capped: the engine that runs the session's code. All that it can call is what the
// runner gives it; all that crosses over is texts.
import { isUtf8 } from 'node:buffer'
import * as packaged from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'
import { capMemory, type WasmMemory } from './wasm-memory.ts'

/** Of WebAssembly's own stack. The process's must be much larger (javascript.ts): its frames are. */
const stackBytes = 1 << 20
const evalAsync = 1 << 7 // JS_EVAL_FLAG_ASYNC

export interface Engine {
  readonly context: QuickJSContext
  /** Evaluates a program; with `awaits`, to a promise. The error is a handle of what was thrown. */
  evaluate(source: string, file: string, awaits: boolean): { value: QuickJSHandle } | { error: QuickJSHandle }
  /** Runs what promises have left to do, until there is nothing or `mayGoOn` says no. */
  runJobs(mayGoOn: () => boolean): void
  /** Ends what promises have left to do: none of it can call anything, so none of it goes on. */
  dropJobs(): void
  /** `isOver` is asked again and again while code runs; once it says yes, the code ends and cannot catch it. */
  interruptWhen(isOver: () => boolean): void
  /** See wasm-memory.ts: the engine's own limit does not know what it has given out. */
  readonly isFull: WasmMemory['isFull']
  readonly setReserve: WasmMemory['setReserve']
  /** Bytes of UTF-8, valid or not, as a text. */
  newText(text: string | Buffer): QuickJSHandle
  readText(handle: QuickJSHandle): string
  parseJson(json: string): QuickJSHandle
}

export async function openEngine(wasm: Buffer, memoryBytes: number): Promise<Engine> {
  const memory = capMemory(memoryBytes)
  const variant = newVariant(packaged.default as unknown as QuickJSSyncVariant, {
    wasmBinary: new Uint8Array(wasm).buffer,
    wasmMemory: memory.memory,
    emscriptenModule: memory.options,
  })
  const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime()
  runtime.setMaxStackSize(stackBytes)
  const context = runtime.newContext()
  const json = context.getProp(context.global, 'JSON')
  const [parse, stringify] = [context.getProp(json, 'parse'), context.getProp(json, 'stringify')]
  const call = (method: QuickJSHandle, argument: QuickJSHandle) =>
    argument.consume((given) => context.unwrapResult(context.callFunction(method, context.undefined, given)))

  const newText = (text: string | Buffer) => {
    if (typeof text === 'string')
      return isSimple(text) ? context.newString(text) : parseJson(JSON.stringify(text))
    if (isUtf8(text) && !text.includes(0)) return context.newString(text as unknown as string)
    return newText(decoder.decode(text))
  }
  const parseJson = (text: string) => call(parse, context.newString(text))
  return {
    context,
    newText,
    parseJson,
    evaluate(source, file, awaits) {
      const result = context.evalCode(source, file, awaits ? evalAsync : 0)
      return result.error ? { error: result.error } : { value: result.value }
    },
    runJobs(mayGoOn) {
      while (runtime.hasPendingJob() && mayGoOn()) runtime.executePendingJobs(1000).dispose()
    },
    dropJobs() {
      runtime.setMaxStackSize(1)
      while (runtime.hasPendingJob()) runtime.executePendingJobs(1000).dispose()
      runtime.setMaxStackSize(stackBytes)
    },
    interruptWhen: (isOver) => runtime.setInterruptHandler(isOver),
    isFull: memory.isFull,
    setReserve: memory.setReserve,
    readText(handle) {
      const text = context.getString(handle)
      // a NUL ends a C string, half of a pair is no UTF-8: then the lengths differ
      const length = context.getProp(handle, 'length').consume((value) => context.getNumber(value))
      if (text.length === length) return text
      return JSON.parse(call(stringify, handle.dup()).consume((value) => context.getString(value)))
    },
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function isSimple(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text)
}
