// The engine's descriptors: each leads to one of the process's, or to the step's clock, and nowhere else.
import { readSync, writeSync } from 'node:fs'
import type { StepTimer } from './step-timer.ts'

/** As Emscripten's file system calls a device; a method that throws is an input/output error to Python. */
export interface Device {
  open?(stream: object): void
  read?(stream: object, memory: Int8Array, at: number, length: number): number
  write?(stream: object, memory: Int8Array, at: number, length: number): number
  mmap?(stream: object, length: number, position: number): { ptr: number; allocated: boolean }
}

/** What Emscripten's file system throws. */
export interface Errors {
  readonly ErrnoError: new (number: number) => Error
}

/** What a map of a file is copied into. */
export interface Memory {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
}

const [inDescriptor, outDescriptor, packDescriptor] = [3, 4, 5]
const [inputOutput, noMemory] = [29, 48] // WebAssembly's errno

/**
 * 3 in, 4 out, 5 the documents' pack, 6 the clock: a number written to it is the milliseconds that the step has, 7 memory
 * with whatever is in it.
 */
export function runnerDevices(timer: StepTimer, memory: Memory, { ErrnoError }: Errors): Device[] {
  const allocate = (length: number) => {
    const ptr = memory._malloc(length)
    if (ptr === 0) throw new ErrnoError(noMemory)
    return { ptr, allocated: true }
  }
  return [
    { read: (_, bytes, at, length) => timer.outside(() => readSync(inDescriptor, bytes, at, length, null)) },
    { write: (_, bytes, at, length) => writeSync(outDescriptor, bytes, at, length) },
    {
      mmap(_, length, position) {
        const map = allocate(length)
        for (let done = 0; done < length; ) {
          const count = readSync(
            packDescriptor,
            memory.HEAPU8,
            map.ptr + done,
            length - done,
            position + done,
          )
          if (count === 0) throw new ErrnoError(inputOutput)
          done += count
        }
        return map
      },
    },
    {
      write(_, bytes, at, length) {
        timer.begin(Number(Buffer.from(bytes.subarray(at, at + length)).toString('latin1')))
        return length
      },
    },
    { mmap: (_, length) => allocate(length) },
  ]
}
