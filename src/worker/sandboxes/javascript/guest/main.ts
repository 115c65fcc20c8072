// Runs inside the engine, before any code of the session: gives it its functions, and the runner what it needs to know how
// a step went. Bundled by itself; the runner evaluates it as a text.
import { type Bridge, makeCalls } from './bridge.ts'
import { bindContext, type DocumentTable, makeChunks, makeContext, makeTexts } from './documents.ts'
import { describeError, makePromises } from './errors.ts'
import { bindGlobals, seal } from './functions.ts'
import { harden, seedRandom } from './globals.ts'
import { inspect } from './inspect.ts'
import { freeze, parse } from './primordials.ts'
import { type Emit, printer } from './printing.ts'
import { type FunctionTable, sessionFunctions } from './session-functions.ts'
import { makeVariables, type Variables } from './variables.ts'

export interface GuestSetup extends FunctionTable {
  readonly documents: DocumentTable
  /** The language layer: without it, for tests, nothing is taken from the language. */
  readonly language: boolean
}

export interface Guest {
  /** Before every step: what an earlier one may have bound anew is as it was. */
  begin(): void
  /** The step is not done before this promise is. */
  waitFor(promise: unknown): void
  /** JSON of a CaughtError. */
  describeError(error: unknown): string
  /** The same of what was promised and not kept; undefined where all is well. */
  describeBroken(): string | undefined
}

export function start(globals: object, bridge: Bridge, emit: Emit, setupText: string): Guest {
  const setup = parse(setupText) as GuestSetup
  if (setup.language) harden(globals)
  seedRandom()
  const calls = makeCalls(bridge)
  const pieces = makeChunks(calls)
  const promises = makePromises()
  const show = (value: unknown) => inspect(value, pieces.describe)
  const textOf = makeTexts(calls)
  const print = seal('print', printer(emit, show))
  let variables: Variables
  const bound = {
    ...sessionFunctions(setup, calls, pieces, () => variables),
    print,
    console: freeze({ log: print, info: print, warn: print, error: print, debug: print }),
    CONTEXT: makeContext(setup.documents, textOf),
    $watch: seal('$watch', (value) => promises.watch(value)),
  }
  const bind = () => bindGlobals(globals, bound)
  bindContext(globals, setup.documents, textOf)
  bind()
  variables = makeVariables(globals)
  return {
    begin() {
      promises.begin()
      bind()
    },
    waitFor: promises.waitFor,
    describeError: (error) => describeError(error, show, calls.codeOf),
    describeBroken() {
      const failure = promises.failure()
      return failure && describeError(failure.error, show, calls.codeOf)
    },
  }
}
