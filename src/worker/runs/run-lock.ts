// One writer for each run folder: a lock file with the writer's pid and start time. A live writer is refused, the lock of
// a dead one is taken over.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError, RlmsError } from '../contract/errors.ts'

/** Takes the lock of a folder; returns its release. Throws `invalid_config` when another process writes there. */
export function lockRun(folder: string): () => void {
  const path = join(folder, 'run.lock')
  for (let attempt = 1; ; attempt++) {
    if (createLock(path)) return () => rmSync(path, { force: true })
    const holder = readLock(path)
    if (attempt > 3 || (holder && isAlive(holder))) {
      throw new RlmsError(
        'invalid_config',
        `another run (pid ${holder?.pid ?? 'unknown'}) is writing to ${folder}`,
        'Wait for it, or choose another --output-dir.',
      )
    }
    rmSync(path, { force: true })
  }
}

interface Holder {
  readonly pid: number
  readonly started: string
}

function createLock(path: string): boolean {
  try {
    const descriptor = openSync(path, 'wx', 0o644)
    writeSync(descriptor, `${process.pid} ${startTime(process.pid)}\n`)
    closeSync(descriptor)
    return true
  } catch (error) {
    if (!isSystemError(error) || error.code === 'ENOSPC') throw error
    if (error.code === 'EEXIST') return false
    throw new RlmsError(
      'invalid_config',
      `the output folder cannot be written to: ${error.message}`,
      'Give --output-dir a folder that can be written to.',
    )
  }
}

function readLock(path: string): Holder | undefined {
  try {
    const [pid = '', started = ''] = readFileSync(path, 'utf8').trim().split(' ')
    return /^\d+$/.test(pid) ? { pid: Number(pid), started } : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return isSystemError(error) && error.code === 'EPERM'
  }
  return started === startTime(pid)
}

/** Clock ticks since boot at which a process started (proc(5), stat field 22); empty where the system has no /proc. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
