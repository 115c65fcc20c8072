// Where a user's daemon is found: one folder that only this user may enter, and in it a record of who serves, with the
// token that it asks for.
import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { RlmsError } from '../contract/errors.ts'
import { version } from '../contract/version.ts'
import { writeJsonWhole } from '../lib/atomic-file.ts'
import { stateFolder } from '../runs/run-store.ts'
import { tokenBytes } from './protocol.ts'

const recordSchema = z.object({
  pid: z.int(),
  /** Of the program that serves: another one may speak otherwise. */
  build: z.string(),
  /** The interpreter of its workers. */
  python: z.string(),
  token: z.string().check(z.length(2 * tokenBytes)),
  workers: z.int(),
  idle_seconds: z.number(),
})
export type DaemonRecord = z.infer<typeof recordSchema>

/** What fits into a socket's address on every system. */
const longestAddress = 103

export function daemonFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(stateFolder(env), 'daemon')
}

export function addresses(folder: string) {
  return { clients: join(folder, 'clients.sock'), workers: join(folder, 'workers.sock') }
}

/** Held by whoever serves, from before it is ready until it is gone. */
export function lockFile(folder: string): string {
  return join(folder, 'daemon.lock')
}

/** Which program a bundle is: a daemon from before the last build or update is another one. */
export function buildOf(bundle: string): string {
  const { mtimeMs } = statSync(bundle)
  return `${version} ${realpathSync(bundle)} ${mtimeMs}`
}

export function newToken(): string {
  return randomBytes(tokenBytes).toString('hex')
}

/** The record of the folder; undefined when there is none, or when somebody else could have written it. */
export function readRecord(folder: string): DaemonRecord | undefined {
  try {
    if (!isOurs(folder)) return undefined
    return recordSchema.safeParse(JSON.parse(readFileSync(recordFile(folder), 'utf8'))).data
  } catch {
    return undefined
  }
}

export function writeRecord(folder: string, record: DaemonRecord): void {
  writeJsonWhole(recordFile(folder), record)
}

export function removeRecord(folder: string): void {
  rmSync(recordFile(folder), { force: true })
}

/** Makes the folder. Throws `invalid_config` where a daemon can't have one. */
export function makeFolder(folder: string): void {
  const refuse = (why: string, fix: string) => new RlmsError('invalid_config', `the daemon ${why}`, fix)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw refuse(`has no folder: ${(error as Error).message}`, 'Set XDG_STATE_HOME to a folder of yours.')
  }
  if (!isOurs(folder))
    throw refuse(
      `will not use ${folder}: others may enter it`,
      `Own it, and allow nobody else: chmod 700 ${folder}`,
    )
  if (Buffer.byteLength(addresses(folder).clients) > longestAddress)
    throw refuse(
      `can have no socket in ${folder}: the path is too long`,
      'Set XDG_STATE_HOME to a shorter path.',
    )
}

/** A folder that nobody else could have written to. */
export function isOurs(folder: string): boolean {
  const status = lstatSync(folder, { throwIfNoEntry: false })
  return status?.isDirectory() === true && status.uid === process.getuid?.() && (status.mode & 0o077) === 0
}

function recordFile(folder: string): string {
  return join(folder, 'daemon.json')
}
