// The run of a goal, from wherever its state is to its end: the validator first, then iteration after iteration.
import { openDeadline } from '../lib/deadline.ts'
import type { Agent } from './agents/agent.ts'
import { leadsTo } from './detection/leads-to.ts'
import { missingScript } from './detection/scripts.ts'
import { asGoalError, type GoalError } from './errors.ts'
import type { GoalSink } from './events.ts'
import { type Ending, endings } from './goal.ts'
import { takeFingerprint } from './guard.ts'
import { doIteration } from './iteration.ts'
import { iterationsUsed, RunEnded, timeIsUp, timeLeftMs } from './limits.ts'
import type { RunRecord } from './record.ts'
import { guardFolder } from './run-folder.ts'
import type { IterationRecord } from './run-state.ts'
import type { Snapshots } from './snapshots.ts'
import { stallAfter } from './stall.ts'

export interface GoalParts {
  readonly record: RunRecord
  readonly snapshotsIn: (signal: AbortSignal) => Promise<Snapshots>
  /** Opened when the first turn is near. */
  readonly openAgent: () => Promise<Agent>
  readonly emit: GoalSink
}

/** How a run ended; `error` where it broke down. Everything that was started has then ended, and the record is closed. */
export interface GoalEnd extends Ending {
  readonly error: GoalError | null
}

const failedTurnsAllowed = 3

/** Never rejects. */
export async function runGoal(parts: GoalParts, interrupt: AbortSignal): Promise<GoalEnd> {
  const { record, emit } = parts
  const { goal, spent } = record.state
  const broken = new AbortController()
  const stop = AbortSignal.any([interrupt, broken.signal])
  const deadline = openDeadline(timeLeftMs(goal, spent), stop, () => timeIsUp(goal))
  // Written at once: what is still to be ended may take its time.
  const noteInterrupt = () => quietly(() => record.end(interrupted(interrupt)))
  interrupt.addEventListener('abort', noteInterrupt, { once: true })
  record.beat((error) => broken.abort(error))
  let end: GoalEnd
  try {
    if (timeLeftMs(goal, spent) === 0) throw timeIsUp(goal)
    end = { ...(await work(parts, deadline.signal)), error: null }
  } catch (error) {
    end = endOf(error, interrupt)
  } finally {
    deadline.close(new Error('the run is over'))
    interrupt.removeEventListener('abort', noteInterrupt)
    record.stopBeating()
  }
  end = closeRecord(record, end)
  const { status, reason } = end
  emit({
    type: 'end',
    run_id: record.paths.id,
    status,
    reason,
    exit_code: endings[status],
    iterations: record.manifest.iterations.filter(({ iteration }) => iteration > 0).length,
    seconds: record.state.spent.seconds,
  })
  return end
}

async function work(parts: GoalParts, signal: AbortSignal): Promise<Ending> {
  const { record, emit, openAgent } = parts
  const { state, manifest } = record
  const { validator, root, limits } = state.goal
  const missing = state.iteration === 0 && validator !== null ? missingScript(validator, root) : null
  if (missing !== null) return { status: 'validator_unusable', reason: missing }
  const snapshots = await parts.snapshotsIn(signal)
  let agent: Agent | null = null
  for (;;) {
    const last = manifest.iterations.at(-1)
    const ending = last === undefined ? null : endsWith(last, record)
    if (ending !== null) return ending
    if (limits.iterations !== null && state.iteration > limits.iterations) throw iterationsUsed(state.goal)
    if (state.iteration > 0 && agent === null) {
      if (state.base === '') await noteStart(record, snapshots, signal)
      agent = await openAgent()
      emit({ type: 'agent', name: agent.name, mode: state.goal.mode, roles: state.goal.roles })
    }
    await doIteration({ record, agent, snapshots, emit, signal })
  }
}

/** The work tree that everything is compared with, and what decides the validator in it. */
async function noteStart(record: RunRecord, snapshots: Snapshots, signal: AbortSignal): Promise<void> {
  const { state, paths, manifest } = record
  const { root, validator } = state.goal
  const base = await snapshots.take(signal)
  const place = { root, base, snapshots, folder: guardFolder(paths) }
  const commands = validator === null ? null : leadsTo(validator, root)
  state.fingerprint = commands === null ? null : await takeFingerprint(place, commands, signal)
  manifest.fingerprint = state.fingerprint
  state.tree = base
  state.base = base
}

/** Iteration 0 is the validator before any agent. */
function endsWith({ verdict, reason, iteration }: IterationRecord, { state }: RunRecord): Ending | null {
  if (verdict === 'passed') {
    const after = iteration === 0 ? 'already; no agent was called' : `after ${count(iteration, 'iteration')}`
    return { status: 'passed', reason: `the validator passes ${after}` }
  }
  if (iteration === 0) return verdict === 'cannot_run' ? { status: 'validator_unusable', reason } : null
  if (state.failedTurns >= failedTurnsAllowed)
    return {
      status: 'agent_failed',
      reason: `${failedTurnsAllowed} turns in a row failed and changed nothing`,
    }
  if (state.same.times >= stallAfter)
    return { status: 'stalled', reason: `${stallAfter} iterations in a row changed nothing` }
  return null
}

function endOf(error: unknown, interrupt: AbortSignal): GoalEnd {
  if (interrupt.aborted) return { ...interrupted(interrupt), error: null }
  if (error instanceof RunEnded) return { ...error.ending, error: null }
  const known = asGoalError(error)
  return { status: 'failed', reason: known.message, error: known }
}

/** A record that can't be closed is the run's failure; what stood in it before is kept. */
function closeRecord(record: RunRecord, end: GoalEnd): GoalEnd {
  try {
    record.end(end)
    return end
  } catch (error) {
    const known = end.error ?? asGoalError(error)
    return { status: 'failed', reason: known.message, error: known }
  }
}

function interrupted(signal: AbortSignal): Ending {
  return { status: 'interrupted', reason: (signal.reason as Error).message }
}

function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // told by whoever closes the record
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
