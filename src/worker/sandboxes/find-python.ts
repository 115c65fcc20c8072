// The real interpreter, found once: a version manager's shim is a script that costs 50 to 150 ms at every start.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'

export interface Python {
  /** Absolute, links resolved. */
  readonly path: string
  /** Such as [3, 11]. */
  readonly version: readonly [number, number]
}

const oldest = 9
const newestTested = 13
const variable = 'SUPERLOOP_RLMS_PYTHON'

/** The interpreter that the environment names, else the first usable one on PATH, else a version manager's newest. */
export function findPython(env: NodeJS.ProcessEnv = process.env): Python {
  const named = env[variable]
  if (named) {
    const python = inspect(named)
    if (python) return python
    throw new RlmsError(
      'sandbox_unavailable',
      `${variable} names ${named}, which is no CPython 3.${oldest} or newer`,
      `Name a python3 of version 3.${oldest} to 3.${newestTested}, or unset ${variable}.`,
    )
  }
  const python = firstUsable(env)
  if (python) return python
  throw new RlmsError(
    'sandbox_unavailable',
    `no CPython 3.${oldest} or newer was found on PATH`,
    `Install python3 (apt-get install python3, brew install python), name it with ${variable}, or install Pyodide (npm install pyodide@314) for --sandbox auto.`,
  )
}

/** Whether the user names an interpreter, usable or not, or one can be found. */
export function hasPython(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env[variable]) || firstUsable(env) !== undefined
}

function firstUsable(env: NodeJS.ProcessEnv): Python | undefined {
  for (const candidate of candidates(env)) {
    const python = inspect(candidate)
    if (python) return python
  }
  return undefined
}

function* candidates(env: NodeJS.ProcessEnv): Generator<string> {
  const names = [
    'python3',
    ...Array.from({ length: newestTested - oldest + 1 }, (_, at) => `python3.${newestTested - at}`),
  ]
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  for (const name of names) {
    for (const folder of [...folders, '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'])
      yield join(folder, name)
  }
  const versions = join(env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions')
  for (const version of listFolders(versions).sort(byVersion).reverse())
    yield join(versions, version, 'bin', 'python3')
}

// A shim is a script; an interpreter is a binary.
function inspect(candidate: string): Python | undefined {
  try {
    const path = realpathSync(candidate)
    if (isScript(path)) return undefined
    const minor = /python3\.(\d+)$/.exec(path)?.[1] ?? askMinor(path)
    const version: readonly [number, number] = [3, Number(minor)]
    return version[1] >= oldest ? { path, version } : undefined
  } catch {
    return undefined
  }
}

function isScript(path: string): boolean {
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.alloc(2)
    readSync(descriptor, head, 0, 2, 0)
    return head.toString() === '#!'
  } finally {
    closeSync(descriptor)
  }
}

function askMinor(path: string): string {
  const code =
    'import sys; print(sys.version_info[1] if sys.version_info[0] == 3 and sys.implementation.name == "cpython" else 0)'
  return execFileSync(path, ['-I', '-S', '-c', code], {
    encoding: 'utf8',
    timeout: 5000,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

function listFolders(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => /^3\.\d+/.test(name))
  } catch {
    return []
  }
}

function byVersion(a: string, b: string): number {
  return Number(a.split('.')[1]) - Number(b.split('.')[1])
}
