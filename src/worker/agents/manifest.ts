// How an agent gets its variables: by reference. Each is a file that is written once, and one manifest names them.
import { dirname } from 'node:path'
import type { ContextStore } from './store/context-store.ts'
import type { VariableRef } from './types.ts'

const notAvailable = '[not available]'

export interface GivenContext {
  /** Null where there is nothing to give. */
  readonly manifestPath: string | null
  /** Folders that the agent must be able to read. */
  readonly folders: readonly string[]
}

/** Writes what the agent needs into files. A variable that can't be written is told as such, to the agent and by `warn`. */
export async function giveContext(
  store: ContextStore,
  agentId: string,
  context: Readonly<Record<string, VariableRef>>,
  warn: (message: string) => void,
): Promise<GivenContext> {
  const names = Object.keys(context)
  if (names.length === 0) return { manifestPath: null, folders: [] }
  const entries = await Promise.all(
    Object.entries(context).map(async ([name, ref]) => [name, await describe(store, ref, warn)] as const),
  )
  const key = `manifest-${agentId}`
  await store.set(key, Object.fromEntries(entries), { type: 'json', scope: agentId })
  const manifestPath = await store.persistForSubAgent(key)
  const files = entries.flatMap(([, entry]) => (typeof entry === 'string' ? [] : [entry.filePath]))
  const folders = [...new Set([manifestPath, ...files].map((file) => dirname(file)))]
  return { manifestPath, folders }
}

async function describe(
  store: ContextStore,
  { key, sizeBytes, type }: VariableRef,
  warn: (message: string) => void,
) {
  try {
    return { filePath: await store.persistForSubAgent(key), sizeBytes, type }
  } catch (error) {
    warn(`Warning: the agent is not given a variable: ${(error as Error).message}`)
    return notAvailable
  }
}
