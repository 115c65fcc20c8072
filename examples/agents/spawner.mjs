// A tree of agents: two at once, a vote, what all of it used. Any object with `execute` is a provider.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentRuntime, ContextStore, RecursiveSpawner } from 'superloop-rlms'

const provider = {
  async execute({ prompt }) {
    if (prompt.includes('fail')) throw new Error('no login')
    const tokenUsage = { inputTokens: 90, outputTokens: 10, totalTokens: 100 }
    return { result: prompt.includes('careful') ? 'no' : 'yes', tokenUsage, costUsd: 0.25 }
  },
}

const folder = mkdtempSync(join(tmpdir(), 'spawner-'))
const store = new ContextStore(folder)
await store.init()
const runtime = new AgentRuntime({ provider, store })
const spawner = new RecursiveSpawner({
  runtime,
  store,
  defaultModel: 'any',
  maxDepth: 3,
  maxConcurrent: 2,
  tokenBudget: 350,
  onEvent: (event) =>
    event.type === 'merge' && console.log(`${event.failed.length} of ${event.inputs.length} failed`),
})

const ask = (prompt) => ({ prompt, context: {} })
const refs = await spawner.spawnMany(['is it safe?', 'be careful: is it safe?', 'fail', 'really?'].map(ask))
console.log((await store.resolve(await spawner.merge(refs, { type: 'vote' }))).winner)
console.log(
  spawner
    .getTree()
    .children.map(({ status }) => status)
    .join(' '),
)
console.log(spawner.getTotalTokensUsed(), spawner.getTree().costUsd)
await spawner.spawn(ask('once more'))
await spawner.spawn(ask('too much')).catch((error) => console.log(error.message))

store.close()
rmSync(folder, { recursive: true })
