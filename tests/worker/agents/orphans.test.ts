import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namespacePrefix } from '../../../src/worker/lib/pid-namespace.ts'
import { isAlive, nodeProgram, waitFor } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { program } from './helpers/claude.ts'
import { leftovers } from './helpers/leftovers.ts'

/** Runs two agents at once; throws when a file appears. */
const orchestrator = () =>
  nodeProgram(`
  import { existsSync, writeFileSync } from 'node:fs'
  import { createSystem, getDefaultConfig } from './agents/system.ts'
  const [folder, claudeBinary] = process.argv.slice(2)
  const { store, memory, spawner } = createSystem({ ...getDefaultConfig(), storageDir: folder + '/data', claudeBinary })
  await store.init()
  await memory.init()
  void spawner.spawnMany([{ prompt: 'one', context: {} }, { prompt: 'two', context: {} }])
  setInterval(() => { if (existsSync(folder + '/throw')) throw new Error('a defect') }, 10)`)

const ways = [
  ['SIGINT', (pid: number) => process.kill(pid, 'SIGINT')],
  ['SIGTERM', (pid: number) => process.kill(pid, 'SIGTERM')],
  ['SIGKILL', (pid: number) => process.kill(pid, 'SIGKILL')],
] as const

const hiding = (await namespacePrefix()).length > 0 ? (['bare'] as const) : []
describeWays('on', ['child', 'stray', ...hiding])
describeWays('off', ['child', 'stray'])

function describeWays(namespace: string, kinds: ReadonlyArray<'child' | 'stray' | 'bare'>): void {
  test.each(ways)(
    `no process of an agent outlives the %s of its orchestrator, namespace ${namespace}`,
    async (_, end) => {
      const { child, left } = await startOrchestrator(namespace, kinds)
      end(child.pid ?? 0)
      await once(child, 'exit')
      await left.gone()
    },
  )

  test(`no process of an agent outlives a throw of its orchestrator, namespace ${namespace}`, async () => {
    const { child, left, folder } = await startOrchestrator(namespace, kinds)
    writeFileSync(join(folder, 'throw'), '')
    expect(await once(child, 'exit')).toEqual([1, null])
    await left.gone()
  })
}

async function startOrchestrator(namespace: string, kinds: ReadonlyArray<'child' | 'stray' | 'bare'>) {
  const folder = temporaryFolder()
  const left = leftovers(kinds)
  // Each of the two starts all of them; deaf, so that nothing but force ends it.
  const binary = program(
    `trap '' TERM INT; mkdir '${folder}/first' 2>/dev/null && { ${left.script} }; wait; wait`,
  )
  const env = { ...process.env, TMPDIR: folder, RLM_AGENT_NAMESPACE: namespace }
  const child = spawn(process.execPath, [orchestrator(), folder, binary], { env, stdio: 'ignore' })
  await left.running()
  expect(isAlive(child.pid ?? 0)).toBe(true)
  await waitFor('the agents', () => existsSync(join(folder, 'first')))
  return { child, left, folder }
}
