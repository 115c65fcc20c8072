// One iteration: the agent's turns, what they changed, the validator's verdict; each phase written down before the next,
// so that a killed run goes on in the phase it was in.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { writeJsonWhole } from '../lib/atomic-file.ts'
import { cutText } from '../lib/whole-text.ts'
import type { Agent } from './agents/agent.ts'
import { withPath } from './errors.ts'
import type { GoalSink } from './events.ts'
import { readEnds, readExcerpt } from './excerpt.ts'
import { findDecisiveChanges, type GuardPlace, putBack } from './guard.ts'
import { buildPrompt, readSummary } from './prompt.ts'
import { type RunRecord, round } from './record.ts'
import { plans } from './roles.ts'
import { guardFolder, type IterationPaths, iterationPaths } from './run-folder.ts'
import type { IterationRecord } from './run-state.ts'
import type { Change, Snapshots } from './snapshots.ts'
import { stallKey } from './stall.ts'
import { takeTurns, turnFiles } from './turns.ts'
import { type Judgement, runValidator } from './validator.ts'

export interface IterationParts {
  readonly record: RunRecord
  /** Null for iteration 0. */
  readonly agent: Agent | null
  readonly snapshots: Snapshots
  readonly emit: GoalSink
  readonly signal: AbortSignal
}

const notJudged: Judgement = {
  verdict: 'none',
  reason: 'there is no validator',
  exitStatus: null,
  signal: null,
  seconds: 0,
}

/** Does, or goes on with, the iteration that the state is in; the state is then at the next one. */
export async function doIteration(parts: IterationParts): Promise<IterationRecord> {
  const { record, emit, signal } = parts
  const { state } = record
  const files = iterationPaths(record.paths, state.iteration)
  withPath(files.folder, 'made', () => mkdirSync(files.calls, { recursive: true }))
  const secondsBefore = record.seconds
  if (state.phase === 'agent' && parts.agent !== null) await letWork(parts, parts.agent)
  state.phase = 'validator'
  record.save()
  const work = state.iteration === 0 ? null : await surveyWork(parts, files)
  emit({ type: 'phase', iteration: state.iteration, of: state.goal.limits.iterations, what: 'validator' })
  const judgement = await judge(parts, files)
  signal.throwIfAborted()
  const iteration = describe(parts, judgement, work, record.seconds - secondsBefore)
  await keep(parts, files, iteration, work)
  return iteration
}

/** What the agent has done since the run began. */
interface Work {
  readonly tree: string
  readonly changes: readonly Change[]
  readonly decisive: readonly string[]
  readonly putBack: boolean
}

async function letWork(parts: IterationParts, agent: Agent): Promise<void> {
  const { record, snapshots, emit, signal } = parts
  const { state, paths } = record
  const before = iterationPaths(paths, state.iteration - 1)
  const diff = await readDiff(parts)
  const last = record.manifest.iterations.at(-1)
  const told = last ? `${last.verdict}, ${last.reason}` : 'not run yet'
  const excerpt = existsSync(before.validatorLog) ? await readExcerpt(before.validatorLog, signal) : ''
  const ok = await takeTurns({
    record,
    agent,
    validatorLog: before.validatorLog,
    emit,
    signal,
    promptFor: async (role) =>
      buildPrompt({
        goal: state.goal,
        role,
        state,
        diff,
        verdict: told,
        excerpt,
        howToChange: agent.howToChange,
      }),
  })
  const idle = !ok && (await snapshots.take(signal)) === state.tree
  state.failedTurns = idle ? state.failedTurns + 1 : 0
}

/** The patch that the last iteration left; it is what has changed since the run began. */
async function readDiff({ record }: IterationParts): Promise<string> {
  const { patch } = iterationPaths(record.paths, record.state.iteration - 1)
  return existsSync(patch) ? readEnds(patch, 16_000, 8_000) : ''
}

async function surveyWork(
  { record, snapshots, signal }: IterationParts,
  files: IterationPaths,
): Promise<Work> {
  const { state, paths } = record
  const { base, goal, fingerprint } = state
  const place: GuardPlace = { root: goal.root, base, snapshots, folder: guardFolder(paths) }
  let tree = await snapshots.take(signal)
  await snapshots.writePatch(base, tree, files.patch, signal)
  let changes = await snapshots.compare(base, tree, signal)
  const found = fingerprint === null ? [] : await findDecisiveChanges(place, fingerprint, changes, signal)
  const back = goal.protect && found.length > 0
  if (back) {
    await putBack(place, found, signal)
    tree = await snapshots.take(signal)
    changes = await snapshots.compare(base, tree, signal)
  }
  return { tree, changes, decisive: found.map(({ what }) => what), putBack: back }
}

async function judge({ record, signal }: IterationParts, files: IterationPaths): Promise<Judgement> {
  const { validator, root, limits } = record.state.goal
  if (validator === null) return notJudged
  const call = { command: validator, root, log: files.validatorLog, timeoutSeconds: limits.validatorSeconds }
  return runValidator(call, signal)
}

function describe(
  { record }: IterationParts,
  judgement: Judgement,
  work: Work | null,
  seconds: number,
): IterationRecord {
  const { iteration, answers, attempts, goal } = record.state
  const changes = work?.changes ?? []
  const sum = (name: 'insertions' | 'deletions') => changes.reduce((total, change) => total + change[name], 0)
  const doer = plans[goal.roles].at(-1)?.name
  const failure = attempts.at(-1)?.error
  const said = readSummary(answers.find(({ role }) => role === doer)?.text ?? '')
  return {
    iteration,
    verdict: judgement.verdict,
    reason: judgement.reason,
    exit_status: judgement.exitStatus,
    signal: judgement.signal,
    seconds: round(seconds),
    validator_seconds: judgement.seconds,
    attempts: [...attempts],
    summary: failure ? `the turn failed: ${cutText(failure, 200)}` : said,
    diff: { files: changes.length, insertions: sum('insertions'), deletions: sum('deletions') },
    decisive_changes: work?.decisive ?? [],
    put_back: work?.putBack ?? false,
  }
}

async function keep(
  { record, emit, signal }: IterationParts,
  files: IterationPaths,
  iteration: IterationRecord,
  work: Work | null,
): Promise<void> {
  const { state } = record
  withPath(files.verdict, 'written', () => writeJsonWhole(files.verdict, iteration))
  if (readdirSync(files.calls).length === 0) rmSync(files.calls, { recursive: true })
  const turns = plans[state.goal.roles].flatMap((role) => Object.values(turnFiles(files.folder, role)))
  const artifacts = [...turns, files.validatorLog, files.patch, files.verdict]
  const watched = work !== null && state.goal.validator !== null && state.failedTurns === 0
  const key = watched
    ? stallKey(work.tree, iteration.verdict, await readExcerpt(files.validatorLog, signal))
    : state.same.key
  await record.addIteration(
    iteration,
    artifacts.filter((file) => existsSync(file)),
  )
  // At once, so that no heartbeat writes down half of it.
  if (watched) state.same = { key, times: state.same.key === key ? state.same.times + 1 : 1 }
  if (work !== null) {
    state.tree = work.tree
    const { summary, verdict, put_back: back, decisive_changes: decisive } = iteration
    const told = `${summary || 'said nothing'}${back ? ` (put back: ${decisive.join(', ')})` : ''}`
    state.history.push({ iteration: state.iteration, summary: told, verdict })
  }
  Object.assign(state, {
    iteration: state.iteration + 1,
    phase: 'agent',
    attempt: 1,
    answers: [],
    attempts: [],
  })
  record.save()
  emit({ type: 'iteration', ...iteration })
}
