// Agents as processes: Claude Code, or any program that reads a prompt; a failure is a value, and carries its cost.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClaudeCodeProvider, CommandProvider, createSystem, getDefaultConfig } from 'superloop-rlms'

const folder = mkdtempSync(join(tmpdir(), 'programs-'))
// A stand-in, so that this runs without a key.
const binary = join(folder, 'claude')
writeFileSync(
  binary,
  `#!/bin/sh
case "$2" in fail*) echo "no login" >&2; exit 1 ;; esac
echo '{"type":"result","is_error":false,"result":"42","total_cost_usd":0.5,"num_turns":1,"usage":{"input_tokens":7,"output_tokens":3}}'
`,
)
chmodSync(binary, 0o755)

const claude = new ClaudeCodeProvider({ binary, model: 'haiku', timeout: 60_000 })
console.log((await claude.execute({ prompt: 'what is it?' })).result, claude.lastMetadata)
await claude.execute({ prompt: 'fail' }).catch((error) => console.log(error.message))

const sort = new CommandProvider({ name: 'sort', argv: ['sort'] })
console.log((await sort.execute({ prompt: 'b\na\n' })).result.trim())

const { store, memory, spawner } = createSystem({
  ...getDefaultConfig(),
  storageDir: folder,
  claudeBinary: binary,
})
await store.init()
await memory.init()
console.log(await store.resolve(await spawner.spawn({ prompt: 'fail', context: {} })))

store.close()
memory.close()
rmSync(folder, { recursive: true })
