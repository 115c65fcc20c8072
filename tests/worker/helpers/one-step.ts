import { type Json, ModelFailure, type ModelRequest } from '../../../src/worker/rlm/ports.ts'
import type { Step } from './closure-sandbox.ts'
import { type Experiment, type LabRun, runLab } from './lab.ts'

/** A run of one step, whose final value is what `code` gives. */
export function runStep(code: (step: Step) => Promise<Json>, experiment: Experiment = {}): Promise<LabRun> {
  const only = async (step: Step) => {
    await step.call('set_final', await code(step))
  }
  return runLab({ ...experiment, steps: ['only'], closures: { ...experiment.closures, only } })
}

/** What code sees raised, as a value: for `call(…).catch(raised)`. */
export function raised(error: unknown): Json {
  const { code, message, swallowable } = error as { code: string; message: string; swallowable: boolean }
  return { code, message, swallowable }
}

/** Replies of a sub-model that is away for one prompt, at a price. */
export function failFor(bad: string): (request: ModelRequest) => string | Error {
  const usage = { inputTokens: 7, outputTokens: 0, costUsd: 0.25 }
  return ({ prompt }) => (prompt === bad ? new ModelFailure('the model is away', { usage }) : `re: ${prompt}`)
}
