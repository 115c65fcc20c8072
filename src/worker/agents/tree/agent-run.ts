// One agent of the tree, from the wait for its slot to its result in the store. What it holds is given back on every path.
import { randomUUID } from 'node:crypto'
import type { AgentEvent, AgentResult } from '../agent-types.ts'
import type { AgentChannel } from '../channel/server.ts'
import { giveContext } from '../manifest.ts'
import type { AgentRuntime } from '../runtime.ts'
import type { ContextStore } from '../store/context-store.ts'
import type { VariableRef } from '../types.ts'
import { noTokens } from '../usage.ts'
import { endNode } from './forest.ts'
import { isFailure } from './merge.ts'
import type { Slots } from './slots.ts'
import { type AgentNode, descendants } from './tree.ts'

export interface RunSurroundings {
  readonly runtime: AgentRuntime
  readonly store: ContextStore
  readonly slots: Slots
  readonly channel: AgentChannel
  readonly emit: (event: AgentEvent) => void
  readonly log: (agentId: string, message: string) => void
  readonly refuse: (node: AgentNode, reason: Error) => void
}

/** Rejects when a budget is used up by the time its slot comes. */
export async function runNode(node: AgentNode, around: RunSurroundings): Promise<VariableRef> {
  const { slots, channel, runtime } = around
  const { signal } = node.config
  const onAbort = () => void endNode(node, runtime)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  try {
    node.slot = await slots.acquire(node.depth, node.controller.signal)
  } catch (reason) {
    node.ledger.close()
    return finish(node, around, failure(node, messageOf(reason)), 'cancelled')
  }
  try {
    const refusal = node.ledger.refusal()
    if (refusal !== null) {
      node.status = 'failed'
      node.error = refusal
      around.refuse(node, new Error(refusal))
      throw new Error(refusal)
    }
    return await start(node, around)
  } finally {
    node.ledger.close()
    signal?.removeEventListener('abort', onAbort)
    channel.close(node)
    node.slot.release()
  }
}

async function start(node: AgentNode, around: RunSurroundings): Promise<VariableRef> {
  const { id, parent, depth, model, config, ledger } = node
  ledger.start()
  node.status = 'running'
  node.startedAt = Date.now()
  const task = config.prompt
  around.emit({
    type: 'agent_start',
    agentId: id,
    depth,
    model,
    task,
    ...(parent ? { parentId: parent.id } : {}),
  })
  const { result, timedOut } = await execute(node, around)
  // Nobody waits for what runs below it any more.
  await Promise.all([...descendants(node)].map((below) => endNode(below, around.runtime)))
  node.durationMs = Date.now() - node.startedAt
  node.spent = { tokens: result.tokenUsage, usd: result.costUsd ?? 0 }
  ledger.spend(node.spent.tokens, node.spent.usd)
  const status = around.runtime.getStatus(id)
  if (timedOut) return finish(node, around, result, 'failed')
  return finish(
    node,
    around,
    result,
    status === 'cancelled' ? 'cancelled' : isFailure(result.result) ? 'failed' : 'completed',
  )
}

async function execute(
  node: AgentNode,
  around: RunSurroundings,
): Promise<{ result: AgentResult; timedOut: boolean }> {
  const { id, config } = node
  const { runtime } = around
  let timedOut = false
  const stop = startTimer(config.timeout, () => {
    timedOut = true
    void runtime.cancel(id)
  })
  try {
    const agent = runtime.create(await prepare(node, around))
    const result = await runtime.run(agent)
    if (!timedOut) return { result, timedOut }
    const error = `Sub-agent ${id} timed out after ${config.timeout}ms`
    return { result: { ...result, result: { error } }, timedOut }
  } catch (error) {
    return { result: failure(node, messageOf(error)), timedOut: false }
  } finally {
    stop()
  }
}

async function prepare(node: AgentNode, { store, channel, log, emit }: RunSurroundings) {
  const { id, config, model, parent, ledger } = node
  const { manifestPath, folders } = await giveContext(store, id, config.context, (message) =>
    log(id, message),
  )
  const env = await channel.open(node).catch((error: unknown) => {
    log(id, `Warning: the agent gets no channel: ${messageOf(error)}`)
    return {}
  })
  node.controller.signal.throwIfAborted()
  return {
    id,
    prompt: config.prompt,
    ...(manifestPath === null ? {} : { manifestPath }),
    model,
    env,
    onOutput: (text: string) => emit({ type: 'agent_output', agentId: id, text }),
    ...(parent ? { parentId: parent.id } : {}),
    ...(folders.length > 0 ? { addDirs: [...folders] } : {}),
    ...(ledger.limit.usd === Infinity ? {} : { maxBudgetUsd: ledger.limit.usd }),
  }
}

async function finish(
  node: AgentNode,
  { runtime, store, emit }: RunSurroundings,
  result: AgentResult,
  status: AgentNode['status'],
): Promise<VariableRef> {
  const { id, parent, config } = node
  node.status = status
  if (isFailure(result.result)) node.error = result.result.error
  if (parent) runtime.getAgent(parent.id)?.children.push(result)
  emit({
    type: 'agent_end',
    agentId: id,
    status,
    tokenUsage: node.spent.tokens,
    costUsd: node.spent.usd,
    durationMs: node.durationMs ?? 0,
    ...(node.error === undefined ? {} : { error: node.error }),
  })
  const persist = config.onComplete === 'store'
  const scope = parent ? { scope: parent.id } : {}
  const ref = await store.set(`sub-result-${randomUUID()}`, result.result, {
    type: 'result',
    persist,
    ...scope,
  })
  node.resultKey = ref.key
  return ref
}

function failure({ id }: AgentNode, error: string): AgentResult {
  return { agentId: id, result: { error }, tokenUsage: noTokens, iterations: 0, children: [] }
}

function startTimer(ms: number | undefined, onEnd: () => void): () => void {
  if (ms === undefined) return () => {}
  const timer = setTimeout(onEnd, Math.min(ms, 2 ** 31 - 1))
  return () => clearTimeout(timer)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
