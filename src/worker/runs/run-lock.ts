// One writer for each run folder: the lock of a live writer is refused, that of a dead one taken over.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import { type Holder, holderOf, takeLock } from '../lib/process-lock.ts'

const lockName = 'run.lock'

/** Takes the lock of a folder; returns its release. Throws `invalid_config` when another process writes there. */
export function lockRun(folder: string): () => void {
  const lock = tryLock(folder)
  if (typeof lock === 'function') return lock
  throw new RlmsError(
    'invalid_config',
    `another run (pid ${lock}) is writing to ${folder}`,
    'Wait for it, or choose another --output-dir.',
  )
}

/** The release of the lock, or the pid of the live process that has it. */
export function tryLock(folder: string): (() => void) | number {
  const path = join(folder, lockName)
  const holder = take(path)
  return holder === null ? () => rmSync(path, { force: true }) : holder.pid
}

/** The live process that has the lock of a folder; null for none. */
export function lockHolder(folder: string): number | null {
  return holderOf(join(folder, lockName))?.pid ?? null
}

function take(path: string): Holder | null {
  try {
    return takeLock(path)
  } catch (error) {
    if (!isSystemError(error) || error.code === 'ENOSPC') throw error
    throw new RlmsError(
      'invalid_config',
      `the output folder cannot be written to: ${error.message}`,
      'Give --output-dir a folder that can be written to.',
    )
  }
}
