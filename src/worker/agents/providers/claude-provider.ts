// Claude Code as a provider: one headless process for each execution.

import type { ExecuteParams, ExecutionResult, LLMProvider } from '../agent-types.ts'
import { ExecutionError } from '../usage.ts'
import { maxOutputMiB, type ProgramEnd, runAgentProgram, type SpawnFn } from './agent-process.ts'
import { type ClaudeReply, readClaudeReply } from './claude-reply.ts'
import { tailOf } from './program-text.ts'

export interface ClaudeCodeOptions {
  /** Default `claude`. */
  binary?: string
  /** Default `opus`. */
  model?: string
  maxBudgetUsd?: number
  /** Milliseconds, default 300000. */
  timeout?: number
  /** Default `acceptEdits`. */
  permissionMode?: string
  cwd?: string
  addDirs?: string[]
  /** In place of starting the program as a guarded group of its own. */
  spawnFn?: SpawnFn
}

const maxArgumentBytes = 100_000

/**
 * One argument holds at most 131,071 bytes on Linux, and no NUL; one that begins with a dash is taken for an option. Such
 * prompts go through standard input.
 */
function fitsArgument(prompt: string): boolean {
  return Buffer.byteLength(prompt) <= maxArgumentBytes && !prompt.includes('\0') && !prompt.startsWith('-')
}

export class ClaudeCodeProvider implements LLMProvider {
  /** Of the last execution that reported any. */
  lastMetadata: Pick<ExecutionResult, 'costUsd' | 'sessionId' | 'numTurns' | 'durationMs'> = {}
  private readonly options: ClaudeCodeOptions

  constructor(options: ClaudeCodeOptions = {}) {
    this.options = options
  }

  /** Rejects with an ExecutionError that carries what the run has cost all the same. */
  async execute(params: ExecuteParams): Promise<ExecutionResult> {
    const end = await this.run(params)
    const read = readOutput(end.stdout)
    const reply = 'reply' in read ? read.reply : undefined
    const { tokenUsage: _, ...metadata } = reply?.reported ?? {}
    this.lastMetadata = metadata
    const failure = describeFailure(end, read, this.timeoutMs)
    if (failure !== null) throw new ExecutionError(failure, reply?.reported)
    return { result: reply?.text ?? '', ...reply?.reported }
  }

  private get timeoutMs(): number {
    return this.options.timeout ?? 300_000
  }

  private async run(params: ExecuteParams): Promise<ProgramEnd> {
    const { prompt, signal } = params
    const byArgument = fitsArgument(prompt)
    const cwd = params.cwd ?? this.options.cwd
    try {
      return await runAgentProgram({
        argv: [this.options.binary ?? 'claude', ...this.argumentsFor(params, byArgument)],
        ...(cwd === undefined ? {} : { cwd }),
        env: { ...process.env, ...params.env },
        stdin: byArgument ? null : prompt,
        timeoutMs: this.timeoutMs,
        signal,
        onStderr: params.onOutput,
        spawnFn: this.options.spawnFn,
      })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ExecutionError(`Failed to spawn Claude Code: ${(error as Error).message}`)
    }
  }

  private argumentsFor(params: ExecuteParams, byArgument: boolean): string[] {
    const { options } = this
    const budget = params.maxBudgetUsd ?? options.maxBudgetUsd
    return [
      '-p',
      ...(byArgument ? [params.prompt] : []),
      ...['--output-format', 'json'],
      ...['--model', params.model ?? options.model ?? 'opus'],
      ...['--permission-mode', params.permissionMode ?? options.permissionMode ?? 'acceptEdits'],
      '--no-session-persistence',
      ...(budget === undefined ? [] : ['--max-budget-usd', String(budget)]),
      ...(params.addDirs ?? options.addDirs ?? []).flatMap((folder) => ['--add-dir', folder]),
    ]
  }
}

type Read = { readonly reply: ClaudeReply } | { readonly problem: string }

function readOutput(output: string): Read {
  try {
    return { reply: readClaudeReply(output) }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}

/** Null when the run succeeded. */
function describeFailure(end: ProgramEnd, read: Read, timeoutMs: number): string | null {
  const { why, status, stdout, stderr } = end
  if (why === 'timeout') return `Claude Code process timed out after ${timeoutMs}ms`
  if (why === 'cancelled') return 'Claude Code was cancelled'
  if (why === 'too_large') return `Claude Code printed more than ${maxOutputMiB} MiB and was ended`
  const told = 'reply' in read ? read.reply.error : null
  if (status !== 0) {
    const text = tailOf(stderr) || told || tailOf(stdout) || 'it printed nothing'
    return `Claude Code exited with code ${status}: ${text}`
  }
  if ('problem' in read) return `Failed to parse Claude Code output: ${read.problem}`
  return told === null ? null : `Claude Code answered with an error: ${told}`
}
