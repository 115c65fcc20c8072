import { onTestFinished } from 'vitest'
import { ContextStore } from '../../../../src/worker/agents/index.ts'

/** An open store, closed when the test is over. */
export async function openStore(folder: string, maxMemoryBytes?: number): Promise<ContextStore> {
  const store = new ContextStore(folder, maxMemoryBytes)
  onTestFinished(() => store.close())
  await store.init()
  return store
}
