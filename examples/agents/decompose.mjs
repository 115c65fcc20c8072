// A large text, a part for each agent, one answer; each result knows which lines it is about.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentRuntime, ContextStore, RecursiveSpawner } from 'superloop-rlms'

// An agent reads the manifest that its prompt names; each entry is a file.
const provider = {
  async execute({ prompt }) {
    const manifest = JSON.parse(readFileSync(/Context manifest: Read (.+)/.exec(prompt)[1], 'utf8'))
    const errors = readFileSync(manifest.chunk.filePath, 'utf8').match(/ERROR .*/g) ?? []
    return { result: errors.join('\n') || 'nothing' }
  },
}

const folder = mkdtempSync(join(tmpdir(), 'decompose-'))
const store = new ContextStore(folder)
await store.init()
const spawner = new RecursiveSpawner({
  runtime: new AgentRuntime({ provider, store }),
  store,
  defaultModel: 'any',
  maxDepth: 2,
  maxConcurrent: 4,
})

const log = Array.from({ length: 100 }, (_, at) => (at % 40 === 7 ? `ERROR at ${at}` : `fine ${at}`)).join(
  '\n',
)
const sourceRef = await store.set('app.log', log)
const ref = await spawner.decompose({
  prompt: 'which errors?',
  sourceRef,
  chunks: 2,
  levels: 2,
  mergeStrategy: { type: 'concatenate' },
})
console.log(await store.resolve(ref))
for (const { span } of spawner.getTree().children)
  console.log(`${span.key}: lines ${span.startLine} to ${span.endLine}`)

store.close()
rmSync(folder, { recursive: true })
