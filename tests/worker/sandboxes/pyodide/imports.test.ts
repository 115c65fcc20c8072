// The seal: what of the engine's imports is kept, as a list that each version of Pyodide is held against.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSeal, kept } from '../../../../src/worker/sandboxes/pyodide/imports.ts'
import { findPyodide } from '../../../../src/worker/sandboxes/pyodide.ts'

interface Import {
  readonly module: string
  readonly name: string
  readonly kind: string
}
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { compile(bytes: Buffer): Promise<object>; Module: { imports(module: object): Import[] } }
}

const ended = Symbol('the process ends')
const end = (): never => {
  throw ended
}

function sealed(names: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>) {
  const seal = createSeal(1 << 20, end)
  const { env = {} } = seal.guard({ env: names })
  return { seal, env: env as typeof names }
}

test('what is kept is in the engine, and every function of the engine that is not stands behind the seal', async () => {
  const engine = await WebAssembly.compile(readFileSync(join(findPyodide()!.folder, 'pyodide.asm.wasm')))
  const imports = WebAssembly.Module.imports(engine)
  const functions = imports.filter(({ kind }) => kind === 'function')
  expect([...new Set(functions.map(({ module }) => module))].sort()).toEqual([
    'env',
    'wasi_snapshot_preview1',
  ])
  const names = functions.map(({ name }) => name)
  expect([...kept].filter((name) => !names.includes(name))).toEqual([])
  expect(imports.filter(({ kind }) => kind === 'memory' || kind === 'table')).toEqual([])
})

test('nothing of JavaScript, files, programs, libraries or sockets is kept', () => {
  const suspicious =
    /js|hiwire|proxy|open|path|link|dir|stat64_|mknod|system|_dl|sock|connect|send|recv|addr|ffi|run_script|asm_const/i
  // Emscripten's names for memory, time and calls through tables
  const known = [
    '_mmap_js',
    '_munmap_js',
    '_tzset_js',
    '_localtime_js',
    '_gmtime_js',
    '_mktime_js',
    '_timegm_js',
    '_PyEM_TrampolineCall_JS',
  ]
  expect([...kept].filter((name) => suspicious.test(name))).toEqual(known)
})

test('before it is closed everything is answered, afterwards only what is kept', () => {
  const { seal, env } = sealed({
    random_get: () => 'kept',
    __syscall_openat: () => 'open',
    fd_sync: () => 'sync',
    run_js: () => 'js',
  })
  const answers = () => [env.random_get!(), env.__syscall_openat!(), env.fd_sync!()]
  expect([...answers(), env.run_js!()]).toEqual(['kept', 'open', 'sync', 'js'])
  seal.close()
  expect(answers()).toEqual(['kept', -63, 63])
  expect(() => env.run_js!()).toThrow(ended as never)
})

test('memory grows to its limit and not beyond', () => {
  const { env } = sealed({ emscripten_resize_heap: () => 1 })
  expect([1 << 20, (1 << 20) + 1, -1].map((bytes) => env.emscripten_resize_heap!(bytes))).toEqual([1, 0, 0])
})

test('what is no function cannot be called past the seal', () => {
  expect(() => sealed({ waits: {} as never })).toThrow(
    'the engine has an import that cannot be sealed: waits',
  )
})
