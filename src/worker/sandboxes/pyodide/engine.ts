// CPython in WebAssembly, as Pyodide has it: started, given its descriptors, sealed. Of Pyodide's own bridges between
// Python and JavaScript none is left then.
import { constants } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Device, Errors, Memory } from './devices.ts'
import { createSeal, type Imports } from './imports.ts'

/** What of Pyodide is used. */
interface Pyodide {
  readonly FS: FileSystem
  readonly _module: Memory & {
    stringToNewUTF8(text: string): number
    _PyRun_SimpleStringFlags(source: number, flags: number): number
    _emscripten_stack_get_free(): number
    __emscripten_stack_alloc(bytes: number): number
  }
  runPython(code: string): unknown
  setInterruptBuffer(buffer: { 0: number }): void
  makeMemorySnapshot(): Uint8Array
}

interface FileSystem extends Errors {
  makedev(major: number, minor: number): number
  registerDevice(number: number, operations: object): void
  mkdev(path: string, number: number): void
  open(path: string, flags: string): { readonly fd: number }
  mkdirTree(path: string): void
  writeFile(path: string, text: Uint8Array): void
}

export interface EngineOptions {
  /** Pyodide's package. */
  readonly folder: string
  readonly memoryBytes: number
  /** Absent: it starts anew, which takes seconds, and a snapshot can be made of it. */
  readonly snapshot?: Uint8Array
  /** What ends the process when the engine asks for what it must not have. */
  end(): never
}

export interface Engine {
  readonly makeSnapshot: () => Uint8Array
  addFile(path: string, bytes: Uint8Array): void
  runPython(code: string): void
  /** Gives Python the descriptors from 3 on, in order. */
  attach(devices: (memory: Memory, errors: Errors) => readonly Device[]): void
  /** `signal` is asked again and again while Python runs; what it answers is a signal, or 0. */
  signalWhen(signal: () => number): void
  /** Takes everything from the engine but what imports.ts keeps; then only `run` may be used. */
  seal(): void
  /** Runs Python; whether it ended without an error. */
  run(code: string): boolean
}

/**
 * Of the engine's own stack, by which Python knows that a recursion is too deep. There is more of it, but the process's
 * would end before, and Python with it.
 */
const stackBytes = 1 << 20
/** Of devices of our own; Pyodide's have lower ones. */
const firstMajor = 200

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const seal = createSeal(options.memoryBytes, options.end)
  guardWebAssembly(seal.guard)
  // Emscripten asks for the constants of files, and Node's permissions refuse the way in which it does
  Object.assign(process, { binding: () => ({ fs: constants }) })
  const { loadPyodide } = (await import(pathToFileURL(join(options.folder, 'pyodide.mjs')).href)) as {
    loadPyodide(options: object): Promise<Pyodide>
  }
  const pyodide = await loadPyodide({
    ...(options.snapshot ? { _loadSnapshot: options.snapshot } : { _makeSnapshot: true }),
    env: { HOME: '/', PYTHONHASHSEED: '0' }, // a resumed run goes through sets in the same order
    jsglobals: {},
  })
  const { FS, _module: module } = pyodide
  return {
    makeSnapshot: () => pyodide.makeMemorySnapshot(),
    addFile(path, bytes) {
      FS.mkdirTree(path.slice(0, path.lastIndexOf('/')))
      FS.writeFile(path, bytes)
    },
    runPython: (code) => void pyodide.runPython(code),
    attach(devices) {
      for (const [at, device] of devices(module, FS).entries()) {
        const number = FS.makedev(firstMajor, at)
        FS.registerDevice(number, device)
        FS.mkdev(`/dev/runner-${at}`, number)
        const { fd } = FS.open(`/dev/runner-${at}`, 'r+')
        if (fd !== 3 + at) throw new Error(`descriptor ${3 + at} of the engine is taken`)
      }
    },
    signalWhen(signal) {
      pyodide.setInterruptBuffer({
        get 0() {
          return signal()
        },
        set 0(_) {},
      })
    },
    seal: seal.close,
    run(code) {
      module.__emscripten_stack_alloc(module._emscripten_stack_get_free() - stackBytes)
      return module._PyRun_SimpleStringFlags(module.stringToNewUTF8(code), 0) === 0
    },
  }
}

// Pyodide gives its imports to the global WebAssembly. Functions that wait for promises are no plain functions, and would
// go past the seal.
function guardWebAssembly(guard: (imports: Imports) => Imports): void {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { instantiate(source: unknown, imports?: Imports): unknown; Suspending?: unknown }
  }
  const { instantiate } = WebAssembly
  delete WebAssembly.Suspending
  WebAssembly.instantiate = (source, imports) => instantiate(source, imports && guard(imports))
}
