// What agents remember: entries in layers, facts by key, summaries of what is old.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryManager } from 'superloop-rlms'

const folder = mkdtempSync(join(tmpdir(), 'memory-'))
const memory = new MemoryManager(folder, 50, {
  // A model would write better ones.
  summarize: async (entries) => `From "${entries[0].content}" to "${entries.at(-1).content}".`,
})
await memory.init()

const tasks = ['read the parser', 'fix the parser', 'test the lexer', 'fix the lexer']
for (const [at, content] of tasks.entries())
  await memory.append('episodic', { id: `task-${at}`, timestamp: Date.now() + at, content })
console.log((await memory.search('episodic', 'fix parser', 2)).map(({ content }) => content))

await memory.learn({ key: 'test command', value: 'npm test' })
console.log((await memory.recall('test command')).value)

await memory.compact('episodic', { keepLast: 1 })
console.log(memory.getEpisodicMemory().map(({ content }) => content))
console.log(memory.getStats())

memory.close()
rmSync(folder, { recursive: true })
