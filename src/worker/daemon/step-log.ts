// What a session has done so far: its steps, and what the host answered to their calls. When the daemon dies, another
// sandbox is brought to the same point by doing it all again, with the answers that were given, as a resumed run does
// with its journal: nothing is asked twice. It is believed only where every call and every outcome is the same again.
import { isDeepStrictEqual } from 'node:util'
import type { HostCall, Json, Outcome, Sandbox } from '../rlm/ports.ts'
import { DaemonLost } from './client.ts'

interface LoggedCall {
  readonly name: string
  readonly args: Json[]
  /** Settles however long the answer takes, whoever waits for it by then. */
  readonly answer: Promise<Json>
  cancel(reason: unknown): void
}

interface LoggedStep {
  readonly code: string
  readonly limitMs: number
  readonly calls: LoggedCall[]
  outcome?: Outcome
}

/** Of texts that are kept for a session; one that says more can't be done again. */
const maxKeptChars = 32 << 20
// Where it was interrupted is nowhere written down.
const interrupted = /^TimeoutError: the step's time limit/

export class StepLog {
  private readonly call: HostCall
  private steps: LoggedStep[] = []
  private keptChars = 0
  private repeatable = true

  constructor(call: HostCall) {
    this.call = call
  }

  begin(code: string, limitMs: number): void {
    this.keep(code.length)
    this.steps.push({ code, limitMs, calls: [] })
  }

  end(outcome: Outcome): void {
    const { error } = outcome
    if (error && interrupted.test(error.message)) this.repeatable = false
    this.keep(outcome.output.length)
    if (this.current) this.current.outcome = outcome
    if (error?.stateLost) this.forget()
  }

  /** A host call of the step that runs: asked for, and its answer kept. */
  readonly record: HostCall = (name, args, signal) => {
    const asked = new AbortController()
    const answer = this.call(name, args, asked.signal)
    const logged = { name, args, answer, cancel: (reason: unknown) => asked.abort(reason) }
    this.current?.calls.push(logged)
    this.keep(countChars(args))
    answer.then(
      (value) => this.keep(countChars(value)),
      () => {},
    )
    return follow(logged, signal)
  }

  /**
   * Brings a fresh sandbox to where the lost one was and ends the step that was under way. Undefined when that can't
   * be done safely; the sandbox's variables are then worth nothing.
   */
  async repeat(open: (call: HostCall) => Promise<Sandbox>, signal: AbortSignal) {
    if (!this.repeatable) return undefined
    const steps = this.steps
    const answers = steps.flatMap(({ calls }) => calls)
    const call: HostCall = async (name, args, callSignal) => {
      const logged = answers.shift()
      if (!logged) return this.call(name, args, callSignal)
      if (logged.name === name && isDeepStrictEqual(logged.args, args)) return follow(logged, callSignal)
      throw new Differs()
    }
    const sandbox = await open(call)
    try {
      for (const { code, limitMs, outcome } of steps) {
        const again = await sandbox.execute(code, limitMs, signal)
        if (outcome === undefined) return { sandbox, outcome: again }
        if (!isDeepStrictEqual(again, outcome)) throw new Differs()
      }
      throw new Error('the log holds no step that was under way')
    } catch (error) {
      await sandbox.close()
      if (error instanceof Differs) return undefined
      throw error
    }
  }

  private get current(): LoggedStep | undefined {
    return this.steps.at(-1)
  }

  private keep(chars: number): void {
    this.keptChars += chars
    if (this.keptChars > maxKeptChars) this.repeatable = false
    if (!this.repeatable) this.steps.length = 0
  }

  private forget(): void {
    this.steps = []
    this.keptChars = 0
    this.repeatable = true
  }
}

class Differs extends Error {}

/** The answer for whoever waits now. One who waits in vain because the daemon is gone has not called it off. */
function follow({ answer, cancel }: LoggedCall, signal: AbortSignal): Promise<Json> {
  const leave = () => {
    if (!(signal.reason instanceof DaemonLost)) cancel(signal.reason)
  }
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  return answer
}

function countChars(value: Json): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + countChars(item), 8)
}
