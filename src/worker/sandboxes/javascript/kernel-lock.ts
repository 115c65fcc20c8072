// The kernel layer of a Node process: an addon of a kilobyte (../kernel-lock) makes the system calls that lock it,
// all its threads, for good. Called once, when everything that needs files has been read and before the first line of
// model code is parsed.
import { existsSync, fstatSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface KernelReport {
  readonly seccomp: boolean
  /** Node's processes have several threads, and Landlock knows one: seccomp alone refuses everything it would. */
  readonly landlock: 0
  readonly reason?: string
}

/** The highest descriptor that the process inherits: the documents' pack. */
const lastInherited = 5
/** What Node makes for itself: nothing of these leads out of the process. */
const ownDescriptors = /^(?:anon_inode:\[?(?:eventfd|eventpoll|io_uring)\]?|pipe:\[\d+\]|\/dev\/null)$/

export function lockKernel(folder: string): KernelReport {
  if (process.platform !== 'linux') return none(`the kernel layer needs Linux; this is ${process.platform}`)
  const stray = strayDescriptors()
  if (stray.length > 0) return none(`the process has other descriptors than its own: ${stray.join(', ')}`)
  const lock = join(folder, `kernel-lock-${process.arch}.node`)
  if (!existsSync(lock)) return none(`there is no lock for the processor ${process.arch}`)
  warmUp()
  try {
    process.dlopen({ exports: {} }, lock)
  } catch (error) {
    return none(`the lock cannot be loaded: ${(error as Error).message}`)
  }
  const open = Object.keys(attempts).filter((name) => !isRefused(attempts[name as keyof typeof attempts]))
  return open.length === 0
    ? { seccomp: true, landlock: 0 }
    : none(`seccomp was refused: ${open.join(', ')} still work`)
}

function none(reason: string): KernelReport {
  return { seccomp: false, landlock: 0, reason }
}

/** Believed when it refuses. */
const attempts = {
  open: () => openSync('/', 'r'),
  stat: () => statSync('/'),
  kill: () => process.kill(process.pid, 0),
}

function isRefused(attempt: () => unknown): boolean {
  try {
    attempt()
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function strayDescriptors(): string[] {
  const folder = '/proc/self/fd'
  return readdirSync(folder)
    .filter((name) => Number(name) > lastInherited && isOpen(Number(name)))
    .map((name) => readlinkSync(join(folder, name)))
    .filter((target) => !ownDescriptors.test(target))
}

// The descriptor of the listing itself is in it.
function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor)
    return true
  } catch {
    return false
  }
}

/** What is read from files at its first use. */
function warmUp(): void {
  new Date(0).getTimezoneOffset()
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from('ä'))
}
