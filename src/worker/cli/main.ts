// The only place that prints errors and ends the process.
import { asRlmsError, errorTable, RlmsError } from '../contract/errors.ts'

/**
 * A command: its arguments in, its exit status out. It prints its own results; what it throws is printed here. A status
 * as `{ exit }` also stands after a signal.
 */
export type Command = (argv: readonly string[], signal: AbortSignal) => Promise<number | { exit: number }>

const exitBySignal = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type Ending = keyof typeof exitBySignal

export async function runCommand(name: string, command: Command): Promise<void> {
  const controller = new AbortController()
  // A reader that went away is no reason to lose the run; what is left is written to nobody.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
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
  await Promise.all([process.stdout, process.stderr].map(flush))
  if (typeof status === 'object') process.exit(status.exit)
  process.exit(ending ? exitBySignal[ending] : status)
}

/** A pipe takes 64 kB at once; what waits behind that would be lost with the process. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()))
}

export function printError(
  name: string,
  { code, message, fix }: { readonly code: string } & Pick<RlmsError, 'message' | 'fix'>,
): void {
  process.stderr.write(`${name}: error: ${message}\n  code: ${code}\n  fix: ${fix}\n`)
}
