// Sub-calls of model-written code: one model call, or a child run with a REPL of its own. Every reply is in the journal
// before the code sees it; a question that an earlier part of the run has an answer to is not asked again.
import { RlmsError } from '../contract/errors.ts'
import { charsPerToken } from './budget.ts'
import { callModel } from './call-model.ts'
import { contextChars, openContext, readContextText } from './child-context.ts'
import type { Documents } from './documents.ts'
import { sha256 } from './journal.ts'
import { HostCallError, type Json } from './ports.ts'
import type { Run } from './tree.ts'

export interface Question {
  readonly prompt: string
  /** How many levels of models may answer it: 1 is one model call. */
  readonly depth: number
  readonly context: Json
}

export async function askOne(run: Run, question: Question, signal: AbortSignal): Promise<Json> {
  checkDepth(run, question.depth)
  takeSubcalls(run, [question])
  return answer(run, question, nameQuestion(run, question), signal)
}

/** Answers in order. A batch that the budget can't hold is refused whole; a question that fails is a value in its slot. */
export async function askMany(run: Run, questions: readonly Question[], signal: AbortSignal): Promise<Json> {
  for (const question of questions) checkDepth(run, question.depth)
  takeSubcalls(run, questions)
  const names = questions.map((question) => nameQuestion(run, question))
  return Promise.all(
    questions.map(async (question, at) => {
      try {
        return await answer(run, question, names[at]!, signal)
      } catch (error) {
        if (!(error instanceof HostCallError)) throw error
        return { error: error.message, error_code: error.code }
      }
    }),
  )
}

async function answer(run: Run, question: Question, name: QuestionName, signal: AbortSignal): Promise<Json> {
  try {
    run.tree.budget.noteDepth(run.depth + 1)
    return question.depth > 1 && !fitsOneCall(run, question.context)
      ? await askChild(run, question, name, signal)
      : await askPlain(run, question, name, signal)
  } catch (error) {
    throw asHostCallError(error)
  }
}

async function askPlain(
  run: Run,
  question: Question,
  name: QuestionName,
  signal: AbortSignal,
): Promise<string> {
  const context = plainContext(run, question)
  const prompt = context === '' ? question.prompt : `${question.prompt}\n\n${context}`
  const { id, sequence } = name
  const reply = await callModel(run, run.tree.models.sub, { purpose: 'sub', id, prompt, sequence }, signal)
  return reply.text
}

// Where the depth is left to us, a child run over little would cost more than it finds.
function fitsOneCall(run: Run, context: Json): boolean {
  const { plainBelowTokens } = run.tree.route
  return plainBelowTokens !== null && contextChars(run, context) <= plainBelowTokens * charsPerToken
}

// A child run without a context reads all documents, and so does the call that stands for one.
function plainContext(run: Run, { context, depth }: Question): string {
  if (context !== null) return readContextText(run, context)
  return depth > 1
    ? readContextText(
        run,
        run.documents.list.map(({ name }) => name),
      )
    : ''
}

async function askChild(
  run: Run,
  question: Question,
  name: QuestionName,
  signal: AbortSignal,
): Promise<Json> {
  const depth = run.depth + 1
  const freeSlot = await run.tree.runSlots(depth).acquire(signal)
  let documents: Documents | undefined
  try {
    documents = openContext(run, question.context, name.id)
    return await run.tree.startRun(
      {
        id: name.id,
        task: question.prompt,
        documents,
        model: run.tree.models.sub,
        depth,
        levelsLeft: question.depth - 1,
        parent: run,
      },
      signal,
    )
  } finally {
    documents?.close()
    freeSlot()
  }
}

interface QuestionName {
  readonly id: string
  readonly sequence: number
}

// Names come from what is asked, not from when: a resumed run finds its answers under them.
function nameQuestion(run: Run, { prompt, depth, context }: Question): QuestionName {
  const id = run.nextId(sha256(JSON.stringify([prompt, depth, context])).slice(0, 16))
  return { id, sequence: run.subcallSequence++ }
}

function checkDepth(run: Run, depth: number): void {
  if (depth <= run.levelsLeft) return
  const allowed = run.levelsLeft === 1 ? '1 level is left' : `${run.levelsLeft} levels are left`
  throw new HostCallError(
    'limit_exceeded',
    `depth exceeded: ${depth} asked for, ${allowed} of ${run.tree.limits.max_depth} (--max-depth)`,
  )
}

function takeSubcalls(run: Run, questions: readonly Question[]): void {
  try {
    const plain = questions.filter(({ depth }) => depth === 1)
    const chars = plain.reduce((sum, { prompt }) => sum + prompt.length, 0)
    const mean = Math.ceil(chars / Math.max(1, questions.length))
    run.tree.budget.reserve(mean, questions.length).release()
    run.tree.budget.takeSubcalls(questions.length)
  } catch (error) {
    throw asHostCallError(error)
  }
}

// What the code should see raised; a broken machine and a cancelled run are not for the code.
function asHostCallError(error: unknown): unknown {
  if (!(error instanceof RlmsError)) return error
  switch (error.code) {
    case 'limit_exceeded':
    case 'model_invocation_failed':
    case 'code_error':
    case 'sandbox_violation':
      return new HostCallError(error.code === 'sandbox_violation' ? 'code_error' : error.code, error.message)
    default:
      return error
  }
}
