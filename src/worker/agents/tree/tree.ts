// All agents of a spawner as a tree: who spawned whom, how each stands, what each has used.
import type { AgentStatus, AgentTree, SpawnConfig, TokenUsage } from '../agent-types.ts'
import type { Ledger } from './ledger.ts'
import type { Slot } from './slots.ts'

export interface AgentNode {
  readonly id: string
  readonly parent: AgentNode | undefined
  readonly depth: number
  readonly config: SpawnConfig
  readonly model: string
  readonly ledger: Ledger
  readonly children: AgentNode[]
  /** Aborts when it must not start, or go on. */
  readonly controller: AbortController
  status: AgentStatus
  /** Settles when all of it is over. */
  done?: Promise<unknown>
  /** While it runs. */
  slot?: Slot
  startedAt?: number
  durationMs?: number
  spent: { tokens: TokenUsage; usd: number }
  /** Names of the variables that it has set. */
  readonly ownKeys: Set<string>
  error?: string
  resultKey?: string
}

/** All that stands below a node. */
export function* descendants(node: AgentNode): Generator<AgentNode> {
  for (const child of node.children) {
    yield child
    yield* descendants(child)
  }
}

function describeNode(node: AgentNode): AgentTree {
  const { id, status, depth, model, config, ledger, spent, error, resultKey } = node
  const { tokens, usd } = ledger.limit
  const durationMs =
    node.durationMs ?? (node.startedAt === undefined ? undefined : Date.now() - node.startedAt)
  return {
    id,
    status,
    children: node.children.map(describeNode),
    tokenUsage: spent.tokens,
    depth,
    costUsd: spent.usd,
    model,
    task: config.prompt.trim().split('\n')[0]?.slice(0, 200) ?? '',
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(error === undefined ? {} : { error }),
    ...(tokens === Infinity ? {} : { tokenBudget: tokens }),
    ...(usd === Infinity ? {} : { maxBudgetUsd: usd }),
    ...(resultKey === undefined ? {} : { resultKey }),
    ...(config.span === undefined ? {} : { span: config.span }),
  }
}

/** The root above all roots. */
export function describeForest(roots: readonly AgentNode[], ledger: Ledger): AgentTree {
  return {
    id: 'root',
    status: statusOf(roots),
    children: roots.map(describeNode),
    tokenUsage: ledger.used.tokens,
    depth: 0,
    costUsd: ledger.used.usd,
  }
}

function statusOf(roots: readonly AgentNode[]): AgentStatus {
  const has = (status: AgentStatus) => roots.some((node) => node.status === status)
  if (roots.length === 0) return 'idle'
  if (has('running') || has('idle')) return 'running'
  if (has('failed')) return 'failed'
  return has('cancelled') ? 'cancelled' : 'completed'
}
