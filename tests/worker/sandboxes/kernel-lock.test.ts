// The addon that locks a Node process: what its filter decides, call by call, on every machine it is made for; and, on this
// one, what a locked process can still do.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { kernelLock } from '../../../src/worker/sandboxes/kernel-lock/addon.ts'
import { seccompProgram } from '../../../src/worker/sandboxes/kernel-lock/filter.ts'
import {
  type MachineName,
  machines,
  type SystemCall,
  systemCalls,
} from '../../../src/worker/sandboxes/kernel-lock/machines.ts'
import { builtFolder } from './helpers/built.ts'
import { temporaryFolder } from './helpers/python-session.ts'

type Decision = 'allow' | 'EPERM' | 'kill'

const decisions: Record<number, Decision> = { 2147418112: 'allow', 327681: 'EPERM', 2147483648: 'kill' }

/** Runs the program as the kernel does: classic BPF over struct seccomp_data. */
function decide(
  machine: MachineName,
  number: number,
  args: readonly number[] = [],
  audit?: number,
): Decision {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(audit ?? machines[machine].audit, 4)
  for (const [at, value] of args.entries()) data.writeBigUInt64LE(BigInt(value), 16 + 8 * at)
  const program = seccompProgram(machine)
  let accumulator = 0
  for (let at = 0; at < program.length / 8; at++) {
    const code = program.readUInt16LE(8 * at)
    const value = program.readUInt32LE(8 * at + 4)
    const holds: Record<number, () => boolean> = {
      21: () => accumulator === value,
      53: () => accumulator >= value,
      69: () => (accumulator & value) !== 0,
    }
    if (code === 0x06) return decisions[value]!
    if (code === 0x20) accumulator = data.readUInt32LE(value)
    else at += program.readUInt8(8 * at + (holds[code]!() ? 2 : 3))
  }
  throw new Error('the program has no end')
}

const names = Object.keys(systemCalls) as SystemCall[]
const numberOf = (machine: MachineName, name: SystemCall) => systemCalls[name][machines[machine].column]!
const deadly = names.filter((name) =>
  /^(?:exec|.?fork|clone|socket|ptrace|process_vm|bpf|io_uring|userfaultfd|kexec|.*init_module|mount|keyctl|perf_event|unshare|setns)/.test(
    name,
  ),
)

describe.each(Object.keys(machines) as MachineName[])('the filter for %s', (machine) => {
  const decideCall = (name: SystemCall, args?: readonly number[]) =>
    decide(machine, numberOf(machine, name), args)

  test('reads and writes only where the protocol and Node itself do', () => {
    const allowed = (name: 'read' | 'write' | 'pread64') =>
      Array.from({ length: 10 }, (_, descriptor) => descriptor).filter(
        (descriptor) => decideCall(name, [descriptor]) === 'allow',
      )
    expect(allowed('read')).toEqual([3, 6, 7, 8, 9])
    expect(allowed('write')).toEqual([4, 6, 7, 8, 9])
    expect(allowed('pread64')).toEqual([5])
  })

  test('maps memory, but no file', () => {
    const [privateMapping, anonymous] = [2, 0x20]
    expect(decideCall('mmap', [0, 4096, 3, privateMapping | anonymous, 2 ** 32 - 1])).toBe('allow')
    expect(decideCall('mmap', [0, 4096, 1, privateMapping, 5])).toBe('EPERM')
  })

  test('ends the process that starts one, connects, or looks into another', () => {
    expect(deadly.length).toBeGreaterThan(18)
    for (const name of deadly)
      if (numberOf(machine, name) !== null) expect([name, decideCall(name)]).toEqual([name, 'kill'])
  })

  test('refuses everything else', () => {
    const listed = new Set(names.map((name) => numberOf(machine, name)))
    const others = Array.from({ length: 470 }, (_, number) => number).filter((number) => !listed.has(number))
    expect(others.length).toBeGreaterThan(380)
    expect([...new Set(others.map((number) => decide(machine, number)))]).toEqual(['EPERM'])
    expect([decideCall('prctl'), decideCall('seccomp')]).toEqual(['EPERM', 'EPERM'])
  })

  test('ends the process that comes by another architecture', () => {
    const other = machine === 'x64' ? machines.arm64.audit : machines.x64.audit
    expect(decide(machine, numberOf(machine, 'getpid'), [], other)).toBe('kill')
    expect(decide(machine, numberOf(machine, 'getpid'), [], 0x40000003)).toBe('kill')
    if (machine === 'x64') expect(decide(machine, 0x40000000 | 39)).toBe('kill')
  })

  test('is in an addon of two kilobytes', () => {
    const addon = kernelLock(machine)
    expect(addon.subarray(0, 4).toString('latin1')).toBe('\x7fELF')
    expect(addon.includes(seccompProgram(machine))).toBe(true)
    expect(addon.length).toBeLessThan(2048)
  })
})

/** The kernel's own headers, where they are installed. */
const headers: readonly (readonly [machine: MachineName, file: string])[] = [
  ['x64', '/usr/include/x86_64-linux-gnu/asm/unistd_64.h'],
  ['x64', '/usr/include/asm/unistd_64.h'],
  ['arm64', '/usr/include/asm-generic/unistd.h'],
]

test.each(headers.filter(([, file]) => existsSync(file)))(
  'the numbers for %s are those of %s',
  (machine, file) => {
    const defined = new Map(
      [...readFileSync(file, 'utf8').matchAll(/#define __NR(?:3264)?_(\w+) (\d+)/g)].map(
        ([, name, number]) => [name, Number(number)],
      ),
    )
    const known = names.filter((name) => numberOf(machine, name) !== null)
    expect(known.map((name) => [name, numberOf(machine, name)])).toEqual(
      known.map((name) => [name, defined.get(name)]),
    )
  },
)

const addon = join(builtFolder, `kernel-lock-${process.arch}.node`)
const isLockable = process.platform === 'linux' && process.arch in machines

describe.runIf(isLockable)('a locked process', () => {
  const runLocked = (code: string) =>
    spawnSync(
      process.execPath,
      ['-e', `const fs = require('fs'); process.dlopen({ exports: {} }, ${JSON.stringify(addon)}); ${code}`],
      { stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'pipe'], env: {} },
    )
  const said = (code: string) =>
    runLocked(
      `let said; try { said = String(${code}) } catch (e) { said = e.code } fs.writeSync(4, said)`,
    ).output[4]?.toString()

  test.each([
    ['opens no file', "fs.openSync('/etc/passwd')"],
    ['sees no file', "fs.statSync('/')"],
    ['lists no folder', "fs.readdirSync('/')"],
    ['writes no file', "fs.writeFileSync('/tmp/rlms-test-marker', 'x')"],
    ['sends no signal', 'process.kill(process.pid, 0)'],
    ['writes to no other descriptor', "fs.writeSync(2, 'x')"],
    ['changes no folder', "process.chdir('/tmp')"],
  ])('%s', (_what, code) => {
    expect(said(code)).toBe('EPERM')
  })

  test('computes, and takes memory, and answers', () => {
    expect(said('Buffer.alloc(1 << 27, 1).length + [...Array(1e5).keys()].length')).toBe(
      String((1 << 27) + 1e5),
    )
  })

  test('starts no other program', () => {
    const marker = join(temporaryFolder(), 'marker')
    runLocked(`require('child_process').spawnSync('touch', [${JSON.stringify(marker)}])`)
    expect(existsSync(marker)).toBe(false)
  })

  test.each([
    ['connects', "require('net').connect(9, '127.0.0.1')"],
    ['makes a thread', "new (require('worker_threads').Worker)('', { eval: true })"],
  ])('is ended when it %s', (_what, code) => {
    expect(runLocked(code).signal).toBe('SIGSYS')
  })
})

/** Loads the lock as Node does, then makes the system calls of its argument as machine code would that broke out of V8. */
const nativeCode = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
lock = ctypes.CDLL(sys.argv[1])
lock.napi_register_module_v1(None, None)
open_to_it = []
for number in map(int, sys.argv[2].split(",")):
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1: open_to_it.append(number)
os.write(4, repr(open_to_it).encode())
os._exit(0)
`

describe.runIf(isLockable)('machine code in a locked process', () => {
  const machine = process.arch as MachineName
  const runNative = (numbers: readonly number[]) =>
    spawnSync(findPython().path, ['-I', '-S', '-c', nativeCode, addon, numbers.join()], {
      stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'pipe'],
      env: {},
    })

  test('is refused every call that is not listed, by the kernel itself', () => {
    const listed = names.filter((name) => !['prctl', 'seccomp'].includes(name))
    const known = new Set([...listed.map((name) => numberOf(machine, name)), 335, 336]) // uretprobe, uprobe: past every filter
    const others = Array.from({ length: 512 }, (_, number) => number).filter((number) => !known.has(number))
    const { output, status, stderr } = runNative(others)
    expect([status, String(output[4]), String(stderr)]).toEqual([0, '[]', ''])
  })

  test.each(deadly.filter((name) => numberOf(machine, name) !== null))('is ended at %s', (name) => {
    expect(runNative([numberOf(machine, name)]).signal).toBe('SIGSYS')
  })
})
