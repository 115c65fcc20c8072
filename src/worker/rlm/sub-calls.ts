// Sub-calls of model-written code: one model call, or a child run with a REPL of its own. Every reply is in the journal
// before the code sees it; a question that an earlier part of the run has an answer to is not asked again.
import { RlmsError } from '../contract/errors.ts'
import { charsPerToken, type Reservation } from './budget.ts'
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
  const name = nameQuestion(run, question)
  const [held] = takeSubcalls(run, [question], [name])
  return answer(run, question, name, held, signal)
}

/** Answers in order. A batch that the budget can't hold is refused whole; a question that fails is a value in its slot. */
export async function askMany(run: Run, questions: readonly Question[], signal: AbortSignal): Promise<Json> {
  for (const question of questions) checkDepth(run, question.depth)
  const names = questions.map((question) => nameQuestion(run, question))
  const held = takeSubcalls(run, questions, names)
  return Promise.all(
    questions.map(async (question, at) => {
      try {
        return await answer(run, question, names[at]!, held[at], signal)
      } catch (error) {
        if (!(error instanceof HostCallError)) throw error
        return { error: error.message, error_code: error.code }
      }
    }),
  )
}

async function answer(
  run: Run,
  question: Question,
  name: QuestionName,
  held: Reservation | undefined,
  signal: AbortSignal,
): Promise<Json> {
  try {
    run.tree.budget.noteDepth(run.depth + 1)
    return isPlain(run, question)
      ? await askPlain(run, question, name, held, signal)
      : await askChild(run, question, name, signal)
  } catch (error) {
    throw asHostCallError(error)
  } finally {
    held?.release()
  }
}

async function askPlain(
  run: Run,
  question: Question,
  name: QuestionName,
  held: Reservation | undefined,
  signal: AbortSignal,
): Promise<string> {
  const context = plainContext(run, question)
  const prompt = context === '' ? question.prompt : `${question.prompt}\n\n${context}`
  const { id, sequence } = name
  const call = { purpose: 'sub', id, prompt, sequence, ...(held ? { held } : {}) } as const
  const reply = await callModel(run, run.tree.models.sub, call, signal)
  return reply.text
}

// Where the depth is left to us, a child run over little would cost more than it finds.
function isPlain(run: Run, { depth, context }: Question): boolean {
  const { plainBelowTokens } = run.tree.route
  if (depth === 1) return true
  return plainBelowTokens !== null && sizeOf(run, context) <= plainBelowTokens * charsPerToken
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

/**
 * Takes the sub-calls and sets aside what the plain ones among them need, all or none. A child run sets aside for each
 * of its own calls; here it only must have room for one. What an earlier part of the run has answered needs nothing.
 */
function takeSubcalls(
  run: Run,
  questions: readonly Question[],
  names: readonly QuestionName[],
): (Reservation | undefined)[] {
  const { budget, journal, models } = run.tree
  try {
    const asked = questions.flatMap((question, at) =>
      isPlain(run, question) && journal.recordedReply(names[at]!.id) ? [] : [{ question, at }],
    )
    const chars = asked.map(({ question }) => question.prompt.length + addedChars(run, question))
    const held = budget.reserveEach(chars, models.sub)
    const release = (reservation: Reservation) => reservation.release()
    try {
      budget.takeSubcalls(questions.length)
    } catch (error) {
      held.forEach(release)
      throw error
    }
    const kept = new Map(asked.map(({ at }, index) => [at, held[index]!]))
    return questions.map((question, at) => {
      if (isPlain(run, question)) return kept.get(at)
      kept.get(at)?.release()
      return undefined
    })
  } catch (error) {
    throw asHostCallError(error)
  }
}

/** What a plain call has behind its prompt. */
function addedChars(run: Run, question: Question): number {
  const isBare = question.context === null && question.depth === 1
  return isBare || !isPlain(run, question) ? 0 : sizeOf(run, question.context)
}

/** Characters; none of a context that is none, which is told where the question is answered. */
function sizeOf(run: Run, context: Json): number {
  try {
    return contextChars(run, context)
  } catch {
    return 0
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
