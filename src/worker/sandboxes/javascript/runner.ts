// The process in which model-written JavaScript runs: reads the session's setup, locks itself down, runs steps.
// Descriptors: 3 in, 4 out (wire.ts), 5 the documents' pack, read-only. Bundled by itself (scripts/build).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, sliceDocuments } from '../../rlm/documents.ts'
import { type Answer, hostAnswers, readingAnswers } from './answers.ts'
import { openEngine } from './engine.ts'
import type { FunctionRow } from './guest/functions.ts'
import { type KernelReport, lockKernel } from './kernel-lock.ts'
import { Session } from './session.ts'
import { createStepControl } from './step-control.ts'
import { openWire, type Wire } from './wire.ts'

const packDescriptor = 5
const folder = import.meta.dirname

export interface RunnerSetup {
  readonly documents: readonly Document[]
  readonly pack_size: number
  readonly functions: readonly FunctionRow[]
  /** Names of the functions that the host answers. */
  readonly asked: readonly string[]
  readonly language: boolean
  readonly kernel: boolean
  readonly memory_bytes: number
}

async function main(): Promise<void> {
  process.on('SIGINT', () => {}) // the step's time is kept here; the host's signal is for runners that cannot
  const wire = openWire()
  const setup = wire.first as RunnerSetup
  const session = await openSession(wire, setup)
  wire.send({ op: 'ready', kernel: lock(setup) })
  for (let step = 1; ; step++) {
    const { code, limit_ms } = wire.receive() as { code: string; limit_ms: number }
    wire.send(session.execute(code, step, limit_ms))
  }
}

async function openSession(wire: Wire, setup: RunnerSetup): Promise<Session> {
  const documents = sliceDocuments({ packSize: setup.pack_size, descriptor: packDescriptor }, setup.documents)
  const control = createStepControl()
  const local = readingAnswers(documents, control.check)
  const askHost = hostAnswers(wire)
  const answer: Answer = (name, args) => {
    const answerHere = local.get(name)
    return answerHere ? answerHere(name, args) : control.outside(() => askHost(name, args))
  }
  const engine = await openEngine(readFileSync(join(folder, 'quickjs.wasm')), setup.memory_bytes)
  const names = setup.documents.map(({ name }) => name)
  const context = ['context', 'context.txt'].find((name) => names.includes(name))
  return new Session({
    engine,
    guestSource: readFileSync(join(folder, 'guest.js'), 'utf8'),
    setup: {
      functions: setup.functions,
      asked: setup.asked,
      documents: { names, context: context ?? (names.length === 1 ? names[0]! : null) },
      language: setup.language,
    },
    answer,
    control,
  })
}

function lock(setup: RunnerSetup): KernelReport {
  return setup.kernel ? lockKernel(folder) : { seccomp: false, landlock: 0, reason: 'switched off' }
}

void main()
