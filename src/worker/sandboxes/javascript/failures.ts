// Why a step did not finish, as the model is told: kind, text, line and source line; no path of the host.
import type { CodeError } from '../../rlm/ports.ts'

/** Of what is told of one error, in UTF-16 units. */
export const maxText = 4000

/** How the engine says it, and how the model is told. */
export const noMemory = 'out of memory'
export const memoryLimit = 'RangeError: the memory limit is reached; keep less at once, read in chunks()'

const maxPlaces = 3

/** What ends a step and cannot be caught by it, or what is wrong before any of it runs. */
export class StepFailure extends Error {
  readonly code: CodeError['code']
  readonly line: number | null

  constructor(code: CodeError['code'], message: string, line: number | null = null) {
    super(message)
    this.code = code
    this.line = line
  }
}

/** An error of the code as the engine gives it. */
export interface CaughtError {
  readonly name: string
  readonly message: string
  readonly stack: string
  /** Set where a host function could not answer. */
  readonly code: CodeError['code'] | null
}

export interface Failure {
  readonly code: CodeError['code']
  readonly message: string
  readonly line: number | null
}

export interface Sources {
  /** Called before a step runs; the name under which the engine knows its code. */
  add(step: number, code: string): string
  /** `message` with the lines it comes from, and the innermost of them in the step that failed. */
  locate(message: string, stack: string, step: number): { message: string; line: number | null }
  line(step: number, number: number): string
}

const keptSources = 50

export function createSources(): Sources {
  const lines = new Map<number, readonly string[]>()
  const line = (step: number, number: number) => (lines.get(step)?.[number - 1] ?? '').trim().slice(0, 200)
  return {
    add(step, code) {
      lines.set(step, code.split('\n'))
      lines.delete(step - keptSources)
      return `<step ${step}>`
    },
    locate(message, stack, step) {
      const places = [...stack.matchAll(/<step (\d+)>:(\d+)/g)]
        .map(([, at, number]) => ({ step: Number(at), number: Number(number) }))
        .filter((place) => lines.has(place.step))
      const shown = places.slice(0, maxPlaces).reverse()
      const rows = shown.map(({ step: at, number }) => {
        const where = at === step ? `line ${number}` : `line ${number} of step ${at}`
        return `\n  ${where}: ${line(at, number)}`
      })
      const own = places.find((place) => place.step === step)
      return { message: message + rows.join(''), line: own?.number ?? null }
    },
    line,
  }
}

export function describeCaught(error: CaughtError, sources: Sources, step: number): Failure {
  const text = error.code === null ? describe(error) : error.message.slice(0, maxText)
  const { message, line } = sources.locate(text, error.stack, step)
  return { code: error.code ?? 'code_error', message, line }
}

/** What is wrong with a step before any of it runs. */
export function describeRefusal(
  { code, message, line }: StepFailure,
  sources: Sources,
  step: number,
): Failure {
  const isSyntax = line === null || code === 'code_error' // its text has the line
  return {
    code,
    message: isSyntax ? message : `${message}\n  line ${line}: ${sources.line(step, line)}`,
    line,
  }
}

function describe({ name, message }: CaughtError): string {
  if (message === 'stack overflow' && name !== 'Error')
    return 'RangeError: the recursion is too deep; use a loop'
  if (message === noMemory && name === 'InternalError') return memoryLimit
  const kind = name === 'InternalError' ? 'RangeError' : name // the engine's word for a limit of its own
  return message === '' ? kind : `${kind}: ${message.slice(0, maxText)}`
}
