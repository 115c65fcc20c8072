// The seccomp program for a Node process that has made its threads and read its files. What it may still do: read and
// write its protocol's descriptors and the event descriptors that Node made for itself, read the documents' pack, compute.
import { type MachineName, machines, type SystemCall, systemCalls } from './machines.ts'

// Inherited by the runner: 3 in, 4 out, 5 the pack. Behind them are only Node's own; the runner makes sure of that.
const inDescriptor = 3
const outDescriptor = 4
const packDescriptor = 5

// mprotect may make memory executable: V8 compiles while it runs.
const allowed =
  words(`mprotect pkey_mprotect munmap mremap brk madvise futex membarrier rt_sigprocmask rt_sigreturn sigaltstack
  sched_yield nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday getrusage times getrandom getpid gettid
  exit exit_group restart_syscall rseq set_robust_list epoll_wait epoll_pwait`)
const killed =
  words(`execve execveat fork vfork clone clone3 socket ptrace process_vm_readv process_vm_writev bpf io_uring_setup
  userfaultfd kexec_load init_module finit_module mount keyctl perf_event_open unshare setns`)

const mapAnonymous = 0x20
const returnKill = 0x80000000
const returnRefuse = 0x00050001 // EPERM
const returnAllow = 0x7fff0000

// Offsets in struct seccomp_data.
const numberWord = 0
const architectureWord = 4
const firstArgument = 16
const fourthArgument = 40

/** struct sock_filter, one after the other. */
export function seccompProgram(machine: MachineName): Buffer {
  const { column, audit, x32 } = machines[machine]
  const steps = [load(architectureWord), jumpIfEqual(audit, 1, 0), answer(returnKill), load(numberWord)]
  if (x32 !== null) steps.push(jumpIfAtLeast(x32, 0, 1), answer(returnKill))
  const rule = (name: SystemCall, body: readonly Buffer[]) => {
    const number = systemCalls[name][column]
    if (number !== null) steps.push(jumpIfEqual(number, 0, body.length), ...body)
  }
  rule('read', allowDescriptor(inDescriptor))
  rule('write', allowDescriptor(outDescriptor))
  rule('pread64', [
    load(firstArgument),
    jumpIfEqual(packDescriptor, 0, 1),
    answer(returnAllow),
    answer(returnRefuse),
  ])
  rule('mmap', [
    load(fourthArgument),
    jumpIfSet(mapAnonymous, 0, 1),
    answer(returnAllow),
    answer(returnRefuse),
  ])
  for (const name of allowed) rule(name, [answer(returnAllow)])
  for (const name of killed) rule(name, [answer(returnKill)])
  steps.push(answer(returnRefuse))
  return Buffer.concat(steps)
}

function allowDescriptor(descriptor: number): Buffer[] {
  return [
    load(firstArgument),
    jumpIfEqual(descriptor, 1, 0),
    jumpIfAtLeast(packDescriptor + 1, 0, 1),
    answer(returnAllow),
    answer(returnRefuse),
  ]
}

const load = (offset: number) => step(0x20, 0, 0, offset)
const jumpIfEqual = (value: number, ifTrue: number, ifFalse: number) => step(0x15, ifTrue, ifFalse, value)
const jumpIfAtLeast = (value: number, ifTrue: number, ifFalse: number) => step(0x35, ifTrue, ifFalse, value)
const jumpIfSet = (value: number, ifTrue: number, ifFalse: number) => step(0x45, ifTrue, ifFalse, value)
const answer = (value: number) => step(0x06, 0, 0, value)

function step(code: number, ifTrue: number, ifFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(code, 0)
  bytes.writeUInt8(ifTrue, 2)
  bytes.writeUInt8(ifFalse, 3)
  bytes.writeUInt32LE(value, 4)
  return bytes
}

function words(text: string): SystemCall[] {
  return text.split(/\s+/) as SystemCall[]
}
