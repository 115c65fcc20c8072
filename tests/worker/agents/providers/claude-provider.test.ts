import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { ClaudeCodeProvider } from '../../../../src/worker/agents/providers/claude-provider.ts'
import { ExecutionError } from '../../../../src/worker/agents/usage.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { fakeClaude, program, reply } from '../helpers/claude.ts'

interface Call {
  readonly command: string
  readonly args: readonly string[]
  readonly options: SpawnOptions
}

/** A child that answers at once, or never. */
function recordCalls(answer: string | null) {
  const calls: Call[] = []
  const signals: unknown[] = []
  const spawnFn = (command: string, args: readonly string[], options: SpawnOptions) => {
    calls.push({ command, args, options })
    const child = Object.assign(new EventEmitter(), {
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      stdin: new PassThrough(),
      kill: (signal: unknown) => signals.push(signal),
    })
    if (answer !== null)
      setImmediate(() => {
        child.stdout.write(answer)
        setImmediate(() => child.emit('close', 0, null))
      })
    return child as unknown as ChildProcess
  }
  return { calls, signals, spawnFn }
}

test('the first start is the run itself, with the arguments that Claude Code takes', async () => {
  const { calls, spawnFn } = recordCalls(reply('42'))
  await new ClaudeCodeProvider({ spawnFn }).execute({ prompt: 'what?' })
  expect(calls).toHaveLength(1)
  expect(calls[0]).toMatchObject({ command: 'claude' })
  expect(calls[0]?.args).toEqual(
    '-p what? --output-format json --model opus --permission-mode acceptEdits --no-session-persistence'.split(
      ' ',
    ),
  )
  expect(calls[0]?.options).not.toHaveProperty('cwd')
})

test('what an execution names goes before what the provider was made with', async () => {
  const { calls, spawnFn } = recordCalls(reply('42'))
  const options = {
    binary: 'cl',
    model: 'haiku',
    maxBudgetUsd: 9,
    permissionMode: 'plan',
    cwd: '/a',
    addDirs: ['/x'],
  }
  const provider = new ClaudeCodeProvider({ ...options, spawnFn })
  await provider.execute({ prompt: 'p' })
  await provider.execute({
    prompt: 'p',
    model: 'm',
    maxBudgetUsd: 0.5,
    permissionMode: 'default',
    cwd: '/b',
    addDirs: ['/y', '/z'],
  })
  expect(
    calls.map(({ command, args, options: { cwd } }) => [command, ...args.slice(4), cwd].join(' ')),
  ).toEqual([
    'cl --model haiku --permission-mode plan --no-session-persistence --max-budget-usd 9 --add-dir /x /a',
    'cl --model m --permission-mode default --no-session-persistence --max-budget-usd 0.5 --add-dir /y --add-dir /z /b',
  ])
})

test('answer, cost, session, turns, time and tokens are read', async () => {
  const models = {
    a: { inputTokens: 10, outputTokens: 5, cacheReadInputTokens: 100, cacheCreationInputTokens: 20 },
    b: { inputTokens: 1, outputTokens: 2 },
  }
  const provider = new ClaudeCodeProvider({
    binary: fakeClaude('42', ':', { modelUsage: models, usage: { input_tokens: 9 } }),
  })
  const metadata = { costUsd: 0.25, sessionId: 'session-1', numTurns: 2, durationMs: 7 }
  expect(await provider.execute({ prompt: 'p' })).toEqual({
    result: '42',
    ...metadata,
    tokenUsage: { inputTokens: 131, outputTokens: 7, totalTokens: 138 },
  })
  expect(provider.lastMetadata).toEqual(metadata)
})

test('without usage by model the sum of the run counts', async () => {
  const usage = { input_tokens: 9, cache_read_input_tokens: 1, output_tokens: 4 }
  const provider = new ClaudeCodeProvider({ binary: fakeClaude('42', ':', { modelUsage: undefined, usage }) })
  const { tokenUsage } = await provider.execute({ prompt: 'p' })
  expect(tokenUsage).toEqual({ inputTokens: 10, outputTokens: 4, totalTokens: 14 })
})

test.each([
  ['of 100 kB is an argument', 'ä'.repeat(50_000), 'argument'],
  ['above 100 kB goes through standard input', `${'ä'.repeat(50_000)}x`, 'stdin'],
  ['that begins with a dash goes through standard input', '- one of a list', 'stdin'],
])('a prompt %s', async (_, prompt, way) => {
  const folder = temporaryFolder()
  const script = `cat >'${folder}/stdin'; printf %s "$2" >'${folder}/argument'`
  await new ClaudeCodeProvider({ binary: fakeClaude('42', script) }).execute({ prompt })
  expect(readFileSync(join(folder, way), 'utf8')).toBe(prompt)
  expect(readFileSync(join(folder, way === 'stdin' ? 'argument' : 'stdin'), 'utf8')).toBe(
    way === 'stdin' ? '--output-format' : '',
  )
})

const failures: ReadonlyArray<readonly [string, string, string]> = [
  ['an exit status', 'echo no login >&2; exit 3', 'Claude Code exited with code 3: no login'],
  [
    'an exit status whose reason is on standard output',
    'echo plain; exit 1',
    'Claude Code exited with code 1: plain',
  ],
  ['an end without a word', 'exit 1', 'Claude Code exited with code 1: it printed nothing'],
  ['no output', ':', 'Failed to parse Claude Code output: it printed nothing'],
  [
    'an error flag with status 0',
    `printf '%s' '${reply('not allowed', { is_error: true })}'`,
    'Claude Code answered with an error: not allowed',
  ],
  [
    'a result that is missing',
    `printf '%s' '${reply(undefined, { subtype: 'error_max_turns' })}'`,
    'Claude Code answered with an error: error_max_turns',
  ],
]

test.each(failures)('%s is an error that says so', async (_, lines, message) => {
  const provider = new ClaudeCodeProvider({ binary: program(lines) })
  await expect(provider.execute({ prompt: 'p' })).rejects.toMatchObject({ name: 'ExecutionError', message })
})

test('output that is no JSON is an error with what the parser says', async () => {
  const provider = new ClaudeCodeProvider({ binary: program('echo hello') })
  await expect(provider.execute({ prompt: 'p' })).rejects.toThrow(
    /^Failed to parse Claude Code output: Unexpected token/,
  )
})

test('a program that is not there cannot be spawned', async () => {
  const provider = new ClaudeCodeProvider({ binary: '/nowhere/claude' })
  await expect(provider.execute({ prompt: 'p' })).rejects.toThrow(
    'Failed to spawn Claude Code: spawn /nowhere/claude ENOENT',
  )
})

test('a failure carries what it has cost', async () => {
  const binary = program(`printf '%s' '${reply('too long', { is_error: true })}'; exit 1`)
  const error = await new ClaudeCodeProvider({ binary })
    .execute({ prompt: 'p' })
    .catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ExecutionError)
  expect((error as ExecutionError).reported).toMatchObject({
    costUsd: 0.25,
    tokenUsage: { totalTokens: 120 },
  })
})

test('what a program still reports when its time is over is carried by the error', async () => {
  const script = `trap 'printf "%s" '\\''${reply('cut')}'\\''; exit 1' TERM; while :; do sleep 0.01; done`
  const provider = new ClaudeCodeProvider({ binary: program(script), timeout: 600 })
  const error = (await provider.execute({ prompt: 'p' }).catch((cause: unknown) => cause)) as ExecutionError
  expect(error.message).toBe('Claude Code process timed out after 600ms')
  expect(error.reported.tokenUsage?.totalTokens).toBe(120)
})

test('a child that never ends is killed, and not waited for', async () => {
  const { signals, spawnFn } = recordCalls(null)
  const provider = new ClaudeCodeProvider({ spawnFn, timeout: 20 })
  await expect(provider.execute({ prompt: 'p' })).rejects.toThrow('Claude Code process timed out after 20ms')
  expect(signals).toEqual(['SIGTERM', 'SIGKILL'])
})

test('log lines before the answer, and the list of --verbose, are read', async () => {
  const noisy = new ClaudeCodeProvider({ binary: program(`echo starting; printf '%s' '${reply('42')}'`) })
  expect((await noisy.execute({ prompt: 'p' })).result).toBe('42')
  const verbose = new ClaudeCodeProvider({
    binary: program(`printf '%s' '[{"type":"system"},${reply('42')}]'`),
  })
  expect((await verbose.execute({ prompt: 'p' })).result).toBe('42')
})
