// A sandbox without processes: a step's code is the name of a JavaScript closure, which is run with what code may use.
import {
  type CodeError,
  HostCallError,
  type Json,
  type OpenSandbox,
  type Outcome,
  type Sandbox,
  type SandboxRequest,
} from '../../../src/worker/rlm/ports.ts'

/** What a closure may use. */
export interface Step {
  /** Calls a host function; rejects with a HostCallError, which the closure may catch as code would. */
  call(name: string, ...args: Json[]): Promise<Json>
  print(text: string): void
  /** Ends the step as the runner would, with an outcome that closures cannot reach otherwise. */
  endAs(outcome: Partial<Outcome>): void
  /** Stay from step to step, as variables do. */
  readonly variables: Map<string, Json>
  readonly request: SandboxRequest
  readonly signal: AbortSignal
}

export type Closure = (step: Step) => Promise<void> | void

export interface ClosureSandboxes {
  readonly open: OpenSandbox
  readonly opened: readonly OpenedSandbox[]
}

interface OpenedSandbox {
  readonly documents: readonly string[]
  readonly codes: readonly string[]
  closed: boolean
}

/** Sandboxes that know these closures; any other code is a syntax error. */
export function closureSandboxes(closures: Record<string, Closure>): ClosureSandboxes {
  const opened: OpenedSandbox[] = []
  const open: OpenSandbox = async (request) => {
    request.signal.throwIfAborted()
    const codes: string[] = []
    const entry: OpenedSandbox = {
      documents: request.documents.list.map(({ name }) => name),
      codes,
      closed: false,
    }
    opened.push(entry)
    return openOne(closures, request, entry, codes)
  }
  return { open, opened }
}

/** The error that ends a step as a raised exception does. */
function codeError(code: CodeError['code'], message: string): CodeError {
  return { code, message, line: 1, stateLost: false }
}

function openOne(
  closures: Record<string, Closure>,
  request: SandboxRequest,
  entry: OpenedSandbox,
  codes: string[],
): Sandbox {
  const variables = new Map<string, Json>()
  return {
    report: { backend: 'closures', language: true, process: false, kernel: false },
    async execute(code, _limitMs, signal) {
      if (entry.closed) throw new Error('the sandbox is closed')
      codes.push(code)
      const closure = closures[code]
      if (!closure) return outcome('', codeError('code_error', 'SyntaxError: invalid syntax (line 1)'))
      return untilAborted(signal, runClosure(closure, request, variables, signal))
    },
    async close() {
      entry.closed = true
    },
  }
}

async function runClosure(
  closure: Closure,
  request: SandboxRequest,
  variables: Map<string, Json>,
  signal: AbortSignal,
): Promise<Outcome> {
  let printed = ''
  let own: Partial<Outcome> = {}
  let broken: { cause: unknown } | undefined
  const step: Step = {
    request,
    variables,
    signal,
    print: (text) => {
      printed += `${text}\n`
    },
    endAs: (outcome) => {
      own = outcome
    },
    async call(name, ...args) {
      try {
        return await request.call(name, args, signal)
      } catch (error) {
        if (!(error instanceof HostCallError)) broken ??= { cause: error }
        throw error
      }
    },
  }
  try {
    await closure(step)
    return { ...outcome(printed, null), ...own }
  } catch (error) {
    // as the real ones: what is not for the code ends the run
    if (broken) throw broken.cause
    const code = error instanceof HostCallError ? error.code : 'code_error'
    return outcome(printed, codeError(code, (error as Error).message))
  }
}

function outcome(output: string, error: CodeError | null): Outcome {
  return { output, outputLength: output.length, error }
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
