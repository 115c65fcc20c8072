// The kernel layer of a Node process: an addon of a kilobyte (../kernel-lock) makes the system calls that lock it,
// all its threads, for good. Called once, when everything that needs files has been read and before the first line of
// model code is parsed.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface KernelReport {
  readonly seccomp: boolean
  /** Node's processes have several threads, and Landlock knows one: seccomp alone refuses everything it would. */
  readonly landlock: 0
  readonly reason?: string
}

/** The highest descriptor that the runner is given: the documents' pack. */
const lastGiven = 5

export function lockKernel(folder: string): KernelReport {
  if (process.platform !== 'linux') return none(`the kernel layer needs Linux; this is ${process.platform}`)
  closeInherited()
  const foreign = foreignDescriptors()
  if (foreign.length > 0) return none(`the process has other descriptors than its own: ${foreign.join(', ')}`)
  const lock = join(folder, `kernel-lock-${process.arch}.node`)
  if (!existsSync(lock)) return none(`there is no lock for the processor ${process.arch}`)
  warmUp()
  try {
    process.dlopen({ exports: {} }, lock)
  } catch (error) {
    return none(`the lock cannot be loaded: ${(error as Error).message}`)
  }
  const open = Object.keys(attempts).filter(
    (name) => !isRefused(() => attempts[name as keyof typeof attempts](lock)),
  )
  return open.length === 0
    ? { seccomp: true, landlock: 0 }
    : none(`seccomp was refused: ${open.join(', ')} still work`)
}

function none(reason: string): KernelReport {
  return { seccomp: false, landlock: 0, reason }
}

/** Believed when it refuses. */
const attempts = {
  open: (file: string) => openSync(file, 'r'),
  stat: (file: string) => statSync(file),
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

interface Descriptor {
  readonly number: number
  readonly target: string
  /** What the kernel tells about it: flags, and more for some kinds. */
  readonly facts: string
}

/** Those above what the runner is given, but for the one of the listing itself. */
function ownDescriptors(): Descriptor[] {
  const read = (name: string): Descriptor[] => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`)
      return [{ number: Number(name), target, facts: readFileSync(`/proc/self/fdinfo/${name}`, 'latin1') }]
    } catch {
      return []
    }
  }
  return readdirSync('/proc/self/fd')
    .filter((name) => Number(name) > lastGiven)
    .flatMap(read)
}

/** What some program above the host left open for all that it starts. What Node opens is closed on exec. */
function closeInherited(): void {
  const closedOnExec = 0o2000000
  for (const { number, facts } of ownDescriptors()) {
    const flags = /^flags:\s*([0-7]+)/m.exec(facts)?.[1] ?? '0'
    if ((Number.parseInt(flags, 8) & closedOnExec) === 0) closeSync(number)
  }
}

/** What Node did not make for itself, or what leads out of the process. */
function foreignDescriptors(): string[] {
  const all = ownDescriptors()
  const isOwn = ({ target, facts }: Descriptor) => {
    if (/^pipe:/.test(target)) return all.filter((other) => other.target === target).length === 2 // both its ends
    if (/^anon_inode:\[io_uring\]$/.test(target)) return /^SqThread:\s*-1$/m.test(facts) // nothing reads it unasked
    return /^(?:anon_inode:\[(?:eventfd|eventpoll)\]|\/dev\/null)$/.test(target)
  }
  return all.filter((descriptor) => !isOwn(descriptor)).map(({ target }) => target)
}

/** What is read from files at its first use. */
function warmUp(): void {
  new Date(0).getTimezoneOffset()
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from('ä'))
}
