// The only place that prints errors and ends the process.
import { asRlmsError, errorTable, RlmsError } from '../contract/errors.ts'
import { withoutSteering } from '../lib/terminal-text.ts'
import { watchOutput } from './standard-output.ts'

/**
 * A command: its arguments in, its exit status out. It prints its own results; what it throws is printed here. A status
 * as `{ exit }` also stands after a signal.
 */
export type Command = (argv: readonly string[], signal: AbortSignal) => Promise<number | { exit: number }>

const exitBySignal = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type Ending = keyof typeof exitBySignal

export async function runCommand(name: string, command: Command): Promise<void> {
  const controller = new AbortController()
  const lostOutput = watchOutput()
  process.once('beforeExit', () => {
    printError(name, new RlmsError('worker_failure', 'it waits for something that can never come'))
    process.exit(errorTable.worker_failure.exit)
  })
  let ending: Ending | undefined
  for (const signal of Object.keys(exitBySignal) as Ending[]) {
    process.on(signal, () => {
      // The first asks, the second insists: exit handlers end the child processes.
      if (ending) process.exit(exitBySignal[signal])
      ending = signal
      controller.abort(new RlmsError('cancelled', `interrupted by ${signal}`))
    })
  }
  let status: Awaited<ReturnType<Command>>
  try {
    status = await command(process.argv.slice(2), controller.signal)
  } catch (cause) {
    const error = asRlmsError(cause)
    printError(name, error)
    if (error.code === 'worker_failure' && process.env.SUPERLOOP_DEBUG && cause instanceof Error)
      console.error(cause.stack)
    status = errorTable[error.code].exit
  }
  const lost = await lostOutput()
  if (lost) {
    printError(name, new RlmsError('worker_failure', `standard output cannot be written: ${lost.message}`))
    if (status === 0) status = errorTable.worker_failure.exit
  }
  if (typeof status === 'object') process.exit(status.exit)
  process.exit(ending ? exitBySignal[ending] : status)
}

export function printError(
  name: string,
  { code, message, fix }: { readonly code: string } & Pick<RlmsError, 'message' | 'fix'>,
): void {
  process.stderr.write(`${name}: error: ${withoutSteering(message)}\n  code: ${code}\n  fix: ${fix}\n`)
}
