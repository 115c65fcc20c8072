// The sandbox's own code inside the engine (guest/), as the runner holds it.
import type { QuickJSHandle } from 'quickjs-emscripten-core'
import { type Answer, Refused } from './answers.ts'
import type { Engine } from './engine.ts'
import { type CaughtError, StepFailure } from './failures.ts'
import type { GuestSetup } from './guest/main.ts'
import type { Output } from './output.ts'
import type { StepControl } from './step-control.ts'
import { OutOfMemory } from './wasm-memory.ts'

export interface GuestParts {
  readonly engine: Engine
  /** The bundle of guest/main.ts. */
  readonly source: string
  readonly setup: GuestSetup
  readonly answer: Answer
  readonly output: Output
  readonly control: StepControl
}

/** guest/main.ts says what each is for. */
export interface GuestHandles {
  begin(): void
  waitFor(promise: QuickJSHandle): void
  describeError(error: QuickJSHandle): CaughtError
  describeBroken(): CaughtError | undefined
}

export function openGuest(parts: GuestParts): GuestHandles {
  const { engine, source, setup } = parts
  const { context } = engine
  const bridge = context.newFunction('bridge', (name, rest, text) => answerCall(parts, name, rest, text))
  const emit = context.newFunction('emit', (text, left) => {
    parts.output.emit(engine.readText(text), context.getNumber(left))
  })
  const start = context.unwrapResult(
    context.evalCode(`(() => { ${source}\nreturn guest.start })()`, '<sandbox>'),
  )
  const globals = context.global
  const settings = context.newString(JSON.stringify(setup))
  const guest = context.unwrapResult(
    context.callFunction(start, context.undefined, globals, bridge, emit, settings),
  )
  const call = (name: string, ...args: QuickJSHandle[]) =>
    context.unwrapResult(
      context
        .getProp(guest, name)
        .consume((method) => context.callFunction(method, context.undefined, ...args)),
    )
  return {
    begin: () => call('begin').dispose(),
    waitFor: (promise) => call('waitFor', promise).dispose(),
    describeError: (error) => JSON.parse(call('describeError', error).consume(engine.readText)),
    describeBroken() {
      return call('describeBroken').consume((text) =>
        context.typeof(text) === 'string' ? JSON.parse(engine.readText(text)) : undefined,
      )
    },
  }
}

// A thrown text is a Refusal (guest/bridge.ts).
function answerCall(
  { engine, answer, control }: GuestParts,
  name: QuickJSHandle,
  rest: QuickJSHandle,
  text: QuickJSHandle,
): QuickJSHandle | { error: QuickJSHandle } {
  const { context } = engine
  try {
    control.check()
    const args = JSON.parse(engine.readText(rest)) as unknown[]
    if (context.typeof(text) === 'string') args[0] = engine.readText(text)
    return toHandle(engine, answer(context.getString(name), args))
  } catch (error) {
    return { error: context.newString(JSON.stringify(refusal(error, control))) }
  }
}

function toHandle(engine: Engine, value: unknown): QuickJSHandle {
  const { context } = engine
  if (typeof value === 'string' || Buffer.isBuffer(value)) return engine.newText(value)
  if (typeof value === 'number') return context.newNumber(value)
  if (value === null || value === undefined) return context.null
  if (typeof value === 'boolean') return value ? context.true : context.false
  return engine.parseJson(JSON.stringify(value))
}

function refusal(error: unknown, control: StepControl) {
  if (error instanceof Refused) {
    if (error.final) control.end(new StepFailure(error.code, error.message))
    return { kind: 'Error', message: error.message, code: error.code, final: error.final }
  }
  if (error instanceof StepFailure) return { kind: 'Error', message: error.message, final: true }
  if (error instanceof OutOfMemory) return { kind: 'RangeError', message: error.message }
  if (error instanceof Error && ['TypeError', 'RangeError', 'SyntaxError'].includes(error.name))
    return { kind: error.name, message: error.message }
  return { kind: 'Error', message: error instanceof Error ? error.message : String(error) }
}
