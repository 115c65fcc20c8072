// One writer for each run folder: a lock file with the writer's pid and start time. A live writer is refused, the lock of
// a dead one is taken over.
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError, RlmsError } from '../contract/errors.ts'

/** Takes the lock of a folder; returns its release. Throws `invalid_config` when another process writes there. */
export function lockRun(folder: string): () => void {
  const path = join(folder, 'run.lock')
  const holder = takeLock(path)
  if (holder === null) return () => rmSync(path, { force: true })
  throw new RlmsError(
    'invalid_config',
    `another run (pid ${holder.pid}) is writing to ${folder}`,
    'Wait for it, or choose another --output-dir.',
  )
}

/** The live process that has the lock at `path`. */
export function holderOf(path: string): Holder | undefined {
  const holder = readLock(path)
  return isAlive(holder) ? holder : undefined
}

/** The live process that has the lock of a folder; null for none. */
export function lockHolder(folder: string): number | null {
  return holderOf(join(folder, 'run.lock'))?.pid ?? null
}

export interface Holder {
  readonly pid: number
  readonly started: string
}

/** Takes the lock at `path`: null when it is ours, else who has it. Only whoever has the lock beside it may replace that of a dead process. */
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
    if (!isSystemError(error) || error.code === 'ENOSPC') throw error
    if (error.code === 'EEXIST') return false
    throw new RlmsError(
      'invalid_config',
      `the output folder cannot be written to: ${error.message}`,
      'Give --output-dir a folder that can be written to.',
    )
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
    if (isSystemError(error) && error.code === 'ENOENT') return 'gone'
    throw error
  }
}

function isAlive(holder: Holder | 'nobody' | 'gone'): holder is Holder {
  if (holder === 'nobody' || holder === 'gone') return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EPERM') return false
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
