// A run of a goal that is open: its parts are put together, and it goes on to its end.
import { createAgent } from '../../goal/agents/create-agent.ts'
import type { GoalSink } from '../../goal/events.ts'
import { endings } from '../../goal/goal.ts'
import type { OpenRun } from '../../goal/open-run.ts'
import type { Repository } from '../../goal/repository.ts'
import { runGoal } from '../../goal/run-goal.ts'
import { openSnapshots } from '../../goal/snapshots.ts'
import { readGoalContexts } from './contexts.ts'
import { openGoalOutput } from './output.ts'

interface Surroundings {
  readonly repository: Repository
  readonly json: boolean
  /** What the user should know before it begins. */
  readonly notice: string | null
}

/** Runs it to its end and prints what happens; its exit status. Throws what it broke down with. */
export async function carryOut(
  { record, close }: OpenRun,
  { repository, json, notice }: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  const { state, paths } = record
  const { goal: work } = state
  const output = openGoalOutput(json)
  try {
    announce(output.emit, record, notice)
    const snapshotsIn = (signal: AbortSignal) => openSnapshots(repository, paths.snapshots, work.task, signal)
    const readContexts = (contexts: readonly string[]) => readGoalContexts(paths, contexts, work.root)
    const openAgent = () => createAgent(record, readContexts)
    const { error, status } = await runGoal({ record, snapshotsIn, openAgent, emit: output.emit }, signal)
    if (error !== null) throw error
    return endings[status]
  } finally {
    output.end()
    close()
  }
}

function announce(
  emit: GoalSink,
  { state, paths, manifest }: OpenRun['record'],
  notice: string | null,
): void {
  const resumed = manifest.sessions.length > 1
  const { task, validator, validatorReason } = state.goal
  const { id, folder } = paths
  emit({ type: 'run', run_id: id, task, folder, resumed_at: resumed ? state.iteration : null })
  emit({ type: 'validator', command: validator, reason: validatorReason })
  if (notice !== null) emit({ type: 'warning', message: notice })
}
