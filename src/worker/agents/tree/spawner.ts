// The tree of agents: who may start, when, with what; what each gave; and many results made one.
import { randomUUID } from 'node:crypto'
import type { AgentEvent, AgentTree, MergeStrategy, Span, SpawnConfig, TokenUsage } from '../agent-types.ts'
import { AgentChannel } from '../channel/server.ts'
import { requireNumbers } from '../limits.ts'
import { quietly } from '../listeners.ts'
import type { AgentRuntime } from '../runtime.ts'
import type { ContextStore } from '../store/context-store.ts'
import type { VariableRef } from '../types.ts'
import { type RunSurroundings, runNode } from './agent-run.ts'
import { type DecomposeOptions, decompose } from './decompose.ts'
import { Forest } from './forest.ts'
import { isFailure, mergeResults, type Summarize, textOf } from './merge.ts'
import { createSlots, type Slots } from './slots.ts'

export interface SpawnerOptions {
  readonly runtime: AgentRuntime
  readonly store: ContextStore
  readonly defaultModel: string
  /** Levels of agents: an agent's depth is from 0 to one less than this. */
  readonly maxDepth: number
  readonly maxConcurrent: number
  /** Of all agents together; default Infinity. */
  readonly tokenBudget?: number
  /** Of all agents together, by what their providers tell; default Infinity. */
  readonly maxBudgetUsd?: number
  readonly onLog?: (agentId: string, message: string) => void
  readonly onEvent?: (event: AgentEvent) => void
  /**
   * What makes one text of many for the merge `summarize`: an agent of this spawner, or a function. Without it they are
   * only put behind each other.
   */
  readonly summarize?: 'agent' | ((prompt: string) => Promise<string>)
}

export class RecursiveSpawner {
  private readonly options: SpawnerOptions
  private readonly slots: Slots
  private readonly channel: AgentChannel
  private readonly spans = new Map<string, Span>()
  private forest: Forest

  /** Throws a TypeError for a limit that is no number: it would limit nothing. */
  constructor(options: SpawnerOptions) {
    const { maxDepth, maxConcurrent, tokenBudget, maxBudgetUsd, onLog, onEvent } = options
    requireNumbers({ maxDepth, maxConcurrent })
    requireNumbers({ tokenBudget, maxBudgetUsd }, 'optional')
    this.options = {
      ...options,
      ...(onLog ? { onLog: quietly(onLog) } : {}),
      ...(onEvent ? { onEvent: quietly(onEvent) } : {}),
    }
    this.slots = createSlots(Math.max(1, options.maxConcurrent))
    this.channel = new AgentChannel({
      store: options.store,
      memory: options.runtime.memory,
      functions: options.runtime.functions,
      spawn: (config, parent) => this.spawn(config, parent.id, parent.depth + 1),
      log: (agentId, message) => options.onLog?.(agentId, message),
    })
    this.forest = this.plant()
  }

  /**
   * Runs an agent; resolves to its result in the store, which is `{ error }` for one that failed or ran out of time.
   * Rejects for one that may not start: too deep, or a budget is used up.
   */
  async spawn(config: SpawnConfig, parentId?: string, depth = 0): Promise<VariableRef> {
    const node = this.forest.admit(config, config.model ?? this.options.defaultModel, parentId, depth)
    const { parent } = node
    parent?.slot?.lend()
    try {
      const run = runNode(node, this.surroundings())
      node.done = run
      const ref = await run
      if (config.span) this.spans.set(ref.key, config.span)
      return ref
    } finally {
      if (parent?.status === 'running') await parent.slot?.regain(parent.controller.signal)
    }
  }

  /** All of them, as many at once as there are slots. When all have ended, rejects if one could not start. */
  async spawnMany(configs: readonly SpawnConfig[], parentId?: string, depth = 0): Promise<VariableRef[]> {
    const ends = await Promise.allSettled(configs.map((config) => this.spawn(config, parentId, depth)))
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason
      return end.value
    })
  }

  /** The signal ends the agent that summarizes; the results are then put behind each other. */
  async merge(
    refs: readonly VariableRef[],
    strategy: MergeStrategy,
    signal?: AbortSignal,
  ): Promise<VariableRef> {
    const { store, onEvent } = this.options
    const inputs = await Promise.all(
      refs.map(async (ref) => ({ key: ref.key, value: await store.resolve(ref) })),
    )
    const { value, failed, tied } = await mergeResults(inputs, strategy, this.summarizer(signal))
    const { key } = await store.set(`merged-${randomUUID()}`, value, { type: 'result' })
    const keys = inputs.map((input) => input.key)
    onEvent?.({
      type: 'merge',
      strategy: strategy.type,
      inputs: keys,
      failed: [...failed],
      tied: [...tied],
      key,
    })
    return store.ref(key)
  }

  /** Has agents work on the parts of a variable, and merges their results; over as many levels as asked for. */
  decompose(options: DecomposeOptions): Promise<VariableRef> {
    const { store } = this.options
    return decompose(options, {
      store,
      spawn: (config) => this.spawn(config, options.parentId, options.depth),
      merge: (refs, strategy) => this.merge(refs, strategy, options.signal),
    })
  }

  /** Every agent there was, below a root that has the sum of what they used. */
  getTree(): AgentTree {
    return this.forest.describe()
  }

  /** The part of a variable that a result is about. */
  spanOf(ref: VariableRef): Span | undefined {
    return this.spans.get(ref.key)
  }

  getTotalTokenUsage(): TokenUsage {
    return this.forest.ledger.used.tokens
  }

  getTotalTokensUsed(): number {
    return this.forest.ledger.used.tokens.totalTokens
  }

  getTotalCostUsd(): number {
    return this.forest.ledger.used.usd
  }

  /** How many run, those included that wait for a child. */
  getActiveCount(): number {
    return this.forest.running()
  }

  /** Ends every agent; resolves when their processes are gone. */
  cancel(): Promise<void> {
    return this.forest.end(this.options.runtime)
  }

  /** Forgets the tree and what it used; agents that still run are ended. */
  reset(): void {
    void this.cancel()
    this.spans.clear()
    this.forest = this.plant()
  }

  private summarizer(signal: AbortSignal | undefined): Summarize {
    const { summarize = null, store } = this.options
    if (summarize !== 'agent') return summarize
    return async (prompt) => {
      const answer = await store.resolve(
        await this.spawn({ prompt, context: {}, ...(signal ? { signal } : {}) }),
      )
      if (isFailure(answer)) throw new Error(answer.error)
      return textOf(answer)
    }
  }

  private plant(): Forest {
    const { maxDepth, tokenBudget = Infinity, maxBudgetUsd = Infinity } = this.options
    return new Forest({ maxDepth, budget: { tokens: tokenBudget, usd: maxBudgetUsd } })
  }

  private surroundings(): RunSurroundings {
    const { runtime, store, onEvent, onLog } = this.options
    const { slots, channel, forest } = this
    return {
      runtime,
      store,
      slots,
      channel,
      emit: (event) => onEvent?.(event),
      log: (agentId, message) => onLog?.(agentId, message),
      refuse: (node, reason) => node.parent ?? forest.refuse(reason),
    }
  }
}
