// CPython as the sandbox: a locked-down process for each run.
import { join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import type { DocumentIndex } from '../rlm/documents.ts'
import type { FunctionSpec, OpenSandbox, SandboxRequest } from '../rlm/ports.ts'
import { keepBytecode, startDespiteBytecode } from './compile-runner.ts'
import { findPython, type Python } from './find-python.ts'
import { holdToLayers, type LayerSettings, openLocked } from './locked-sandbox.ts'
import { type RunnerProcess, startRunner } from './runner-process.ts'

export interface PythonSettings extends LayerSettings {
  readonly timeoutSeconds: number
  readonly python?: Python
}

/** Beside this file in the sources and in the build. */
export const runnerFolder = join(import.meta.dirname, 'python')
// What -I would do, but for the hash seed: nothing is imported before the folder that -c puts in front is replaced.
const entry = 'import sys; sys.path[0] = sys.argv[1]; import runner; runner.main()'
// A resumed run goes through sets in the same order, and asks the same.
export const pythonEnv = { PYTHONHASHSEED: '0' }

export function nativePython(settings: PythonSettings): OpenSandbox {
  return async (request) => {
    const python = settings.python ?? findPython()
    keepBytecode(python, runnerFolder)
    const start = (signal: AbortSignal) => startLocked(python, settings, request, signal)
    return openLocked('python', settings, start, request.signal)
  }
}

async function startLocked(
  python: Python,
  settings: PythonSettings,
  request: SandboxRequest,
  signal: AbortSignal,
): Promise<RunnerProcess> {
  const { documents, functions, call } = request
  const bytes = documents.list.reduce((sum, { length }) => sum + length, 0)
  const setup = {
    ...describeSession(documents, functions),
    language: !settings.without?.includes('language'),
    kernel: !settings.without?.includes('kernel'),
    memory_bytes: Math.max(512 << 20, (256 << 20) + 8 * bytes),
    cpu_seconds: Math.ceil(settings.timeoutSeconds) + 60,
  }
  const argv: [string, ...string[]] = [python.path, '-s', '-S', '-B', '-X', 'utf8', '-c', entry, runnerFolder]
  let runner: RunnerProcess
  try {
    const start = { argv, env: pythonEnv, pack: documents.descriptor, setup, call }
    runner = await startDespiteBytecode(python, runnerFolder, () => startRunner(start, signal))
  } catch (error) {
    if (signal.aborted) throw error
    throw new RlmsError(
      'sandbox_unavailable',
      `${python.path} cannot run the sandbox: ${(error as Error).message}`,
      'Try another interpreter with SUPERLOOP_RLMS_PYTHON.',
    )
  }
  return holdToLayers(runner, settings)
}

/** What every session's runner is told first. */
export function describeSession({ list, packSize }: DocumentIndex, functions: readonly FunctionSpec[]) {
  return {
    documents: list.map((document) => [
      document.name,
      document.offset,
      document.length,
      document.firstLine,
      document.lineCount,
      document.ascii,
      document.lineOffsets,
    ]),
    pack_size: packSize,
    functions: functions.map(describeFunction),
  }
}

/** Name, parameters (name, has a default, default) and aliases: what a stub in the runner is made from. */
function describeFunction({ name, parameters, aliases = [] }: FunctionSpec) {
  return [
    name,
    parameters.map((parameter) => [
      parameter.name,
      parameter.default !== undefined,
      parameter.default ?? null,
    ]),
    aliases,
  ]
}
