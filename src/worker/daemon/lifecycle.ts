// Starting, asking and stopping a user's daemon. There is one in a folder: whoever starts a second one gets the first.
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { RlmsError } from '../contract/errors.ts'
import { holderOf } from '../lib/process-lock.ts'
import { askStatus, askToStop } from './client.ts'
import type { Status } from './protocol.ts'
import { buildOf, isOurs, lockFile, makeFolder, readRecord } from './record.ts'
import { type DaemonProgram, spawnDaemon } from './start.ts'

const answerMs = 2000
const startMs = 20_000
const stopMs = 5000
const lookMs = 20

/** Starts the daemon, unless it serves already; resolves when it is ready. Rejects with why it can't be. */
export async function startDaemon(
  bundle: string,
  program: DaemonProgram,
): Promise<{ status: Status; isNew: boolean }> {
  const { folder, python } = program
  makeFolder(folder)
  const record = readRecord(folder)
  const serving = await daemonStatus(folder)
  if (serving && record?.build === buildOf(bundle) && record.python === python)
    return { status: serving, isNew: false }
  if (record) await stopDaemon(folder) // of another version or interpreter, or dead
  const failure = await launch(bundle, program)
  const status = await waitForStatus(folder)
  if (status) return { status, isNew: failure === undefined }
  throw new RlmsError('worker_failure', `the daemon did not start: ${failure ?? 'it ended again'}`)
}

/** What the daemon says of itself; undefined when none answers. */
export async function daemonStatus(folder: string): Promise<Status | undefined> {
  const record = readRecord(folder)
  if (!record) return undefined
  try {
    return await askStatus(folder, record, answerMs)
  } catch {
    return undefined
  }
}

/** Stops the daemon, also one that does not answer; resolves when it is gone. False when there was none. */
export async function stopDaemon(folder: string): Promise<boolean> {
  const holder = isOurs(folder) ? holderOf(lockFile(folder)) : undefined
  if (!holder) return false
  if (await hasUnderstood(folder, holder.pid)) {
    for (const end = Date.now() + stopMs; Date.now() < end; await sleep(lookMs)) {
      if (holderOf(lockFile(folder))?.pid !== holder.pid) return true
    }
  }
  process.kill(holder.pid, 'SIGKILL')
  return true
}

async function hasUnderstood(folder: string, pid: number): Promise<boolean> {
  const record = readRecord(folder)
  try {
    if (record) await askToStop(folder, record, answerMs)
    else process.kill(pid, 'SIGTERM') // it is about to start
    return true
  } catch {
    return false
  }
}

/** Resolves when the new process serves; to what it said, if it ended instead. */
async function launch(bundle: string, program: DaemonProgram): Promise<string | undefined> {
  const child = spawnDaemon(bundle, program, ['ignore', 'pipe', 'pipe'])
  const [output, errors] = [child.stdout as Readable, child.stderr as Readable]
  let said = ''
  errors.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const ended = once(child, 'close').then(
    () => said.trim() || 'it said nothing',
    (error: Error) => error.message,
  )
  const limit = sleep(startMs, `it was not ready after ${startMs / 1000} s`, { ref: false })
  const failure = await Promise.race([once(output, 'data').then(() => undefined), ended, limit])
  output.destroy()
  errors.destroy()
  return failure
}

/** Of the one that serves: ours, or the one that was faster. */
async function waitForStatus(folder: string): Promise<Status | undefined> {
  for (const end = Date.now() + startMs; Date.now() < end; await sleep(lookMs)) {
    const status = await daemonStatus(folder)
    if (status || !holderOf(lockFile(folder))) return status
  }
  return undefined
}
