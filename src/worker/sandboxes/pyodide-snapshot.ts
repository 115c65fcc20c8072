// The memory of a started Pyodide with the sandbox's Python in it, kept in a file: a start from it takes a fraction of
// the seconds that one without it takes. Made when it is missing; another one for each version of either.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { RlmsError } from '../contract/errors.ts'

const makeMs = 120_000
const suffix = '.snapshot'

const making = new Map<string, Promise<void>>()

/** The snapshot's path. `folder` is the built runner's. */
export async function keepSnapshot(
  folder: string,
  { folder: package_, version }: { folder: string; version: string },
): Promise<string> {
  const name = `pyodide-${version}-${hashSources(folder)}${suffix}`
  const places = [folder, join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'superloop-rlms')]
  const kept = places.map((place) => join(place, name)).find(existsSync)
  if (kept !== undefined) return kept
  const place = places.find(isWritable)
  if (place === undefined) {
    throw new RlmsError(
      'sandbox_unavailable',
      `there is no place for Pyodide's snapshot: ${places.join(' and ')} cannot be written to`,
      'Set XDG_CACHE_HOME to a folder that can be written to.',
    )
  }
  const file = join(place, name)
  const made = making.get(file) ?? make(folder, package_, file)
  making.set(file, made)
  try {
    await made
  } finally {
    making.delete(file)
  }
  for (const other of readdirSync(place))
    if (other.endsWith(suffix) && other !== name) rmSync(join(place, other), { force: true })
  return file
}

async function make(folder: string, package_: string, file: string): Promise<void> {
  const argv = ['--no-warnings', join(folder, 'runner.cjs'), 'snapshot', package_, file]
  try {
    await promisify(execFile)(process.execPath, argv, { cwd: '/', env: {}, timeout: makeMs })
  } catch (error) {
    throw new RlmsError(
      'sandbox_unavailable',
      `Pyodide cannot be started: ${(error as Error).message.trim()}`,
      `Install it anew (npm install pyodide@314), or try another version of Node.js (20.19 or newer).`,
    )
  }
}

/** Of everything that is in the snapshot beside Pyodide. */
function hashSources(folder: string): string {
  const hash = createHash('sha256')
  for (const place of [join(folder, '../python'), folder])
    for (const name of readdirSync(place).sort())
      if (/\.(?:py|cjs)$/.test(name)) hash.update(name).update(readFileSync(join(place, name)))
  return hash.digest('hex').slice(0, 16)
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
