// What an agent is asked: its task as it is; behind it, where there is any, what it should know.
import { cutText } from '../lib/whole-text.ts'
import type { AgentConfig } from './agent-types.ts'
import type { FunctionRegistry } from './function-registry.ts'
import type { MemoryManager } from './memory/memory-manager.ts'
import type { ContextStore } from './store/context-store.ts'

const maxHits = 3
const hitChars = 500
const summaryTokens = 200

export interface PromptSources {
  readonly store: ContextStore
  readonly memory?: MemoryManager | undefined
  readonly functions?: FunctionRegistry | undefined
  /** Whether agents are told of earlier runs that the memory knows; default true. */
  readonly recall?: boolean | undefined
}

/** Rejects for a context that is not in the store; a memory that can't be read is only told. */
export async function buildAgentPrompt(
  config: AgentConfig,
  sources: PromptSources,
  warn: (message: string) => void,
): Promise<string> {
  const sections = [
    config.manifestPath === undefined ? '' : `Context manifest: Read ${config.manifestPath}`,
    await contextSection(config, sources),
    await memorySection(config, sources).catch((error: Error) => {
      warn(`Warning: Failed to search episodic memory: ${error.message}`)
      return ''
    }),
    functionSection(sources),
  ]
  return [config.prompt, ...sections.filter((section) => section !== '')].join('\n\n')
}

async function contextSection({ contextRef }: AgentConfig, { store }: PromptSources): Promise<string> {
  if (!contextRef) return ''
  return `Context (${contextRef.key}):\n${await store.summarize(contextRef.key, summaryTokens)}`
}

async function memorySection(
  { prompt }: AgentConfig,
  { memory, recall = true }: PromptSources,
): Promise<string> {
  const hits = memory && recall ? await memory.search('episodic', prompt, maxHits) : []
  if (hits.length === 0) return ''
  const lines = hits.map(({ content }) => `- ${cutText(content, hitChars)}`)
  return `Relevant past agent executions:\n${lines.join('\n')}`
}

function functionSection({ functions }: PromptSources): string {
  const specs = functions?.list() ?? []
  if (specs.length === 0) return ''
  const lines = specs.map(({ name, description, parameters }) => {
    const words = Object.entries(parameters).map(
      ([key, { type, required }]) => `${key}: ${type}${required ? '' : '?'}`,
    )
    return `- ${name}(${words.join(', ')}): ${description}`
  })
  return `Available functions (for reference):\n${lines.join('\n')}`
}
