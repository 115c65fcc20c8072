// What the engine may ask of the process once it is sealed. WebAssembly reaches nothing but its imports, so this list is
// the whole of it: the protocol's descriptors, memory, the clock, the end. Neither JavaScript nor a file is among them,
// not even one of those that Pyodide keeps in memory.

/** Answered as before. */
export const kept = words(`
  fd_read fd_write fd_close fd_fdstat_get fd_seek __syscall_fstat64 __syscall_fcntl64 _try_fcntl64 __syscall_dup __syscall_ioctl
  _mmap_js _munmap_js emscripten_resize_heap emscripten_get_heap_max
  clock_time_get clock_res_get emscripten_get_now emscripten_date_now _tzset_js _localtime_js _gmtime_js _mktime_js
  _timegm_js random_get
  _PyEM_TrampolineCall_JS _Py_CheckEmscriptenSignals_Helper _Py_emscripten_runtime __call_sighandler
  emscripten_runtime_keepalive_push emscripten_runtime_keepalive_pop
  proc_exit exit`)

type Import = (...args: readonly unknown[]) => unknown
export type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** As WebAssembly's errno has it. */
const notPermitted = 63

export interface Seal {
  /** The imports as the engine gets them: memory up to a limit, and the seal in front of what is not kept. */
  guard(imports: Imports): Imports
  /** From now on what is not kept is refused: a system call with an error, all else by the end of the process. */
  close(): void
}

export function createSeal(memoryBytes: number, end: () => never): Seal {
  let closed = false
  const refuse = (name: string) => {
    if (name.startsWith('__syscall')) return -notPermitted
    return name.startsWith('fd_') ? notPermitted : end()
  }
  const guardOne = ([name, value]: [string, unknown]): [string, unknown] => {
    if (typeof value !== 'function')
      throw new Error(`the engine has an import that cannot be sealed: ${name}`)
    const call = value as Import
    if (name === 'emscripten_resize_heap')
      return [name, (bytes: number) => (bytes >>> 0 > memoryBytes ? 0 : call(bytes))]
    if (kept.has(name)) return [name, call]
    return [name, (...args: readonly unknown[]) => (closed ? refuse(name) : call(...args))]
  }
  return {
    guard: ({ env = {}, wasi_snapshot_preview1: wasi = {}, ...tables }) => ({
      ...tables, // of addresses: no functions
      env: Object.fromEntries(Object.entries(env).map(guardOne)),
      wasi_snapshot_preview1: Object.fromEntries(Object.entries(wasi).map(guardOne)),
    }),
    close() {
      closed = true
    },
  }
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
