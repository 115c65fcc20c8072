// `verbose` where nobody takes what agents say.
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ExecuteParams } from '../../../src/worker/agents/agent-types.ts'
import { DevSession } from '../../../src/worker/agents/dev/dev-session.ts'
import { parseTodoMd } from '../../../src/worker/agents/dev/todo-md.ts'
import { createSystem, getDefaultConfig } from '../../../src/worker/agents/system.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const provider = {
  async execute({ onOutput }: ExecuteParams) {
    onOutput?.('reading\u001b[2J\n')
    return { result: 'done' }
  },
}
let told = ''
beforeEach(() => {
  told = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += text
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

test.each([true, false])('what an agent says goes to standard error where verbose is %s', async (verbose) => {
  const config = { ...getDefaultConfig(), storageDir: join(temporaryFolder(), 'data'), verbose }
  const { store, memory, spawner } = createSystem(config, provider)
  await spawner.spawn({ prompt: 'x', context: {} })
  store.close()
  memory.close()
  expect(told).toMatch(verbose ? /^agent-[0-9a-f-]+: reading[^\u001b]*\n$/ : /^$/)
})

test('a development session says what it does', async () => {
  const tasks = parseTodoMd('- [ ] one')
  const session = { projectDir: temporaryFolder(), tasks, providerFactory: () => provider }
  await new DevSession(session).run()
  expect(told).toBe('')
  await new DevSession({ ...session, verbose: true }).run()
  expect(told).toMatch(/^dev: task: one\ndev: reading/)
})
