// One session: its variables in the engine, and the running of steps.
import type { QuickJSHandle } from 'quickjs-emscripten-core'
import type { Answer } from './answers.ts'
import type { Engine } from './engine.ts'
import {
  type CaughtError,
  createSources,
  describeCaught,
  describeRefusal,
  type Failure,
  memoryLimit,
  noMemory,
  StepFailure,
} from './failures.ts'
import type { GuestSetup } from './guest/main.ts'
import { openGuest } from './guest.ts'
import { createOutput } from './output.ts'
import { checkCode } from './policy.ts'
import { makeRunnable, type Runnable } from './rewrite.ts'
import type { StepControl } from './step-control.ts'
import { OutOfMemory } from './wasm-memory.ts'
import { endProcess } from './wire.ts'

export interface SessionParts {
  readonly engine: Engine
  readonly guestSource: string
  readonly setup: GuestSetup
  readonly answer: Answer
  readonly control: StepControl
}

/** As runner-process.ts reads it. */
interface Done {
  readonly op: 'done'
  readonly output: string
  readonly length: number
  readonly error: Failure | null
}

export interface Session {
  /** Runs a step; the message that tells the host how it went. */
  execute(code: string, step: number, limitMs: number): Done
}

/** How long the text of an error may take that the session's code makes. */
const describeMs = 500

export function createSession(parts: SessionParts): Session {
  const { engine, control, setup } = parts
  const { context } = engine
  const output = createOutput()
  const sources = createSources()
  const guest = openGuest({ ...parts, source: parts.guestSource, output })
  engine.interruptWhen(control.isOver)
  engine.setReserve(false)

  const isBound = (name: string) =>
    context.getProp(context.global, name).consume((value) => context.typeof(value) !== 'undefined')
  const prepare = (code: string): Runnable =>
    setup.language ? makeRunnable(code, checkCode(code, isBound)) : { source: code, awaits: false }

  const run = (code: string, step: number): Failure | null => {
    const file = sources.add(step, code)
    const runnable = prepare(code)
    guest.begin()
    const result = engine.evaluate(runnable.source, file, runnable.awaits)
    if ('value' in result) result.value.consume((value) => runnable.awaits && guest.waitFor(value))
    engine.runJobs(() => !control.isOver())
    if ('value' in result) return tell(() => guest.describeBroken(), step)
    return result.error.consume((error) => tell(() => describeThrown(error), step))
  }

  const describeThrown = (error: QuickJSHandle): CaughtError => {
    if (engine.isFull() && context.sameValue(error, context.null)) throw new OutOfMemory()
    return guest.describeError(error)
  }

  // The error's text may be a method of the session's, which may not end; and what ended the step comes first.
  const tell = (describe: () => CaughtError | undefined, step: number): Failure | null => {
    const ended = control.ended()
    control.begin(describeMs)
    engine.setReserve(true)
    const caught = attempt(describe)
    if (!ended) return caught ? describeCaught(caught, sources, step) : null
    return { code: ended.code, ...sources.locate(ended.message, caught?.stack ?? '', step) }
  }

  const attempt = (describe: () => CaughtError | undefined): CaughtError | undefined => {
    try {
      return describe()
    } catch {
      // an error that finds no memory to be made of is null
      const [name, message] = engine.isFull()
        ? ['InternalError', noMemory]
        : ['Error', 'an error that cannot be shown']
      return { name, message, stack: '', code: null }
    }
  }

  const settle = (work: () => Failure | null, step: number): Failure | null => {
    try {
      return work()
    } catch (error) {
      if (error instanceof StepFailure) return describeRefusal(error, sources, step)
      if (error instanceof OutOfMemory) return { code: 'code_error', message: memoryLimit, line: null }
      endProcess() // the engine is broken, and with it whatever the session had
    }
  }

  return {
    execute(code, step, limitMs) {
      output.clear()
      control.begin(limitMs)
      const error = settle(() => run(code, step), step)
      // What promises have left over is not for the next step.
      control.end(new StepFailure('code_error', 'the step is over'))
      engine.runJobs(() => true)
      // so that the next one can let go of something
      engine.setReserve(error?.message.startsWith(memoryLimit) ?? false)
      return { op: 'done', output: output.text(), length: output.length(), error }
    },
  }
}
