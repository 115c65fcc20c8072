// JavaScript as the sandbox: QuickJS in WebAssembly, in a locked-down Node process for each run.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import { functionTable } from '../rlm/host-functions.ts'
import type { FunctionSpec, OpenSandbox, SandboxRequest } from '../rlm/ports.ts'
import type { FunctionRow } from './javascript/guest/functions.ts'
import type { RunnerSetup } from './javascript/runner.ts'
import { holdToLayers, type LayerSettings, openLocked } from './locked-sandbox.ts'
import { type RunnerProcess, startRunner } from './runner-process.ts'

export interface JavaScriptSettings extends LayerSettings {
  readonly timeoutSeconds: number
  /** Where the build has put the runner; by default beside this program's bundle. */
  readonly folder?: string
}

const builtFolder = join(import.meta.dirname, 'javascript')

// The engine's frames are on the process's stack, so it must not end before the engine's own limit (engine.ts).
const stackKilobytes = 32_768
const nodeFlags = [
  `--stack-size=${stackKilobytes - 2048}`,
  '--max-old-space-size=512',
  '--disallow-code-generation-from-strings',
  // a pattern of grep that backtracks without an end is taken over by an engine that does not
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  // the engine is compiled anew where it computes at length, not for a start: half of a start's CPU
  '--wasm-tiering-budget=200000000',
  '--no-warnings',
]
// Rings of the kernel do what a filter of system calls does not see; the lock holds Node to having none that would.
const env = { UV_USE_IO_URING: '0' }
// Node cannot limit itself. The shell is replaced by it.
const limited = `ulimit -c 0; ulimit -f 0; ulimit -n 64; ulimit -s ${stackKilobytes}; ulimit -t "$1"; ulimit -d "$2"; shift 2; exec "$@"`

const leastMemory = 512 << 20
const mostMemory = 2 ** 31
/** What the process may have beside the engine's memory: V8's heap, frames on their way, stacks, code. */
const nodeMemory = 2 ** 31

export function javascript(settings: JavaScriptSettings): OpenSandbox {
  return (request) => {
    const start = (signal: AbortSignal) => startLocked(settings, request, signal)
    return openLocked('javascript', settings, start, request.signal)
  }
}

async function startLocked(
  settings: JavaScriptSettings,
  { documents, functions, call }: SandboxRequest,
  signal: AbortSignal,
): Promise<RunnerProcess> {
  const entry = join(settings.folder ?? builtFolder, 'runner.cjs')
  if (!existsSync(entry)) {
    throw new RlmsError(
      'sandbox_unavailable',
      `the JavaScript sandbox is not part of this installation: ${entry} is missing`,
      'Build it (scripts/build), or use --sandbox python.',
    )
  }
  const bytes = documents.list.reduce((sum, { length }) => sum + length, 0)
  const memoryBytes = Math.min(mostMemory, Math.max(leastMemory, leastMemory / 2 + 4 * bytes))
  const setup: RunnerSetup = {
    documents: documents.list,
    pack_size: documents.packSize,
    functions: functionTable.map(describeRow),
    asked: functions.map(({ name }) => name),
    language: !settings.without?.includes('language'),
    kernel: !settings.without?.includes('kernel'),
    memory_bytes: memoryBytes,
  }
  const cpuSeconds = `${Math.ceil(settings.timeoutSeconds) + 60}`
  const dataKilobytes = `${Math.ceil((memoryBytes + nodeMemory) / 1024)}`
  const node = [process.execPath, ...nodeFlags, entry]
  const argv = ['/bin/sh', '-c', limited, 'sh', cpuSeconds, dataKilobytes, ...node] as const
  return holdToLayers(await startNode(argv, { documents, call, setup }, signal), settings)
}

function describeRow({ name, parameters, aliases = [] }: FunctionSpec): FunctionRow {
  return {
    name,
    aliases,
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      optional: parameter.default !== undefined,
      value: parameter.default ?? null,
    })),
  }
}

async function startNode(
  argv: readonly [string, ...string[]],
  { documents, call, setup }: Pick<SandboxRequest, 'documents' | 'call'> & { setup: object },
  signal: AbortSignal,
): Promise<RunnerProcess> {
  try {
    return await startRunner({ argv, env, pack: documents.descriptor, setup, call }, signal)
  } catch (error) {
    if (signal.aborted) throw error
    throw new RlmsError(
      'sandbox_unavailable',
      `${process.execPath} cannot run the sandbox: ${(error as Error).message}`,
      'Try another version of Node.js (20.19 or newer).',
    )
  }
}
