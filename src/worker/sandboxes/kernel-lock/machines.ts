// What differs between the processors that the kernel lock is made for: numbers, and the one routine, in machine code.
// Sources: Linux's system call tables, seccomp(2), the ABI supplements' relocation types.

type Numbers = readonly [x64: number, arm64: number | null]
const numbered = <Name extends string>(rows: Record<Name, Numbers>): Readonly<Record<Name, Numbers>> => rows

/** Null where the architecture has no such call. */
export const systemCalls = numbered({
  // biome-ignore-start format: a table
  read: [0, 63],
  write: [1, 64],
  pread64: [17, 67],
  mmap: [9, 222],
  mprotect: [10, 226],
  pkey_mprotect: [329, 288],
  munmap: [11, 215],
  mremap: [25, 216],
  brk: [12, 214],
  madvise: [28, 233],
  futex: [202, 98],
  membarrier: [324, 283],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  sigaltstack: [131, 132],
  sched_yield: [24, 124],
  nanosleep: [35, 101],
  clock_nanosleep: [230, 115],
  clock_gettime: [228, 113],
  clock_getres: [229, 114],
  gettimeofday: [96, 169],
  getrusage: [98, 165],
  times: [100, 153],
  getrandom: [318, 278],
  getpid: [39, 172],
  gettid: [186, 178],
  exit: [60, 93],
  exit_group: [231, 94],
  restart_syscall: [219, 128],
  rseq: [334, 293],
  set_robust_list: [273, 99],
  epoll_wait: [232, null],
  epoll_pwait: [281, 22],
  execve: [59, 221],
  execveat: [322, 281],
  fork: [57, null],
  vfork: [58, null],
  clone: [56, 220],
  clone3: [435, 435],
  socket: [41, 198],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  bpf: [321, 280],
  io_uring_setup: [425, 425],
  userfaultfd: [323, 282],
  kexec_load: [246, 104],
  init_module: [175, 105],
  finit_module: [313, 273],
  mount: [165, 40],
  keyctl: [250, 219],
  perf_event_open: [298, 241],
  unshare: [272, 97],
  setns: [308, 268],
  prctl: [157, 167],
  seccomp: [317, 277],
  // biome-ignore-end format: a table
})
export type SystemCall = keyof typeof systemCalls

export type MachineName = 'x64' | 'arm64'

interface Machine {
  /** Of the numbers above. */
  readonly column: 0 | 1
  /** What ELF calls it. */
  readonly elf: number
  /** The type of a relocation that adds the address of the file. */
  readonly relative: number
  /** What seccomp calls it. */
  readonly audit: number
  /** Numbers from here on are those of another ABI. */
  readonly x32: number | null
  routine(table: number): Buffer
}

/**
 * `routine(table)`: the code of `napi_register_module_v1(env, exports)`, when the table of calls begins `table` bytes behind
 * the code's start. It makes one system call for each row of six words, number first, until a number below zero, and
 * returns `exports`. What a call answers is not looked at: the lock is believed when it refuses something.
 */
export const machines: Readonly<Record<MachineName, Machine>> = {
  x64: { column: 0, elf: 62, relative: 8, audit: 0xc000003e, x32: 0x40000000, routine: x64Routine },
  arm64: { column: 1, elf: 183, relative: 1027, audit: 0xc00000b7, x32: null, routine: arm64Routine },
}

function x64Routine(table: number): Buffer {
  const code = Buffer.from(
    [
      '53 41 54 49 89 f4', //    push rbx; push r12; mov r12, rsi
      '48 8d 1d 00 00 00 00', // lea rbx, [rip + table]
      '48 8b 03 48 85 c0', //    next: mov rax, [rbx]; test rax, rax
      '78 1c', //                js done
      '48 8b 7b 08', //          mov rdi, [rbx + 8]
      '48 8b 73 10', //          mov rsi, [rbx + 16]
      '48 8b 53 18', //          mov rdx, [rbx + 24]
      '4c 8b 53 20', //          mov r10, [rbx + 32]
      '4c 8b 43 28', //          mov r8, [rbx + 40]
      '0f 05', //                syscall
      '48 83 c3 30 eb dc', //    add rbx, 48; jmp next
      '4c 89 e0 41 5c 5b c3', // done: mov rax, r12; pop r12; pop rbx; ret
    ]
      .join('')
      .replaceAll(' ', ''),
    'hex',
  )
  const behindLea = 13
  code.writeInt32LE(table - behindLea, behindLea - 4)
  return code
}

function arm64Routine(table: number): Buffer {
  const adr = 2
  const words = [
    0xa9bf53f3, // stp x19, x20, [sp, #-16]!
    0xaa0103f4, // mov x20, x1
    0x10000013, // adr x19, table
    0xa9400268, // next: ldp x8, x0, [x19]
    0xb7f800c8, // tbnz x8, #63, done
    0xa9410a61, // ldp x1, x2, [x19, #16]
    0xa9421263, // ldp x3, x4, [x19, #32]
    0xd4000001, // svc #0
    0x9100c273, // add x19, x19, #48
    0x17fffffa, // b next
    0xaa1403e0, // done: mov x0, x20
    0xa8c153f3, // ldp x19, x20, [sp], #16
    0xd65f03c0, // ret
  ]
  const distance = table - 4 * adr
  words[adr] = (words[adr]! | ((distance & 3) << 29) | (((distance >> 2) & 0x7ffff) << 5)) >>> 0
  const code = Buffer.alloc(4 * words.length)
  for (const [at, word] of words.entries()) code.writeUInt32LE(word, 4 * at)
  return code
}
