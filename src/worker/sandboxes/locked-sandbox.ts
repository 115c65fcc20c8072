// A sandbox over runner processes, whatever language they run: one that dies is replaced, and the model told that its
// variables are gone.
import { RlmsError } from '../contract/errors.ts'
import type { SandboxReport } from '../contract/result.ts'
import { countPairs } from '../lib/whole-text.ts'
import type { Outcome, Sandbox } from '../rlm/ports.ts'
import { type Done, isLocked } from './runner-messages.ts'
import type { RunnerProcess } from './runner-process.ts'
import type { Death } from './step.ts'

type Layer = 'language' | 'process' | 'kernel'

export interface LayerSettings {
  readonly require: Layer
  /** Layers to leave out; for tests of the others. */
  readonly without?: readonly Layer[]
}

export type StartRunner = (signal: AbortSignal) => Promise<RunnerProcess>

/** `start` gives a runner that is locked as the settings ask. */
export async function openLocked(
  backend: string,
  settings: LayerSettings,
  start: StartRunner,
  signal: AbortSignal,
): Promise<Sandbox> {
  const first = await start(signal)
  let runner: RunnerProcess | undefined = first
  return {
    report: report(backend, first, settings),
    async execute(code, limitMs, stepSignal) {
      runner ??= await start(stepSignal)
      const end = await runner.run(code, limitMs, stepSignal)
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

/** The runner, unless it lacks the kernel layer and that is required: then it is ended, and this throws. */
export async function holdToLayers(runner: RunnerProcess, settings: LayerSettings): Promise<RunnerProcess> {
  if (isLocked(runner.ready) || settings.require !== 'kernel') return runner
  const { reason } = runner.ready.kernel
  await runner.end()
  throw new RlmsError(
    'sandbox_unavailable',
    `the kernel layer of the sandbox cannot be had here: ${reason ?? 'seccomp is missing'}`,
    'Run on Linux (x86_64 or aarch64) with seccomp, or allow less with --sandbox-require process.',
  )
}

function report(backend: string, runner: RunnerProcess, settings: LayerSettings): SandboxReport {
  return {
    backend,
    language: !settings.without?.includes('language'),
    process: true,
    kernel: isLocked(runner.ready),
  }
}

// The runner counts characters; a string here has two units where they are large.
function describeDone({ output, length, error }: Done): Outcome {
  return {
    output,
    outputLength: Math.max(length + countPairs(output), output.length),
    error: error && { ...error, stateLost: false },
  }
}

/** What the model is told when its runner is gone. */
export function describeDeath({ why, detail }: Death): Outcome {
  const lost = (code: 'code_error' | 'sandbox_violation' | 'sandbox_lost', message: string): Outcome => ({
    output: '',
    outputLength: 0,
    error: { code, message, line: null, stateLost: true },
  })
  if (why === 'overrun') return lost('code_error', `TimeoutError: the step was ended, ${detail}`)
  if (why === 'violation') return lost('sandbox_violation', `the runner broke the protocol, ${detail}`)
  if (detail.includes('SIGSYS'))
    return lost('sandbox_violation', 'the code made a system call that ends the runner')
  // 127: abort() of a process that may not even send itself a signal
  if (/SIGSEGV|SIGABRT|exit status 127/.test(detail))
    return lost('code_error', `the code crashed the interpreter (${detail})`)
  return lost('sandbox_lost', `the runner is gone (${detail})`)
}
