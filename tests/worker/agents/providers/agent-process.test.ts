import { expect, test } from 'vitest'
import { type AgentProgram, runAgentProgram } from '../../../../src/worker/agents/providers/agent-process.ts'
import { namespacePrefix } from '../../../../src/worker/lib/pid-namespace.ts'
import { fakeProgram } from '../../helpers/fake-program.ts'
import { nodeProgram, runToEnd } from '../../helpers/processes.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { leftovers } from '../helpers/leftovers.ts'

function run(script: string, folder = '/', more: Partial<AgentProgram> = {}) {
  const argv: [string, ...string[]] = ['/bin/sh', '-c', script, folder]
  return runAgentProgram({ argv, env: process.env, stdin: null, timeoutMs: 20_000, ...more })
}

const longCharacters =
  'for i in 1 2 3 4 5 6 7 8 9; do printf "\\360\\237"; sleep 0.01; printf "\\231\\202"; done'

test('characters that arrive in pieces are whole', async () => {
  const said: string[] = []
  const end = await run(`${longCharacters}; { ${longCharacters}; } >&2`, '/', {
    onStderr: (text) => said.push(text),
  })
  expect([end.stdout, end.stderr, said.join('')]).toEqual(Array(3).fill('🙂'.repeat(9)))
})

test('what an agent says on standard error is told while it works', async () => {
  const said: string[] = []
  const end = await run('echo one >&2; sleep 0.2; echo two >&2', '/', { onStderr: (text) => said.push(text) })
  expect(said).toEqual(['one\n', 'two\n'])
  expect(end.stderr).toBe('one\ntwo\n')
})

test('an agent finds standard input closed, or its prompt on it', async () => {
  expect((await run('cat; echo end')).stdout).toBe('end\n')
  expect((await run('cat', '/', { stdin: 'ä prompt' })).stdout).toBe('ä prompt')
})

test('an agent that does not read its prompt does not harm', async () => {
  expect((await run('echo done', '/', { stdin: 'x'.repeat(1 << 20) })).stdout).toBe('done\n')
})

const untilEnd = 'sleep 0.3; echo done'

test.each([
  ['ends', untilEnd, {}, 'exit'],
  ['runs out of time', 'wait', { timeoutMs: 700 }, 'timeout'],
  ['is deaf and runs out of time', 'trap "" TERM; wait; wait', { timeoutMs: 700 }, 'timeout'],
])('an agent that %s leaves nothing behind', async (_, script, more, why) => {
  const left = leftovers()
  expect((await run(`${left.script} ${script}`, '/', more)).why).toBe(why)
  await left.gone()
})

test.runIf(await hasNamespace())(
  'where namespaces are allowed, not even one that hides is left',
  async () => {
    const left = leftovers(['child', 'stray', 'bare'])
    const end = run(`${left.script} ${untilEnd}`)
    await left.running()
    expect(await end).toMatchObject({ why: 'exit', status: 0, stdout: 'done\n' })
    await left.gone()
  },
)

test('without a namespace strays are found all the same, also with pipes that they hold open', async () => {
  const parent = nodeProgram(`
    import { runAgentProgram } from './agents/providers/agent-process.ts'
    const end = await runAgentProgram({ argv: ['/bin/sh', '-c', process.argv[2]], env: process.env, stdin: null, timeoutMs: 9000 })
    console.log(end.why, end.stdout.trim())`)
  const left = leftovers()
  const env = { ...process.env, RLM_AGENT_NAMESPACE: 'off' }
  const { stdout } = await runToEnd([process.execPath, parent, `${left.script} ${untilEnd}`], { env })
  expect(stdout).toBe('exit done\n')
  await left.gone()
})

test('an agent that is cancelled ends', async () => {
  const left = leftovers()
  const controller = new AbortController()
  const end = run(`${left.script} wait`, '/', { signal: controller.signal })
  await left.running()
  controller.abort(new Error('enough'))
  expect((await end).why).toBe('cancelled')
  await left.gone()
})

test('560 MB of output are an error, and the orchestrator stays below 150 MB', async () => {
  const parent = nodeProgram(`
    import { ClaudeCodeProvider } from './agents/providers/claude-provider.ts'
    const error = await new ClaudeCodeProvider({ binary: process.argv[2] }).execute({ prompt: 'p' }).catch((cause) => cause)
    console.log(JSON.stringify({ message: error.message, megabytes: process.resourceUsage().maxRSS / 1024 }))`)
  const binary = fakeProgram(temporaryFolder(), 'claude', 'head -c 560000000 /dev/zero')
  const { stdout } = await runToEnd([process.execPath, parent, binary])
  const { message, megabytes } = JSON.parse(stdout) as { message: string; megabytes: number }
  expect(message).toBe('Claude Code printed more than 16 MiB and was ended')
  expect(megabytes).toBeLessThan(150)
})

async function hasNamespace(): Promise<boolean> {
  return (await namespacePrefix()).length > 0
}
