// The shapes of what a run writes down: manifest.json, state.json, verdict.json.
import type { Goal, RunStatus, VerdictName } from './goal.ts'
import type { Fingerprint } from './guard.ts'
import type { RoleName } from './roles.ts'

export const recordVersion = 1

/** An option as it was given, and by what. */
export interface GivenOption {
  readonly value: string | readonly string[] | boolean
  readonly from: 'flag' | 'environment' | 'default' | 'loop'
}

interface Attempt {
  readonly role: RoleName
  readonly seconds: number
  /** Null when it succeeded. */
  readonly error: string | null
}

/** One iteration, as verdict.json and the manifest have it; iteration 0 is the validator before any agent. */
export interface IterationRecord {
  readonly iteration: number
  readonly verdict: VerdictName
  readonly reason: string
  readonly exit_status: number | null
  readonly signal: string | null
  readonly seconds: number
  readonly validator_seconds: number
  readonly attempts: readonly Attempt[]
  /** The agent's own, in a line. */
  readonly summary: string
  /** Since the run began. */
  readonly diff: { readonly files: number; readonly insertions: number; readonly deletions: number }
  /** What the agent changed of that which decides the validator, since the run began. */
  readonly decisive_changes: readonly string[]
  /** Whether --protect put it back before the validator ran. */
  readonly put_back: boolean
}

export interface Spent {
  seconds: number
  inputTokens: number
  outputTokens: number
  /** US dollars; null while no turn told its price. */
  costUsd: number | null
}

export interface RunState {
  readonly schema_version: typeof recordVersion
  readonly run_id: string
  readonly goal: Goal
  /** The work tree when the run began. */
  base: string
  /** The one in progress. */
  iteration: number
  phase: 'agent' | 'validator'
  /** Of the role that has its turn. */
  attempt: number
  /** What the iteration's roles have said so far. */
  answers: { role: RoleName; text: string }[]
  attempts: Attempt[]
  spent: Spent
  history: { iteration: number; summary: string; verdict: VerdictName }[]
  /** The work tree when the last iteration ended. */
  tree: string
  /** How often in a row an iteration ended as the one before. */
  same: { key: string; times: number }
  /** Turns in a row that failed and changed nothing. */
  failedTurns: number
  /** Whether a turn told no price, although money is limited. */
  unpriced: boolean
  fingerprint: Fingerprint | null
}

export interface Artifact {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface Manifest {
  readonly schema_version: typeof recordVersion
  readonly run_id: string
  readonly task: string
  readonly goal: string
  readonly repo: string
  status: RunStatus
  reason: string | null
  exit_code: number | null
  pid: number
  readonly started_at: string
  heartbeat_at: string
  ended_at: string | null
  elapsed_seconds: number
  readonly options: Readonly<Record<string, GivenOption>>
  readonly validator: string | null
  readonly validator_reason: string
  readonly agent: readonly string[]
  readonly mode: Goal['mode']
  readonly roles: Goal['roles']
  usage: { input_tokens: number; output_tokens: number; cost_usd: number | null }
  fingerprint: Fingerprint | null
  decisive_changes: readonly string[]
  /** Each process that worked on this run, and from which iteration on. */
  readonly sessions: { pid: number; started_at: string; iteration: number }[]
  iterations: (IterationRecord & { readonly artifacts: readonly Artifact[] })[]
}
