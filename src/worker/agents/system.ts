// A whole system from one configuration, and a task carried out by it.

import { basename, resolve } from 'node:path'
import type { AgentResult, LLMProvider } from './agent-types.ts'
import { FunctionRegistry } from './function-registry.ts'
import { sayOnStandardError } from './listeners.ts'
import { MemoryManager } from './memory/memory-manager.ts'
import { ClaudeCodeProvider } from './providers/claude-provider.ts'
import { AgentRuntime } from './runtime.ts'
import { ContextStore } from './store/context-store.ts'
import { RecursiveSpawner } from './tree/spawner.ts'
import type { VariableRef } from './types.ts'

export interface RLMConfig {
  model: string
  maxDepth: number
  maxConcurrent: number
  tokenBudget: number
  storageDir: string
  verbose: boolean
  claudeBinary?: string
  claudeMaxBudgetUsd?: number
  /** In place of `model`. */
  claudeModel?: string
  claudePermissionMode?: string
}

export function getDefaultConfig(): RLMConfig {
  return {
    model: 'claude-opus-4-6',
    maxDepth: 5,
    maxConcurrent: 3,
    tokenBudget: 1_000_000,
    storageDir: resolve('.rlm-data'),
    verbose: false,
  }
}

export interface System {
  store: ContextStore
  memory: MemoryManager
  runtime: AgentRuntime
  spawner: RecursiveSpawner
  provider: LLMProvider
  registry: FunctionRegistry
}

type LogSink = (agentId: string, message: string) => void

/**
 * The parts, connected. `store.init()` and `memory.init()` are the caller's. Where `verbose` is set and nothing takes what
 * agents say, it goes to standard error.
 */
export function createSystem(config: RLMConfig, own?: LLMProvider, onLog?: LogSink): System {
  const model = config.claudeModel ?? config.model
  const provider = own ?? claude(config, model)
  const store = new ContextStore(resolve(config.storageDir, 'context'))
  const memory = new MemoryManager(config.storageDir)
  const registry = new FunctionRegistry()
  const sink = onLog ?? (config.verbose ? sayOnStandardError : undefined)
  const log = sink ? { onLog: sink } : {}
  const runtime = new AgentRuntime({ provider, store, memory, functions: registry, ...log })
  const { maxDepth, maxConcurrent, tokenBudget } = config
  const spawner = new RecursiveSpawner({
    runtime,
    store,
    defaultModel: model,
    maxDepth,
    maxConcurrent,
    tokenBudget,
    ...log,
  })
  return { store, memory, runtime, spawner, provider, registry }
}

function claude(config: RLMConfig, model: string): LLMProvider {
  const { claudeBinary, claudeMaxBudgetUsd, claudePermissionMode } = config
  return new ClaudeCodeProvider({
    model,
    ...(claudeBinary === undefined ? {} : { binary: claudeBinary }),
    ...(claudeMaxBudgetUsd === undefined ? {} : { maxBudgetUsd: claudeMaxBudgetUsd }),
    ...(claudePermissionMode === undefined ? {} : { permissionMode: claudePermissionMode }),
  })
}

export interface RunOptions {
  contextFiles?: string[]
  model?: string
  maxDepth?: number
  verbose?: boolean
  /** In place of Claude Code. */
  provider?: LLMProvider
  /** Takes what agents say while they work, where `verbose` is set; default: standard error. */
  onLog?: LogSink
}

/** Has one agent carry out a task, over files if any are named. Rejects for a file that can't be read. */
export async function run(task: string, options: RunOptions = {}): Promise<AgentResult> {
  const { contextFiles = [], model, maxDepth, verbose = false, provider, onLog } = options
  const config = getDefaultConfig()
  const system = createSystem(
    { ...config, model: model ?? config.model, maxDepth: maxDepth ?? config.maxDepth, verbose },
    provider,
    verbose ? onLog : undefined,
  )
  const { store, memory, spawner, runtime } = system
  await store.init()
  await memory.init()
  try {
    await spawner.spawn({ prompt: task, context: await giveFiles(store, contextFiles) })
  } finally {
    store.close()
    memory.close()
  }
  const [agent] = spawner.getTree().children
  const result = agent && runtime.getAgent(agent.id)?.result
  if (!result) throw new Error(agent?.error ?? 'the agent left no result')
  return result
}

async function giveFiles(
  store: ContextStore,
  files: readonly string[],
): Promise<Record<string, VariableRef>> {
  const context: Record<string, VariableRef> = {}
  for (const file of files) {
    const name = Object.hasOwn(context, basename(file)) ? file : basename(file)
    context[name] = await store.setFile(resolve(file), file)
  }
  return context
}
