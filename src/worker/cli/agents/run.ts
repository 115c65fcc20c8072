// A run of `rlm agents run`: its files as variables, its agents, the record of what they did, its answer.
import { constants as bufferLimits } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { AgentEvent, AgentTree, MergeStrategy, SpawnConfig } from '../../agents/agent-types.ts'
import { MemoryManager } from '../../agents/memory/memory-manager.ts'
import { AgentRuntime } from '../../agents/runtime.ts'
import type { SplitUnit } from '../../agents/split/split-text.ts'
import { ContextStore } from '../../agents/store/context-store.ts'
import { RecursiveSpawner } from '../../agents/tree/spawner.ts'
import type { VariableRef } from '../../agents/types.ts'
import { createAgentProvider, modelNameOf } from '../../compose-agents.ts'
import type { ModelChoice } from '../../models/create-model.ts'
import type { PriceTable } from '../../models/profiles.ts'
import { expandContexts, saveStandardInput } from '../context-paths.ts'
import { usage } from '../flags.ts'
import type { AgentsRecord } from './record.ts'

export interface AgentsRequest {
  readonly task: string
  readonly contexts: readonly string[]
  /** Null: one agent is given everything. */
  readonly chunks: number | null
  readonly overlap: number
  readonly levels: number
  readonly by: SplitUnit
  readonly merge: MergeStrategy['type']
  readonly model: ModelChoice
  readonly concurrency: number
  readonly maxDepth: number
  readonly maxTokens: number
  readonly maxUsd: number
  /** Of each agent. */
  readonly timeoutMs: number
  readonly prices: PriceTable
}

export interface AgentsAnswer {
  readonly value: unknown
  readonly tree: AgentTree
}

/** Rejects where an agent may not start; what failed otherwise is in the answer. */
export async function runAgents(
  request: AgentsRequest,
  record: AgentsRecord,
  listen: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<AgentsAnswer> {
  const { timeoutMs, prices, model } = request
  const store = new ContextStore(join(record.folder, 'store'))
  const memory = new MemoryManager(record.folder)
  await store.init()
  await memory.init()
  // The spawner's own timeout comes first; this one is for what does not end then.
  const surroundings = {
    cwd: process.cwd(),
    folder: join(record.folder, 'calls'),
    timeoutMs: timeoutMs + 5000,
    prices,
  }
  const runtime = new AgentRuntime({
    provider: await createAgentProvider(model, surroundings),
    store,
    memory,
    // Agents at work on parts of one task must not be told each other's answers.
    recall: false,
  })
  const note = (event: AgentEvent) => {
    record.note(event)
    if (event.type !== 'agent_output') record.keepTree(spawner.getTree())
    listen(event)
  }
  const spawner: RecursiveSpawner = new RecursiveSpawner({
    runtime,
    store,
    defaultModel: modelNameOf(model),
    maxDepth: request.maxDepth,
    maxConcurrent: request.concurrency,
    tokenBudget: request.maxTokens,
    maxBudgetUsd: request.maxUsd,
    summarize: 'agent',
    onEvent: note,
    onLog: (agentId, text) => note({ type: 'agent_output', agentId, text }),
  })
  const cancel = () => void spawner.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const ref = await carryOut(request, spawner, store, record, signal)
    return { value: await store.resolve(ref), tree: spawner.getTree() }
  } finally {
    signal.removeEventListener('abort', cancel)
    record.keepTree(spawner.getTree())
    store.close()
    memory.close()
  }
}

async function carryOut(
  request: AgentsRequest,
  spawner: RecursiveSpawner,
  store: ContextStore,
  record: AgentsRecord,
  signal: AbortSignal,
): Promise<VariableRef> {
  const { task, chunks, merge, timeoutMs, overlap, levels, by } = request
  const files = await findContexts(request.contexts, record, signal)
  if (chunks === null) {
    const context: SpawnConfig['context'] = {}
    for (const [name, path] of files) context[name] = await store.setFile(name, path)
    return spawner.spawn({ prompt: task, context, timeout: timeoutMs, signal })
  }
  return spawner.decompose({
    prompt: task,
    sourceRef: await store.set('context', joined(files), { type: 'text' }),
    chunks,
    overlap,
    levels,
    by,
    mergeStrategy: { type: merge },
    timeout: timeoutMs,
    signal,
  })
}

/** One text of all files. */
function joined(files: ReadonlyArray<readonly [string, Buffer]>): string {
  const bytes = files.reduce((sum, [name, path]) => sum + statSync(path).size + name.length + 4, 0)
  if (bytes > bufferLimits.MAX_STRING_LENGTH)
    throw usage(
      `--chunks cuts at most ${Math.floor(bufferLimits.MAX_STRING_LENGTH / (1 << 20))} MiB of context, not ${Math.floor(bytes / (1 << 20))} MiB`,
      'Name fewer files, or leave it out: one agent is given the files themselves.',
    )
  return files
    .map(([name, path]) => `${files.length === 1 ? '' : `# ${name}\n`}${readFileSync(path, 'utf8')}`)
    .join('\n')
}

/** Names and paths. */
async function findContexts(
  contexts: readonly string[],
  record: AgentsRecord,
  signal: AbortSignal,
): Promise<Array<readonly [string, Buffer]>> {
  const stdinFile = resolve(record.folder, 'stdin.txt')
  if (contexts.includes('-')) await saveStandardInput(stdinFile, signal)
  return expandContexts(contexts, stdinFile).map((path) => {
    const file = path.toString()
    const name = file === stdinFile ? 'stdin' : relative(process.cwd(), file) || file
    return [name, path] as const
  })
}
