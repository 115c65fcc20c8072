// The agents of a spawner: who may join below whom, and the end of a part of the tree.
import { randomUUID } from 'node:crypto'
import type { AgentTree, SpawnConfig } from '../agent-types.ts'
import { requireNumbers } from '../limits.ts'
import type { AgentRuntime } from '../runtime.ts'
import { noTokens } from '../usage.ts'
import { type Allowance, Ledger } from './ledger.ts'
import { type AgentNode, describeForest } from './tree.ts'

export interface ForestLimits {
  readonly maxDepth: number
  readonly budget: Allowance
}

export class Forest {
  readonly ledger: Ledger
  private readonly nodes = new Map<string, AgentNode>()
  private readonly roots: AgentNode[] = []
  private readonly maxDepth: number
  private refusal: string | undefined

  constructor({ maxDepth, budget }: ForestLimits) {
    this.maxDepth = maxDepth
    this.ledger = new Ledger(budget)
  }

  /** Throws for an agent that may not start: too deep, or what it may draw on is used up. */
  admit(config: SpawnConfig, model: string, parentId: string | undefined, wantedDepth: number): AgentNode {
    try {
      return this.plant(config, model, parentId, wantedDepth)
    } catch (error) {
      if (parentId === undefined) this.refuse(error as Error)
      throw error
    }
  }

  /** One that no other agent has asked for could not start. */
  refuse(reason: Error): void {
    this.refusal = reason.message
  }

  private plant(
    config: SpawnConfig,
    model: string,
    parentId: string | undefined,
    wantedDepth: number,
  ): AgentNode {
    const { tokenBudget = Infinity, maxBudgetUsd = Infinity, timeout = Infinity } = config
    requireNumbers({ depth: wantedDepth, tokenBudget, maxBudgetUsd, timeout })
    const parent = parentId === undefined ? undefined : this.nodes.get(parentId)
    const depth = Math.max(wantedDepth, parent ? parent.depth + 1 : 0)
    if (depth >= this.maxDepth) throw new Error(`Maximum recursion depth (${this.maxDepth}) exceeded`)
    const above = parent?.ledger ?? this.ledger
    const refusal = above.refusal()
    if (refusal !== null) throw new Error(refusal)
    const node: AgentNode = {
      id: `agent-${randomUUID()}`,
      parent,
      depth,
      config,
      model,
      ledger: above.open({ tokens: tokenBudget, usd: maxBudgetUsd }),
      children: [],
      controller: new AbortController(),
      status: 'idle',
      spent: { tokens: noTokens, usd: 0 },
      ownKeys: new Set(),
    }
    this.nodes.set(node.id, node)
    ;(parent?.children ?? this.roots).push(node)
    return node
  }

  describe(): AgentTree {
    const tree = describeForest(this.roots, this.ledger)
    return this.refusal === undefined ? tree : { ...tree, error: this.refusal }
  }

  running(): number {
    return [...this.nodes.values()].filter(({ status }) => status === 'running').length
  }

  /** Ends all agents. */
  async end(runtime: AgentRuntime): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => endNode(node, runtime)))
  }
}

/** Ends an agent that runs or waits; those below it end with it. */
export async function endNode(
  { id, status, controller, done }: AgentNode,
  runtime: AgentRuntime,
): Promise<void> {
  if (status !== 'running' && status !== 'idle') return
  controller.abort(new Error(`Agent ${id} was cancelled`))
  await runtime.cancel(id)
  await done?.catch(() => {}) // whoever spawned it is told
}
