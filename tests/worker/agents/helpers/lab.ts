// A spawner with its store, in a folder of the test's own, and providers in memory.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  AgentEvent,
  ExecuteParams,
  ExecutionResult,
  LLMProvider,
  SpawnConfig,
} from '../../../../src/worker/agents/agent-types.ts'
import { FunctionRegistry } from '../../../../src/worker/agents/function-registry.ts'
import { MemoryManager } from '../../../../src/worker/agents/memory/memory-manager.ts'
import { AgentRuntime } from '../../../../src/worker/agents/runtime.ts'
import { ContextStore } from '../../../../src/worker/agents/store/context-store.ts'
import { RecursiveSpawner, type SpawnerOptions } from '../../../../src/worker/agents/tree/spawner.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

type Answer = (params: ExecuteParams) => Promise<ExecutionResult | string> | ExecutionResult | string

export function provide(answer: Answer): LLMProvider {
  return {
    async execute(params) {
      const result = await answer(params)
      return typeof result === 'string' ? { result } : result
    },
  }
}

/** A provider of agents that take a while; it knows how many there were at once. */
export function slowly(ms: number, answer: Answer = ({ prompt }) => prompt) {
  const seen = { running: 0, most: 0, prompts: [] as string[] }
  const provider = provide(async (params) => {
    seen.prompts.push(params.prompt)
    seen.most = Math.max(seen.most, ++seen.running)
    try {
      await sleep(ms, undefined, params.signal ? { signal: params.signal } : {})
      return await answer(params)
    } finally {
      seen.running--
    }
  })
  return { provider, seen }
}

export async function openLab(provider: LLMProvider, options: Partial<SpawnerOptions> = {}) {
  const folder = temporaryFolder()
  const store = new ContextStore(join(folder, 'store'))
  const memory = new MemoryManager(folder)
  await store.init()
  await memory.init()
  const functions = new FunctionRegistry()
  const logs: string[] = []
  const events: AgentEvent[] = []
  const runtime = new AgentRuntime({
    provider,
    store,
    memory,
    functions,
    onLog: (_, text) => logs.push(text),
  })
  const spawner: RecursiveSpawner = new RecursiveSpawner({
    runtime,
    store,
    defaultModel: 'm',
    maxDepth: 5,
    maxConcurrent: 3,
    onEvent: (event) => events.push(event),
    onLog: (_, text) => logs.push(text),
    ...options,
  })
  const answer = async (prompt: string, more: Partial<SpawnConfig> = {}, parentId?: string) =>
    store.resolve(await spawner.spawn({ prompt, context: {}, ...more }, parentId))
  return { folder, store, memory, functions, runtime, spawner, logs, events, answer }
}

export function used(result: string, totalTokens: number, costUsd = 0): ExecutionResult {
  return { result, tokenUsage: { inputTokens: totalTokens, outputTokens: 0, totalTokens }, costUsd }
}
