import { onTestFinished } from 'vitest'
import { type MemoryEntry, MemoryManager, type MemoryOptions } from '../../../../src/worker/agents/index.ts'

/** An open memory, closed when the test is over. */
export async function openMemory(
  folder: string,
  maxWorkingEntries?: number,
  options?: MemoryOptions,
): Promise<MemoryManager> {
  const memory = new MemoryManager(folder, maxWorkingEntries, options)
  onTestFinished(() => memory.close())
  await memory.init()
  return memory
}

export function entry(number: number, content = `entry ${number}`): MemoryEntry {
  return { id: `id-${number}`, timestamp: 1_700_000_000_000 + number * 60_000, content }
}
