// What a goal needs of whoever works on it. Adding a kind: a file, and a row in create-agent.ts.
import type { Usage } from '../../rlm/ports.ts'
import type { Role } from '../roles.ts'

export interface TurnRequest {
  readonly role: Role
  readonly iteration: number
  /** The same in a resumed run: a turn whose work outlives a killed runner goes on under this name. */
  readonly id: string
  readonly prompt: string
  /** Appended to: all that the turn printed. */
  readonly log: string
  /** For what is in flight. */
  readonly folder: string
  /** Whole output of the validator's last run. */
  readonly validatorLog: string
  /** What is left to spend; null: no cap. */
  readonly left: { readonly tokens: number | null; readonly usd: number | null }
  readonly signal: AbortSignal
}

interface Turn {
  readonly text: string
  readonly usage: Usage
}

export interface Agent {
  /** For messages. */
  readonly name: string
  /** Told to roles that change files, where the agent has no tools of its own. */
  readonly howToChange: string | null
  /** Rejects with a ModelFailure, or with the signal's reason; its processes have then been ended. */
  takeTurn(request: TurnRequest): Promise<Turn>
  /** How the turn ended is written down: what it kept to outlive a killed runner can go. */
  settled?(request: Pick<TurnRequest, 'id' | 'folder'>): void
}
