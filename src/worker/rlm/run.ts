// One run: ask the root model, execute its code, show it what happened, until the code gives a final value or a limit
// is reached. A child run is the same loop over other documents.
import { performance } from 'node:perf_hooks'
import { type ErrorCode, RlmsError } from '../contract/errors.ts'
import { cutText } from '../lib/whole-text.ts'
import { callModel } from './call-model.ts'
import { extractCode } from './code-blocks.ts'
import { answerCall, hostFunctions } from './host-functions.ts'
import { sha256 } from './journal.ts'
import { describeOutcome } from './observation.ts'
import type { CodeError, Json, Outcome, Sandbox } from './ports.ts'
import { adviceFor, type PromptHistory, startPrompt } from './prompt.ts'
import type { Run } from './tree.ts'

/** Runs to the final value. Rejects with an RlmsError; `run.final` and what was noted are then the partial answer. */
export async function runToFinal(run: Run, signal: AbortSignal): Promise<Json> {
  const { tree, documents } = run
  tree.emit({
    type: 'run_start',
    run: run.id,
    depth: run.depth,
    task: run.task,
    documents: documents.list.length,
  })
  const call = (name: string, args: Json[], callSignal: AbortSignal) =>
    answerCall(run, name, args, callSignal)
  const opening = tree.openSandbox({ documents, functions: hostFunctions, call, signal })
  // A child's first question need not wait for its sandbox; the root's would be paid for where there is none to be had.
  if (run.depth === 0) await opening
  let ok = false
  try {
    const value = await takeSteps(run, opening, signal)
    ok = true
    return value
  } finally {
    const sandbox = await opening.catch(() => null) // who needed it has been told
    await sandbox?.close()
    tree.emit({ type: 'run_end', run: run.id, ok })
  }
}

async function takeSteps(run: Run, opening: Promise<Sandbox>, signal: AbortSignal): Promise<Json> {
  const { tree } = run
  const history = startPrompt(run.task, run.documents, tree.language, adviceFor(run))
  const started = performance.now()
  let failedInARow = 0
  for (let step = 1; ; step++) {
    tree.budget.takeStep()
    tree.emit({ type: 'step_start', run: run.id, step })
    const finalBefore = run.final
    const asked = askForCode(run, history, step, (performance.now() - started) / 1000, signal)
    const [reply, sandbox] = await Promise.all([asked, opening])
    const { code, outcome } = await runReply(run, sandbox, reply, step, signal)
    recordStep(run, history, step, code, outcome)
    // A value given by a step that failed afterwards does not end the run; it stays as the best partial answer.
    if (!outcome.error && run.final !== null && run.final !== finalBefore) return run.final.value
    failedInARow = outcome.error ? failedInARow + 1 : 0
    if (outcome.error && failedInARow >= tree.limits.max_errors)
      throw tooManyErrors(outcome.error, failedInARow)
  }
}

async function askForCode(
  run: Run,
  history: PromptHistory,
  step: number,
  elapsedSeconds: number,
  signal: AbortSignal,
): Promise<string> {
  const prompt = history.prompt(step, run.tree.budget, run.levelsLeft, elapsedSeconds)
  const id = `${run.id}.step${step}-${sha256(history.text()).slice(0, 16)}`
  const reply = await callModel(run, run.model, { purpose: 'root', id, prompt, sequence: step - 1 }, signal)
  return reply.text
}

interface Execution {
  readonly code: string
  readonly outcome: StepOutcome
}
type StepOutcome = Outcome & { readonly durationMs: number }

async function runReply(
  run: Run,
  sandbox: Sandbox,
  reply: string,
  step: number,
  signal: AbortSignal,
): Promise<Execution> {
  const { code, fenced } = extractCode(reply)
  if (code.trim() === '')
    return { code, outcome: { ...failed('model_invocation_failed', emptyReply), durationMs: 0 } }
  run.tree.emit({ type: 'code', run: run.id, step, code })
  const started = performance.now()
  const outcome = await sandbox.execute(code, run.tree.stepLimitMs, signal)
  const durationMs = Math.round(performance.now() - started)
  if (fenced || !outcome.error?.message.startsWith('SyntaxError'))
    return { code, outcome: { ...outcome, durationMs } }
  return { code, outcome: { ...failed('code_error', `${noCode}\n${outcome.error.message}`), durationMs } }
}

const emptyReply = 'Your reply was empty. Reply with one fenced code block.'
const noCode =
  'Your reply held no fenced code block, and as a whole it is not code. Reply with one fenced code block and nothing else.'

function failed(code: CodeError['code'], message: string): Outcome {
  return { output: '', outputLength: 0, error: { code, message, line: null, stateLost: false } }
}

function recordStep(
  run: Run,
  history: PromptHistory,
  step: number,
  code: string,
  outcome: StepOutcome,
): void {
  const { tree } = run
  const ok = outcome.error === null
  // A resumed run shows what its model was shown the first time, so that the recorded replies still answer to it.
  const recorded = tree.journal.recordedObservation(run.id, step)
  const observation = recorded ?? describeOutcome(outcome)
  if (recorded === undefined) {
    tree.journal.append({ type: 'step', run: run.id, step, observation, ok, duration_ms: outcome.durationMs })
  }
  history.addStep(step, code, observation)
  const error = outcome.error?.message ?? null
  tree.trace.push({
    run: run.id,
    step,
    ok,
    duration_ms: outcome.durationMs,
    code_preview: preview(code),
    output_preview: preview(outcome.output),
    ...(error === null ? {} : { error: preview(error) }),
  })
  tree.emit({ type: 'step_end', run: run.id, step, ok, output: observation, error })
}

function tooManyErrors(error: CodeError, count: number): RlmsError {
  const code: ErrorCode = error.code
  return new RlmsError(code, count === 1 ? error.message : noteCount(error.message, count))
}

function preview(text: string): string {
  return cutText(text.replace(/\s+/g, ' ').trim(), 200)
}

// Behind what went wrong, before the line of code that an error may end with.
function noteCount(message: string, count: number): string {
  const code = message.search(/\n {2}line \d+: [^\n]*$/)
  const end = code < 0 ? message.length : code
  return `${message.slice(0, end)} (${count} failed steps in a row)${message.slice(end)}`
}
