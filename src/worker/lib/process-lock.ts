// A file that says which process has something: its pid and start time. The lock of a dead process is taken over.
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** The live process that has the lock at `path`. */
export function holderOf(path: string): Holder | undefined {
  const holder = readLock(path)
  return isAlive(holder) ? holder : undefined
}

export interface Holder {
  readonly pid: number
  readonly started: string
}

/**
 * Takes the lock at `path`: null when it is ours, else who has it. Only whoever has the lock beside it may replace that of
 * a dead process. Throws the system error where no lock can be written.
 */
export function takeLock(path: string): Holder | null {
  const beside = `${path}.next`
  for (;;) {
    if (createLock(path)) return null
    const holder = readLock(path)
    if (isAlive(holder)) return holder
    if (holder === 'gone') continue
    const other = takeLock(beside)
    if (other) return other
    const now = readLock(path)
    if (now !== 'gone' && !isAlive(now)) {
      renameSync(beside, path)
      return null
    }
    rmSync(beside)
  }
}

// Written beside and linked: a lock is never seen half-written.
function createLock(path: string): boolean {
  const draft = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(draft, `${process.pid} ${startTime(process.pid)}\n`)
    linkSync(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    if (existsSync(draft)) rmSync(draft)
  }
}

/** What a process left that died while it wrote is of `nobody`. */
function readLock(path: string): Holder | 'nobody' | 'gone' {
  try {
    const [pid = '', started = ''] = readFileSync(path, 'utf8').trim().split(' ')
    return /^[1-9]\d*$/.test(pid) ? { pid: Number(pid), started } : 'nobody'
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone'
    throw error
  }
}

function isAlive(holder: Holder | 'nobody' | 'gone'): holder is Holder {
  if (holder === 'nobody' || holder === 'gone') return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false
  }
  return holder.started === startTime(holder.pid)
}

/**
 * Clock ticks since boot at which a process started, by proc(5); empty where the system has no /proc. One that has
 * ended, but that nobody has collected, started at no time.
 */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code
}
