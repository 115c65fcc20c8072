// A native addon of a kilobyte, written out byte by byte: Node has no way to make a system call, and an addon needs no
// compiler on the user's machine when it is only a table of calls and the loop that makes them. It is an ELF shared object
// with one symbol; loading it locks the process.
import { seccompProgram } from './filter.ts'
import { type MachineName, machines, systemCalls } from './machines.ts'

// From linux/prctl.h and linux/seccomp.h.
const setDeathSignal = 1
const setDumpable = 4
const setNoNewPrivileges = 38
const modeFilter = 1
const allThreads = 1
const kill = 9

const page = 0x10000 // the largest that aarch64 has
const headerBytes = 64
const segmentBytes = 56
const segments = 4
const symbolBytes = 24
const relocationBytes = 24
const callBytes = 48
const callWords = callBytes / 8

/** The bytes of the addon for a machine. */
export function kernelLock(machine: MachineName): Buffer {
  const { relative, routine } = machines[machine]
  const names = Buffer.from('\0napi_register_module_v1\0')
  const program = seccompProgram(machine)

  const hashAt = headerBytes + segments * segmentBytes
  const symbolsAt = hashAt + 24
  const namesAt = symbolsAt + 2 * symbolBytes
  const relocationsAt = align(namesAt + names.length)
  const codeAt = relocationsAt + 2 * relocationBytes
  const dataAt = align(codeAt + routine(0).length)
  const dynamicAt = dataAt
  const dynamicBytes = 9 * 16
  const callsAt = dynamicAt + dynamicBytes
  const calls = lockCalls(machine)
  const headAt = callsAt + calls.length // struct sock_fprog
  const programAt = headAt + 16
  const end = programAt + program.length
  const address = (offset: number) => (offset < dataAt ? offset : offset + page)
  const programPointerAt = callsAt + 3 * callBytes + 3 * 8

  const file = Buffer.alloc(end)
  writeHeader(file, machine)
  writeSegment(file, 0, { type: 1, flags: 5, offset: 0, address: 0, bytes: dataAt })
  writeSegment(file, 1, { type: 1, flags: 6, offset: dataAt, address: address(dataAt), bytes: end - dataAt })
  writeSegment(file, 2, {
    type: 2,
    flags: 6,
    offset: dynamicAt,
    address: address(dynamicAt),
    bytes: dynamicBytes,
  })
  writeSegment(file, 3, { type: 0x6474e551, flags: 6, offset: 0, address: 0, bytes: 0 }) // no executable stack
  for (const [at, word] of [1, 2, 1, 0, 0].entries()) file.writeUInt32LE(word, hashAt + 4 * at)
  writeSymbol(file, symbolsAt + symbolBytes, codeAt, routine(0).length)
  names.copy(file, namesAt)
  writeWords(file, relocationsAt, [address(programPointerAt), relative, address(headAt)])
  writeWords(file, relocationsAt + relocationBytes, [address(headAt + 8), relative, address(programAt)])
  routine(address(callsAt) - codeAt).copy(file, codeAt)
  writeWords(file, dynamicAt, [
    ...[4, hashAt, 5, namesAt, 6, symbolsAt, 10, names.length, 11, symbolBytes],
    ...[7, relocationsAt, 8, 2 * relocationBytes, 9, relocationBytes, 0, 0],
  ])
  calls.copy(file, callsAt)
  file.writeUInt16LE(program.length / 8, headAt)
  program.copy(file, programAt)
  return file
}

/** What locks the process, in order; the program's address is filled in by the loader. */
function lockCalls(machine: MachineName): Buffer {
  const { column } = machines[machine]
  const rows: (readonly (number | null)[])[] = [
    [systemCalls.prctl[column], setDeathSignal, kill],
    [systemCalls.prctl[column], setDumpable, 0],
    [systemCalls.prctl[column], setNoNewPrivileges, 1],
    [systemCalls.seccomp[column], modeFilter, allThreads, 0],
    [-1],
  ]
  const table = Buffer.alloc(rows.length * callBytes)
  for (const [at, row] of rows.entries())
    writeWords(table, at * callBytes, [...row, ...Array(callWords - row.length).fill(0)])
  return table
}

function writeHeader(file: Buffer, machine: MachineName): void {
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(file)
  file.writeUInt16LE(3, 16) // a shared object
  file.writeUInt16LE(machines[machine].elf, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(headerBytes), 32)
  file.writeUInt16LE(headerBytes, 52)
  file.writeUInt16LE(segmentBytes, 54)
  file.writeUInt16LE(segments, 56)
}

interface Segment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly address: number
  readonly bytes: number
}

function writeSegment(file: Buffer, at: number, { type, flags, offset, address, bytes }: Segment): void {
  const start = headerBytes + at * segmentBytes
  file.writeUInt32LE(type, start)
  file.writeUInt32LE(flags, start + 4)
  writeWords(file, start + 8, [offset, address, address, bytes, bytes, type === 1 ? page : 8])
}

function writeSymbol(file: Buffer, start: number, address: number, bytes: number): void {
  file.writeUInt32LE(1, start) // its name
  file.writeUInt8(0x12, start + 4) // global, a function
  file.writeUInt16LE(1, start + 6) // defined
  writeWords(file, start + 8, [address, bytes])
}

function writeWords(file: Buffer, start: number, words: readonly (number | null)[]): void {
  for (const [at, word] of words.entries()) file.writeBigInt64LE(BigInt(word ?? -1), start + 8 * at)
}

function align(offset: number): number {
  return Math.ceil(offset / 8) * 8
}
