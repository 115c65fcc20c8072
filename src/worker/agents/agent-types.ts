// What agents are made of and report: providers, runs, the tree of all runs. The public names of agents-api.
import type { TextSpan } from './split/spans.ts'
import type { VariableRef } from './types.ts'

export interface TokenUsage {
  inputTokens: number
  outputTokens: number
  totalTokens: number
}

export interface ExecutionResult {
  result: string
  costUsd?: number
  durationMs?: number
  sessionId?: string
  numTurns?: number
  tokenUsage?: TokenUsage
}

export interface ExecuteParams {
  prompt: string
  model?: string
  maxBudgetUsd?: number
  permissionMode?: string
  cwd?: string
  addDirs?: string[]
  /** Added to the environment of the agent's process: the way to the channel. */
  env?: Record<string, string>
  /** Ends the agent's processes when it aborts. */
  signal?: AbortSignal
  /** Takes what the agent says while it works (its standard error). */
  onOutput?: (text: string) => void
}

/** Runs one prompt through an agent or a model. What it can't use of the parameters it leaves out. */
export interface LLMProvider {
  execute(params: ExecuteParams): Promise<ExecutionResult>
}

/** `store` keeps the result on disk; with `return` and `merge` it is for whoever spawned the agent, to use or to merge. */
export type OnComplete = 'return' | 'merge' | 'store'

export interface AgentConfig {
  id: string
  prompt: string
  /** Where it finds its variables; a line of the prompt, and no part of the task. */
  manifestPath?: string
  /** A variable of which the prompt gets a summary. */
  contextRef?: VariableRef
  model: string
  parentId?: string
  /** `store` keeps the result in the store as well, as `agent-result-<id>`. */
  onComplete?: OnComplete
  maxBudgetUsd?: number
  /** Folders beside its own that it may read. */
  addDirs?: string[]
  env?: Record<string, string>
  onOutput?: (text: string) => void
}

export type AgentStatus = 'idle' | 'running' | 'completed' | 'failed' | 'cancelled'

export interface Agent {
  readonly id: string
  readonly config: AgentConfig
  status: AgentStatus
  result?: AgentResult
  /** Results of the agents that it spawned. */
  readonly children: AgentResult[]
}

export interface AgentResult {
  agentId: string
  /** What the agent answered; `{ error }` when it failed. */
  result: unknown
  tokenUsage: TokenUsage
  /** Executions of the provider. */
  iterations: number
  children: AgentResult[]
  costUsd?: number
  sessionId?: string
  numTurns?: number
}

export interface SpawnConfig {
  prompt: string
  /** Variables that the agent may read, by the name that it knows them by. */
  context: Record<string, VariableRef>
  model?: string
  /** Milliseconds from its start. */
  timeout?: number
  onComplete?: OnComplete
  /** At most this much of what its parent has left, for it and all below it. */
  tokenBudget?: number
  maxBudgetUsd?: number
  /** The part of a variable that it works on. */
  span?: Span
  /** Ends it, and all below it. */
  signal?: AbortSignal
}

/** A part of a variable. */
export interface Span extends TextSpan {
  readonly key: string
}

export interface AgentTree {
  id: string
  status: AgentStatus
  children: AgentTree[]
  /** Its own; the root of all has the sum. */
  tokenUsage: TokenUsage
  depth: number
  costUsd: number
  /** Of its run, the wait for a slot left out. */
  durationMs?: number
  model?: string
  /** The first line of its prompt. */
  task?: string
  /** Why it failed; of the root: why one more could not start. */
  error?: string
  /** What it may use, all below it included; absent without a limit. */
  tokenBudget?: number
  maxBudgetUsd?: number
  resultKey?: string
  span?: Span
}

export interface MergeStrategy {
  type: 'concatenate' | 'summarize' | 'structured' | 'vote' | 'custom'
  customMergeFn?: (results: unknown[]) => Promise<unknown>
}

export type AgentEvent =
  | { type: 'agent_start'; agentId: string; parentId?: string; depth: number; model: string; task: string }
  | { type: 'agent_output'; agentId: string; text: string }
  | {
      type: 'agent_end'
      agentId: string
      status: AgentStatus
      tokenUsage: TokenUsage
      costUsd: number
      durationMs: number
      error?: string
    }
  | {
      type: 'merge'
      strategy: MergeStrategy['type']
      inputs: string[]
      /** Keys of the results of children that failed. */
      failed: string[]
      /** Answers that a vote could not choose between. */
      tied: unknown[]
      key: string
    }
