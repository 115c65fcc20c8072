// The agent's part of an iteration: each role has its turn, and another try when it fails.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { RlmsError } from '../contract/errors.ts'
import { openDeadline, pause } from '../lib/deadline.ts'
import { backoffMs } from '../models/retrying.ts'
import { ModelFailure } from '../rlm/ports.ts'
import type { Agent } from './agents/agent.ts'
import { withPath } from './errors.ts'
import type { GoalSink } from './events.ts'
import { checkSpent, leftToSpend } from './limits.ts'
import { type RunRecord, round } from './record.ts'
import { plans, type Role } from './roles.ts'
import { iterationPaths } from './run-folder.ts'

export interface TurnsRequest {
  readonly record: RunRecord
  readonly agent: Agent
  /** Of the validator's last run. */
  readonly validatorLog: string
  readonly promptFor: (role: Role) => Promise<string>
  readonly emit: GoalSink
  readonly signal: AbortSignal
}

const maxAttempts = 3

/** Every role's turn in its order, from where the state is; ends early with a role that fails. Whether none did. */
export async function takeTurns(request: TurnsRequest): Promise<boolean> {
  const { state } = request.record
  for (const role of plans[state.goal.roles]) {
    if (state.answers.some((answer) => answer.role === role.name)) continue
    if (!(await takeTurn(request, role))) return false
  }
  return true
}

/** The files of a role's turn: the one that changes files has the iteration's own, the others a folder of their name. */
export function turnFiles(iterationFolder: string, role: Role): { prompt: string; log: string } {
  const folder = role.changesFiles ? iterationFolder : join(iterationFolder, role.name)
  return { prompt: join(folder, 'prompt'), log: join(folder, 'agent.log') }
}

async function takeTurn(request: TurnsRequest, role: Role): Promise<boolean> {
  const { record, emit, signal } = request
  const { state } = record
  emit({ type: 'phase', iteration: state.iteration, of: state.goal.limits.iterations, what: role.name })
  for (; ; state.attempt++) {
    checkSpent(state.goal, state.spent)
    record.save()
    const failure = await tryTurn(request, role)
    if (failure === null) return true
    const retry = failure.again && state.attempt < maxAttempts
    const delayMs = retry ? backoffMs(state.attempt, failure.retryAfterMs) : null
    emit({
      type: 'turn_failed',
      iteration: state.iteration,
      role: role.name,
      attempt: state.attempt,
      error: failure.message,
      retry_in_seconds: delayMs === null ? null : round(delayMs / 1000),
    })
    if (delayMs === null) return false
    await pause(delayMs, signal)
  }
}

interface Failure {
  readonly message: string
  /** A turn that took all its time is not tried again in this iteration. */
  readonly again: boolean
  readonly retryAfterMs: number | null
}

/** Null for success. */
async function tryTurn(request: TurnsRequest, role: Role): Promise<Failure | null> {
  const { record, agent, validatorLog, signal } = request
  const { state, paths } = record
  const { goal, iteration, attempt } = state
  const { folder: iterationFolder, calls: folder } = iterationPaths(paths, iteration)
  const id = `${role.name}-${attempt}`
  const { log, prompt: promptFile } = turnFiles(iterationFolder, role)
  const prompt = await preparePrompt(request, role, promptFile, existsSync(join(folder, id)))
  const seconds = goal.limits.agentSeconds
  const late = new ModelFailure(`${agent.name} was not done after ${seconds} s, and was ended`)
  const deadline = openDeadline(seconds * 1000, signal, () => late)
  const started = performance.now()
  let failure: Failure | null = null
  try {
    const turn = await agent.takeTurn({
      role,
      iteration,
      id,
      prompt,
      log,
      validatorLog,
      folder,
      left: leftToSpend(goal, state.spent),
      signal: deadline.signal,
    })
    record.spend(turn.usage)
    notePrice(request, turn.usage.costUsd)
    state.answers.push({ role: role.name, text: turn.text })
    state.attempt = 1
  } catch (error) {
    if (signal.aborted) {
      agent.settled?.({ id, folder })
      throw signal.reason
    }
    if (!(error instanceof RlmsError)) throw error
    failure = { message: error.message, again: error !== late, retryAfterMs: null }
    if (error instanceof ModelFailure) {
      failure = { ...failure, retryAfterMs: error.retryAfterMs }
      if (error.usage !== null) record.spend(error.usage)
    }
  } finally {
    deadline.close(late)
  }
  const took = round((performance.now() - started) / 1000)
  state.attempts.push({ role: role.name, seconds: took, error: failure?.message ?? null })
  record.save()
  agent.settled?.({ id, folder })
  return failure
}

/** Said once a run. */
function notePrice({ record, agent, emit }: TurnsRequest, costUsd: number | null): void {
  const { state } = record
  if (costUsd !== null || state.goal.limits.usd === null || state.unpriced) return
  state.unpriced = true
  emit({ type: 'warning', message: `${agent.name} told no price; --max-usd counts only what it tells` })
}

/** A turn that a killed runner left in flight keeps the prompt it was given. */
async function preparePrompt(
  { promptFor }: TurnsRequest,
  role: Role,
  file: string,
  inFlight: boolean,
): Promise<string> {
  if (inFlight && existsSync(file)) return readFileSync(file, 'utf8')
  const prompt = await promptFor(role)
  withPath(file, 'written', () => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, prompt)
  })
  return prompt
}
