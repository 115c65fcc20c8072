// From inside an agent: `rlm agent` reads variables and spawns agents, within the bounds of the whole run.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AgentRuntime,
  CommandProvider,
  ContextStore,
  FunctionRegistry,
  RecursiveSpawner,
} from 'superloop-rlms'

const folder = mkdtempSync(join(tmpdir(), 'channel-'))
const program = join(folder, 'agent')
writeFileSync(
  program,
  `#!/bin/sh
read -r task level
if [ "$level" = 3 ]; then rlm agent call shout '{"text": "deep"}'; exit; fi
echo "$level: $(rlm agent get report), $(rlm agent spawn "level $((level + 1))" --context report)"
`,
)
chmodSync(program, 0o755)

const store = new ContextStore(folder)
await store.init()
const functions = new FunctionRegistry()
functions.register({
  name: 'shout',
  description: 'says it louder',
  parameters: { text: { type: 'string', description: 'what to say', required: true } },
  handler: async ({ text }) => `${text.toUpperCase()}!`,
})
const provider = new CommandProvider({ name: 'agent', argv: [program] })
const spawner = new RecursiveSpawner({
  // Without functions here they would not be in the prompts, nor be found.
  runtime: new AgentRuntime({ provider, store, functions }),
  store,
  defaultModel: 'any',
  maxDepth: 5,
  maxConcurrent: 1,
})

const report = await store.set('report', 'fine')
console.log(
  String(await store.resolve(await spawner.spawn({ prompt: 'level 1', context: { report } }))).trim(),
)
const show = ({ task, children }, indent = '') => {
  console.log(indent + task)
  for (const child of children) show(child, `${indent}  `)
}
show(spawner.getTree().children[0])

store.close()
rmSync(folder, { recursive: true })
