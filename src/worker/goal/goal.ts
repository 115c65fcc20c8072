// What a goal is: what to reach, who works, who judges, within what.

export const modes = ['iterative', 'symbolic', 'auto'] as const
export const rolePlans = ['single', 'triad'] as const

export interface GoalLimits {
  /** Null: no cap. */
  readonly iterations: number | null
  readonly minutes: number | null
  readonly usd: number | null
  readonly tokens: number | null
  readonly validatorSeconds: number
  readonly agentSeconds: number
}

export interface Goal {
  /** The repository's root, absolute: agent and validator run there. */
  readonly root: string
  readonly task: string
  readonly goal: string
  /** A command line for the shell; null: the run goes on to its budget. */
  readonly validator: string | null
  /** Why this validator: the signals it was chosen by. */
  readonly validatorReason: string
  readonly mode: 'iterative' | 'symbolic'
  readonly roles: (typeof rolePlans)[number]
  /** A command vector; `rlms:NAME` is built in. */
  readonly agent: readonly [string, ...string[]]
  /** What symbolic turns read: files and folders; empty: the repository. */
  readonly contexts: readonly string[]
  /** What decides the validator may not be changed. */
  readonly protect: boolean
  readonly limits: GoalLimits
}

/** How a run can stand; what is not `running` is an end, with its exit status. */
export const endings = {
  passed: 0,
  budget_complete: 0,
  exhausted: 3,
  stalled: 3,
  validator_unusable: 4,
  interrupted: 6,
  agent_failed: 10,
  failed: 10,
} as const
type EndStatus = keyof typeof endings
export type RunStatus = EndStatus | 'running'

export interface Ending {
  readonly status: EndStatus
  /** In words: why the run ended. */
  readonly reason: string
}

export type VerdictName = 'passed' | 'failed' | 'timed_out' | 'cannot_run' | 'none'
