// CPython in WebAssembly as the sandbox, for machines without Python: Pyodide, when the user has installed it, in a
// locked-down Node process for each run.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import type { OpenSandbox, SandboxRequest } from '../rlm/ports.ts'
import { holdToLayers, type LayerSettings, openLocked } from './locked-sandbox.ts'
import { describeSession } from './native-python.ts'
import { startNodeRunner } from './node-runner.ts'
import { keepSnapshot } from './pyodide-snapshot.ts'
import type { RunnerProcess } from './runner-process.ts'

export interface PyodideSettings extends LayerSettings {
  readonly timeoutSeconds: number
  /** Where the build has put the runner; by default beside this program's bundle. */
  readonly folder?: string
}

export interface PyodidePackage {
  /** Absolute. */
  readonly folder: string
  readonly version: string
}

const builtFolder = join(import.meta.dirname, 'pyodide')
/** Whose internals the runner knows. */
const knownMajor = '314'

const leastMemory = 512 << 20
const mostMemory = 2 ** 32 - (1 << 20)

/** The package as Node finds it from this program; undefined when it is not installed, or another version is. */
export function findPyodide(): PyodidePackage | undefined {
  try {
    const folder = dirname(createRequire(join(import.meta.dirname, 'pyodide.ts')).resolve('pyodide'))
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return version.startsWith(`${knownMajor}.`) ? { folder, version } : undefined
  } catch {
    return undefined
  }
}

export function pyodide(settings: PyodideSettings): OpenSandbox {
  return async (request) => {
    const folder = settings.folder ?? builtFolder
    const found = findPyodide()
    if (!found || !existsSync(join(folder, 'runner.cjs'))) throw pyodideMissing()
    const snapshot = await keepSnapshot(folder, found)
    const start = (signal: AbortSignal) =>
      startLocked({ ...settings, folder }, found, snapshot, request, signal)
    return openLocked('pyodide', settings, start, request.signal)
  }
}

export function pyodideMissing(): RlmsError {
  const installation = dirname(import.meta.dirname)
  return new RlmsError(
    'sandbox_unavailable',
    `Pyodide ${knownMajor} is not installed beside this program`,
    `Install it: npm install --prefix ${installation} pyodide@${knownMajor}; or install python3.`,
  )
}

async function startLocked(
  settings: PyodideSettings & { readonly folder: string },
  { folder: package_ }: PyodidePackage,
  snapshot: string,
  request: SandboxRequest,
  signal: AbortSignal,
): Promise<RunnerProcess> {
  const { documents, functions } = request
  const { folder, timeoutSeconds, without } = settings
  const bytes = documents.list.reduce((sum, { length }) => sum + length, 0)
  const memoryBytes = Math.min(mostMemory, Math.max(leastMemory, leastMemory / 2 + 8 * bytes))
  const setup = { ...describeSession(documents, functions), language: !without?.includes('language') }
  const locks = without?.includes('kernel') ? 'open' : 'locked'
  const runner = {
    entry: [join(folder, 'runner.cjs'), 'serve', package_, snapshot, `${memoryBytes}`, locks],
    flags: permissions([folder, package_], snapshot),
    memoryBytes,
    timeoutSeconds,
    setup,
  } as const
  return holdToLayers(await startNodeRunner(runner, request, signal), settings)
}

/** Node's own: it may read what it starts from, write nothing and start nothing, also where no kernel says so. */
function permissions(folders: readonly string[], snapshot: string): string[] {
  // the last one are the process's own descriptors, for the lock
  const readable = [...folders.map((folder) => `${folder}/*`), snapshot, '/proc/self/fd*']
  const [major = 0] = process.versions.node.split('.').map(Number)
  return [
    major < 24 ? '--experimental-permission' : '--permission',
    '--allow-addons',
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ]
}
