// CPython as the sandbox: a locked-down process for each run; one that dies is replaced and the model told that its
// variables are gone.
import { join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import type { SandboxReport } from '../contract/result.ts'
import { countPairs } from '../lib/whole-text.ts'
import type { FunctionSpec, OpenSandbox, Outcome, Sandbox, SandboxRequest } from '../rlm/ports.ts'
import { keepBytecode } from './compile-runner.ts'
import { findPython, type Python } from './find-python.ts'
import type { Done } from './runner-messages.ts'
import { type RunnerProcess, startRunner } from './runner-process.ts'
import type { Death } from './step.ts'

type Layer = 'language' | 'process' | 'kernel'

export interface PythonSettings {
  readonly require: Layer
  readonly timeoutSeconds: number
  /** Layers to leave out; for tests of the others. */
  readonly without?: readonly Layer[]
  readonly python?: Python
}

/** Beside this file in the sources and in the build. */
const runnerFolder = join(import.meta.dirname, 'python')
// What -I would do, but for the hash seed: nothing is imported before the folder that -c puts in front is replaced.
const entry = 'import sys; sys.path[0] = sys.argv[1]; import runner'

export function nativePython(settings: PythonSettings): OpenSandbox {
  return async (request) => {
    const python = settings.python ?? findPython()
    keepBytecode(python, runnerFolder)
    const start = (signal: AbortSignal) => startLocked(python, settings, request, signal)
    return createSandbox(await start(request.signal), start, settings)
  }
}

function createSandbox(
  first: RunnerProcess,
  restart: (signal: AbortSignal) => Promise<RunnerProcess>,
  settings: PythonSettings,
): Sandbox {
  let runner: RunnerProcess | undefined = first
  return {
    report: report(first, settings),
    async execute(code, limitMs, signal) {
      runner ??= await restart(signal)
      const end = await runner.run(code, limitMs, signal)
      if (end.op === 'done') return describeDone(end)
      await runner.end()
      runner = undefined
      return describeDeath(end)
    },
    async close() {
      await runner?.end()
    },
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
    documents: documents.list.map((document) => [
      document.name,
      document.offset,
      document.length,
      document.firstLine,
      document.lineCount,
      document.ascii,
      document.lineOffsets,
    ]),
    pack_size: documents.packSize,
    functions: functions.map(describeFunction),
    language: !settings.without?.includes('language'),
    kernel: !settings.without?.includes('kernel'),
    memory_bytes: Math.max(512 << 20, (256 << 20) + 8 * bytes),
    cpu_seconds: Math.ceil(settings.timeoutSeconds) + 60,
  }
  const argv: [string, ...string[]] = [python.path, '-s', '-S', '-B', '-X', 'utf8', '-c', entry, runnerFolder]
  let runner: RunnerProcess
  try {
    runner = await startRunner({ argv, pack: documents.descriptor, setup, call }, signal)
  } catch (error) {
    if (signal.aborted) throw error
    throw new RlmsError(
      'sandbox_unavailable',
      `${python.path} cannot run the sandbox: ${(error as Error).message}`,
      'Try another interpreter with SUPERLOOP_RLMS_PYTHON.',
    )
  }
  const { seccomp, reason } = runner.ready.kernel
  if (!seccomp && settings.require === 'kernel') {
    await runner.end()
    throw new RlmsError(
      'sandbox_unavailable',
      `the kernel layer of the sandbox cannot be had here: ${reason ?? 'seccomp is missing'}`,
      'Run on Linux (x86_64 or aarch64) with seccomp, or allow less with --sandbox-require process.',
    )
  }
  return runner
}

function report(runner: RunnerProcess, settings: PythonSettings): SandboxReport {
  return {
    backend: 'python',
    language: !settings.without?.includes('language'),
    process: true,
    kernel: runner.ready.kernel.seccomp,
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

// The runner counts characters; a string here has two units where they are large.
function describeDone({ output, length, error }: Done): Outcome {
  return {
    output,
    outputLength: Math.max(length + countPairs(output), output.length),
    error: error && { ...error, stateLost: false },
  }
}

function describeDeath({ why, detail }: Death): Outcome {
  const lost = (code: 'code_error' | 'sandbox_violation' | 'sandbox_lost', message: string): Outcome => ({
    output: '',
    outputLength: 0,
    error: { code, message, line: null, stateLost: true },
  })
  if (why === 'overrun') return lost('code_error', `TimeoutError: the step was ended, ${detail}`)
  if (why === 'violation') return lost('sandbox_violation', `the runner broke the protocol, ${detail}`)
  if (detail.includes('SIGSYS'))
    return lost('sandbox_violation', 'the code made a system call that ends the runner')
  if (detail.includes('SIGSEGV') || detail.includes('SIGABRT'))
    return lost('code_error', `the code crashed the interpreter (${detail})`)
  return lost('sandbox_lost', `the runner is gone (${detail})`)
}
