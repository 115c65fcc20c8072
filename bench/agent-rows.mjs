// Agents as processes: what the spawner, its precautions and its records cost beside starting the processes alone.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentRuntime, ClaudeCodeProvider, ContextStore, RecursiveSpawner } from '../dist/library.mjs'
import { median, timeAction } from './measure.mjs'
import { scratch } from './surroundings.mjs'

const agents = 20
const atOnce = 10

export const agentRows = [
  {
    name: 'agents: 20 of 200 ms, 10 at once, real processes',
    unit: 'ms',
    target: 450,
    floorIs: 'the same processes started without more',
    async measure() {
      const binary = writeAgent()
      const ours = median(await timeAction(() => spawnAll(binary)))
      const floor = median(await timeAction(() => startAll(binary)))
      return { ours, floor }
    },
  },
]

function writeAgent() {
  const file = join(scratch, 'agent')
  const answer = '{"type":"result","is_error":false,"result":"done"}'
  writeFileSync(file, `#!/bin/sh\nsleep 0.2\necho '${answer}'\n`, { mode: 0o755 })
  return file
}

async function spawnAll(binary) {
  const folder = mkdtempSync(join(scratch, 'agents-'))
  const store = new ContextStore(folder)
  await store.init()
  const runtime = new AgentRuntime({ provider: new ClaudeCodeProvider({ binary }), store })
  const limits = { defaultModel: 'm', maxDepth: 2, maxConcurrent: atOnce }
  const spawner = new RecursiveSpawner({ runtime, store, ...limits })
  await spawner.spawnMany(Array.from({ length: agents }, () => ({ prompt: 'p', context: {} })))
  store.close()
  rmSync(folder, { recursive: true })
}

async function startAll(binary) {
  let left = agents
  const work = async () => {
    while (left-- > 0) await new Promise((resolve) => spawn(binary, ['-p', 'p']).on('close', resolve))
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
