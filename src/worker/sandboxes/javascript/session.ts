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
import { type GuestHandles, openGuest } from './guest.ts'
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

/** How long the text of an error may take that the session's code makes. */
const describeMs = 500

export class Session {
  private readonly engine: Engine
  private readonly control: StepControl
  private readonly checked: boolean
  private readonly output = createOutput()
  private readonly sources = createSources()
  private readonly guest: GuestHandles

  constructor(parts: SessionParts) {
    this.engine = parts.engine
    this.control = parts.control
    this.checked = parts.setup.language
    this.guest = openGuest({ ...parts, source: parts.guestSource, output: this.output })
    this.engine.interruptWhen(this.control.isOver)
    this.engine.setReserve(false)
  }

  /** Runs a step; the message that tells the host how it went. */
  execute(code: string, step: number, limitMs: number): Done {
    this.output.clear()
    this.control.begin(limitMs)
    const error = this.settle(code, step)
    // What promises have left over is not for the next step.
    this.control.end(new StepFailure('code_error', 'the step is over'))
    this.engine.dropJobs()
    // After a lack of memory the next one needs some to let go of things.
    this.engine.setReserve(error?.message.startsWith(memoryLimit) ?? false)
    return { op: 'done', output: this.output.text(), length: this.output.length(), error }
  }

  private settle(code: string, step: number): Failure | null {
    try {
      return this.run(code, step)
    } catch (error) {
      if (error instanceof StepFailure) return describeRefusal(error, this.sources, step)
      if (error instanceof OutOfMemory) return { code: 'code_error', message: memoryLimit, line: null }
      endProcess() // the engine is broken, and with it whatever the session had
    }
  }

  private run(code: string, step: number): Failure | null {
    const file = this.sources.add(step, code)
    const { source, awaits } = this.prepare(code)
    this.guest.begin()
    const result = this.engine.evaluate(source, file, awaits)
    if ('value' in result) result.value.consume((value) => awaits && this.guest.waitFor(value))
    this.engine.runJobs(() => !this.control.isOver())
    if ('value' in result) return this.tell(() => this.guest.describeBroken(), step)
    return result.error.consume((error) => this.tell(() => this.describeThrown(error), step))
  }

  private prepare(code: string): Runnable {
    if (!this.checked) return { source: code, awaits: false }
    const { context } = this.engine
    const isBound = (name: string) =>
      context.getProp(context.global, name).consume((value) => context.typeof(value) !== 'undefined')
    return makeRunnable(code, checkCode(code, isBound))
  }

  // The error's text may be a method of the session's, which may not end; and what ended the step comes first.
  private tell(describe: () => CaughtError | undefined, step: number): Failure | null {
    const ended = this.control.ended()
    this.control.begin(describeMs)
    const caught = this.attempt(describe)
    if (!ended) return caught ? describeCaught(caught, this.sources, step) : null
    return { code: ended.code, ...this.sources.locate(ended.message, caught?.stack ?? '', step) }
  }

  private attempt(describe: () => CaughtError | undefined): CaughtError | undefined {
    try {
      return describe()
    } catch {
      const [name, message] = this.engine.isFull()
        ? ['InternalError', noMemory]
        : ['Error', 'an error that cannot be shown']
      return { name, message, stack: '', code: null }
    }
  }

  // An error that finds no memory to be made of is null.
  private describeThrown(error: QuickJSHandle): CaughtError {
    const { context } = this.engine
    if (this.engine.isFull()) {
      if (context.sameValue(error, context.null)) throw new OutOfMemory()
      this.engine.setReserve(true)
    }
    return this.guest.describeError(error)
  }
}
