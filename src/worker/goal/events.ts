// What happens in a goal's run, as it happens. Listeners print; the runner never does.
import type { Ending, Goal } from './goal.ts'
import type { RoleName } from './roles.ts'
import type { IterationRecord } from './run-state.ts'

export type GoalEvent =
  | { type: 'run'; run_id: string; task: string; folder: string; resumed_at: number | null }
  | { type: 'validator'; command: string | null; reason: string }
  | { type: 'agent'; name: string; mode: Goal['mode']; roles: Goal['roles'] }
  | { type: 'warning'; message: string }
  | { type: 'phase'; iteration: number; of: number | null; what: RoleName | 'validator' }
  | {
      type: 'turn_failed'
      iteration: number
      role: RoleName
      attempt: number
      error: string
      retry_in_seconds: number | null
    }
  | ({ type: 'iteration' } & IterationRecord)
  | ({ type: 'end'; run_id: string; exit_code: number; iterations: number; seconds: number } & Ending)

export type GoalSink = (event: GoalEvent) => void
