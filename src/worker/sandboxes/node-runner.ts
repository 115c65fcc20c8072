// A runner that is a Node process: its limits, what its environment has, and how it starts.
import { RlmsError } from '../contract/errors.ts'
import type { SandboxRequest } from '../rlm/ports.ts'
import { type RunnerProcess, startRunner } from './runner-process.ts'

export interface NodeRunner {
  /** The program and its arguments. */
  readonly entry: readonly [string, ...string[]]
  readonly flags: readonly string[]
  /** Of the engine in it. */
  readonly memoryBytes: number
  readonly timeoutSeconds: number
  readonly setup: object
}

// The engine's frames are on the process's stack, so it must not end before the engine's own limit.
const stackKilobytes = 32_768
const commonFlags = [
  `--stack-size=${stackKilobytes - 2048}`,
  '--max-old-space-size=512',
  '--disallow-code-generation-from-strings',
  '--no-warnings',
]
// Rings of the kernel do what a filter of system calls does not see; the lock holds Node to having none that would.
const env = { UV_USE_IO_URING: '0' }
// Node cannot limit itself. The shell is replaced by it.
const limited = `ulimit -c 0; ulimit -f 0; ulimit -n 64; ulimit -s ${stackKilobytes}; ulimit -t "$1"; ulimit -d "$2"; shift 2; exec "$@"`
/** What the process may have beside the engine's memory: V8's heap, frames on their way, stacks, code. */
const nodeMemory = 2 ** 31

export async function startNodeRunner(
  { entry, flags, memoryBytes, timeoutSeconds, setup }: NodeRunner,
  { documents, call }: Pick<SandboxRequest, 'documents' | 'call'>,
  signal: AbortSignal,
): Promise<RunnerProcess> {
  const cpuSeconds = `${Math.ceil(timeoutSeconds) + 60}`
  const dataKilobytes = `${Math.ceil((memoryBytes + nodeMemory) / 1024)}`
  const node = [process.execPath, ...commonFlags, ...flags, ...entry]
  const argv = ['/bin/sh', '-c', limited, 'sh', cpuSeconds, dataKilobytes, ...node] as const
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
