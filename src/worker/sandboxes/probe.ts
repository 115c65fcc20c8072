// Which layers this machine gives to each sandbox, why not, and how to get what is missing: by opening each.
import type { RlmsError } from '../contract/errors.ts'
import { asRlmsError } from '../contract/errors.ts'
import type { SandboxReport } from '../contract/result.ts'
import { openDocuments } from '../rlm/documents.ts'
import type { OpenSandbox } from '../rlm/ports.ts'
import { findPython } from './find-python.ts'
import { javascript } from './javascript.ts'
import type { LayerSettings } from './locked-sandbox.ts'
import { nativePython } from './native-python.ts'
import { findPyodide, pyodide, pyodideMissing } from './pyodide.ts'

export interface SandboxProbe {
  readonly backend: 'python' | 'javascript' | 'pyodide'
  /** What runs the code, with its version and place; null when there is none. */
  readonly engine: string | null
  /** The layers that hold; null when it can't be opened at all. */
  readonly layers: SandboxReport | null
  /** Why not all of them, and the fix. */
  readonly lacking: RlmsError | null
}

type Settings = LayerSettings & { readonly timeoutSeconds: number }

interface Row {
  readonly backend: SandboxProbe['backend']
  /** Throws an RlmsError when there is none. */
  findEngine(): string
  open(settings: Settings): OpenSandbox
}

const rows: readonly Row[] = [
  {
    backend: 'python',
    findEngine() {
      const { path, version } = findPython()
      return `CPython ${version.join('.')}, ${path}`
    },
    open: nativePython,
  },
  {
    backend: 'javascript',
    findEngine: () => `QuickJS in Node ${process.versions.node}, ${process.execPath}`,
    open: javascript,
  },
  {
    backend: 'pyodide',
    findEngine() {
      const found = findPyodide()
      if (!found) throw pyodideMissing()
      return `Pyodide ${found.version} in Node ${process.versions.node}, ${found.folder}`
    },
    open: pyodide,
  },
]

/** One answer for each sandbox, in the order in which `auto` would rather have them; JavaScript only when it is asked for. */
export function probeSandboxes(): Promise<SandboxProbe[]> {
  return Promise.all(rows.map(probe))
}

async function probe({ backend, findEngine, open }: Row): Promise<SandboxProbe> {
  let engine: string | null = null
  try {
    engine = findEngine()
    return { backend, engine, layers: await openOnce(open, 'kernel'), lacking: null }
  } catch (cause) {
    const lacking = asRlmsError(cause)
    const layers = engine === null ? null : await openOnce(open, 'process').catch(() => null)
    return { backend, engine, layers, lacking }
  }
}

async function openOnce(open: Row['open'], require: Settings['require']): Promise<SandboxReport> {
  const documents = openDocuments('/dev/null', { packSize: 0, list: [] })
  const { signal } = new AbortController()
  try {
    const request = { documents, functions: [], call: async () => null, signal }
    const sandbox = await open({ require, timeoutSeconds: 10 })(request)
    await sandbox.close()
    return sandbox.report
  } finally {
    documents.close()
  }
}
