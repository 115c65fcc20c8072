// The library as a user of the package has it: built, imported by its name, typed.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runToEnd } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

function project(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/superloop-rlms'))
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return folder
}

const names =
  'AgentRuntime ClaudeCodeProvider ContextStore DevSession FunctionRegistry MemoryManager RecursiveSpawner buildDevPrompt createSystem getDefaultConfig main parseTodoMd run'

test('a plain Node script imports every name', async () => {
  const folder = project()
  writeFileSync(
    join(folder, 'a.mjs'),
    `import * as library from 'superloop-rlms'
for (const name of '${names}'.split(' ')) if (typeof library[name] !== 'function') console.log(name)
console.log(JSON.stringify(library.getDefaultConfig()))`,
  )
  const { stdout } = await runToEnd([process.execPath, join(folder, 'a.mjs')], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual({
    model: 'claude-opus-4-6',
    maxDepth: 5,
    maxConcurrent: 3,
    tokenBudget: 1_000_000,
    storageDir: join(folder, '.rlm-data'),
    verbose: false,
  })
})

const usage = `
import { ${names.replaceAll(' ', ', ')} } from 'superloop-rlms'
import type { AgentConfig, AgentResult, ExecutionResult, FunctionSpec, KnowledgeEntry, LLMProvider, MemoryEntry, MemoryType, MergeStrategy, ParameterSpec, ParsedTask, RLMConfig, SetOptions, SpawnConfig, TokenUsage, VariableMeta, VariableRef, VariableType } from 'superloop-rlms'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <T extends true>(): T | undefined => undefined
is<Same<VariableType, 'text' | 'json' | 'memory' | 'result' | 'stream'>>()
is<Same<MemoryType, 'working' | 'episodic' | 'semantic' | 'procedural'>>()
is<Same<MergeStrategy['type'], 'concatenate' | 'summarize' | 'structured' | 'vote' | 'custom'>>()
is<Same<keyof TokenUsage, 'inputTokens' | 'outputTokens' | 'totalTokens'>>()
is<Same<keyof ParsedTask, 'title' | 'description' | 'section' | 'lineNumber' | 'rawLine'>>()
is<Same<ReturnType<AgentRuntime['getStatus']>, 'idle' | 'running' | 'completed' | 'failed' | 'cancelled' | undefined>>()

export async function use(): Promise<void> {
  const store: ContextStore = new ContextStore('x', 1 << 20)
  await store.init()
  const options: SetOptions = { scope: 's', type: 'text', persist: true }
  const ref: VariableRef = await store.set('a', 'b', options)
  const metas: VariableMeta[] = await store.list({ scope: 's' })
  const provider: LLMProvider = new ClaudeCodeProvider({ binary: 'claude', model: 'opus', maxBudgetUsd: 1, timeout: 1, permissionMode: 'plan', cwd: '/', addDirs: ['/'] })
  const execution: ExecutionResult = await provider.execute({ prompt: 'p', model: 'm', maxBudgetUsd: 1, permissionMode: 'plan', cwd: '/', addDirs: ['/'] })
  const own: LLMProvider = { execute: async ({ prompt }) => ({ result: prompt }) }
  const memory = new MemoryManager('x', 50)
  const entry: MemoryEntry = { id: '1', timestamp: 1, content: 'c' }
  await memory.append('episodic', entry)
  const known: KnowledgeEntry | null = await memory.recall('k')
  const parameter: ParameterSpec = { type: 'string', description: 'd', required: true, default: 'x' }
  const spec: FunctionSpec = { name: 'f', description: 'd', parameters: { parameter }, handler: async (params) => params }
  const functions = new FunctionRegistry()
  functions.register(spec)
  const runtime = new AgentRuntime({ provider: own, store, memory, functions, onLog: (agentId: string, message: string) => void [agentId, message] })
  const config: AgentConfig = { id: 'a', prompt: 'p', contextRef: ref, model: 'm', parentId: 'b', onComplete: 'store' }
  const result: AgentResult = await runtime.run(runtime.create(config))
  const spawner = new RecursiveSpawner({ runtime, store, defaultModel: 'm', maxDepth: 5, maxConcurrent: 3, tokenBudget: Infinity, onLog: () => {} })
  const request: SpawnConfig = { prompt: 'p', context: { ref }, model: 'm', timeout: 1, onComplete: 'return' }
  const refs: VariableRef[] = await spawner.spawnMany([request], 'parent', 1)
  const merged: VariableRef = await spawner.merge(refs, { type: 'custom', customMergeFn: async (results: unknown[]) => results.length })
  await spawner.decompose({ prompt: 'p', sourceRef: merged, chunks: 2, mergeStrategy: { type: 'vote' }, model: 'm', timeout: 1, parentId: 'p', depth: 0 })
  const { id, status, children, tokenUsage, depth } = spawner.getTree()
  const total: TokenUsage = spawner.getTotalTokenUsage()
  const counts: number = spawner.getTotalTokensUsed() + spawner.getActiveCount()
  spawner.reset()
  const session = new DevSession({ projectDir: '.', tasks: ['t'], model: 'm', maxBudgetUsd: 1, verbose: true, onFailure: 'retry', providerFactory: () => own })
  const [task] = parseTodoMd('- [ ] t')
  if (task) await session.executeTask(task, buildDevPrompt({ claudeMd: '', task, instructions: '', previousResults: [], retryError: '' }))
  const answer: AgentResult = await run('t', { contextFiles: [], model: 'm', maxDepth: 1, verbose: false })
  const full: RLMConfig = { ...getDefaultConfig(), claudeBinary: 'c', claudeMaxBudgetUsd: 1, claudeModel: 'm', claudePermissionMode: 'plan' }
  const system = createSystem(full)
  const exit: number = await main(['run', 't'])
  void [metas, execution, known, result, id, status, children, tokenUsage, depth, total, counts, answer, exit, system.store, system.memory, system.runtime, system.spawner, system.provider, system.registry]
}
`

test('TypeScript knows every name and signature of the contract', async () => {
  const folder = project()
  writeFileSync(join(folder, 'a.ts'), usage)
  const flags =
    '--noEmit --strict --exactOptionalPropertyTypes --module nodenext --target es2023 --types node'
  const { stdout } = await runToEnd([join(root, 'node_modules/.bin/tsc'), ...flags.split(' '), 'a.ts'], {
    cwd: folder,
  })
  expect(stdout).toBe('')
})

test.each([
  [
    'spawner',
    /^1 of 4 failed\nyes\n(\w+ ){3}completed\n300 0.75\nToken budget exhausted \(400 \/ 350 tokens used\)\n$/,
  ],
  ['decompose', /^ERROR at 7\n---\nERROR at 47\n[\s\S]*app\.log: lines 76 to 100\n$/],
  ['programs', /^42 \{ costUsd: 0.5, numTurns: 1 \}\nClaude Code exited with code 1: no login\na\nb\n/],
  ['channel', /^1: fine, 2: fine, DEEP!\nlevel 1\n {2}level 2\n {4}level 3\n$/],
  ['dev-session', /'completed at attempt 2' \]\n3\n$/],
  ['run', /^WHAT IS IN THE NOTES\? 0\n$/],
])('the example %s.mjs runs as it stands', async (name, printed) => {
  const { status, stdout, stderr } = await runToEnd([
    process.execPath,
    join(root, 'examples/agents', `${name}.mjs`),
  ])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(printed)
})

test('main prints the answer of a task, and resolves to the exit status', async () => {
  const script = `import { main } from 'superloop-rlms'
console.log(await main(['what?', '--model', 'offline', '--quiet']), await main(['tree', 'nothing']))`
  const folder = project()
  writeFileSync(join(folder, 'a.mjs'), script)
  const env = { ...process.env, XDG_STATE_HOME: folder, RLM_CONFIG: 'none' }
  const { status, stdout, stderr } = await runToEnd([process.execPath, join(folder, 'a.mjs')], {
    cwd: folder,
    env,
  })
  expect([status, stdout]).toEqual([0, 'what?\n0 2\n'])
  expect(stderr).toMatch(/^rlm: error: there is no run of agents nothing\n/)
})
