// Any agent program as a provider: its argv, how it gets the prompt, and how what it prints is read.

import type { ExecuteParams, ExecutionResult, LLMProvider } from '../agent-types.ts'
import { ExecutionError } from '../usage.ts'
import { maxOutputMiB, type ProgramEnd, runAgentProgram } from './agent-process.ts'
import { tailOf } from './program-text.ts'

export interface CommandOptions {
  /** For messages. */
  readonly name: string
  /** Program and arguments; `{model}` stands for the model of the execution. */
  readonly argv: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  /** How it gets the prompt; default `stdin`. One that no argument can hold goes through standard input all the same. */
  readonly promptMode?: 'stdin' | 'arg'
  /** Milliseconds, default 300000. */
  readonly timeout?: number
  readonly cwd?: string
  /** Reads what it printed; default: all of it is the answer. */
  readonly read?: (stdout: string) => ProgramAnswer
}

export interface ProgramAnswer extends Omit<ExecutionResult, 'result'> {
  readonly text: string
  /** Why it is none. */
  readonly error?: string
}

const maxArgumentBytes = 100_000

export class CommandProvider implements LLMProvider {
  private readonly options: CommandOptions

  constructor(options: CommandOptions) {
    this.options = options
  }

  /** Rejects with an ExecutionError that carries what the run has cost all the same. */
  async execute(params: ExecuteParams): Promise<ExecutionResult> {
    const end = await this.run(params)
    const { read = (text: string): ProgramAnswer => ({ text }) } = this.options
    const { text, error, ...reported } = read(end.stdout)
    const failure = this.describeFailure(end, error)
    if (failure !== null) throw new ExecutionError(failure, reported)
    return { result: text, ...reported }
  }

  private get timeoutMs(): number {
    return this.options.timeout ?? 300_000
  }

  private async run({ prompt, model, cwd, env, signal, onOutput }: ExecuteParams): Promise<ProgramEnd> {
    const { name, argv, promptMode = 'stdin', env: own } = this.options
    const byArgument =
      promptMode === 'arg' && Buffer.byteLength(prompt) <= maxArgumentBytes && !prompt.includes('\0')
    const [program, ...args] = argv.map((word) => word.replaceAll('{model}', () => model ?? ''))
    try {
      return await runAgentProgram({
        argv: [program ?? '', ...args, ...(byArgument ? [prompt] : [])],
        cwd: cwd ?? this.options.cwd,
        env: { ...process.env, ...own, ...env },
        stdin: byArgument ? null : prompt,
        timeoutMs: this.timeoutMs,
        signal,
        onStderr: onOutput,
      })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ExecutionError(`Failed to spawn ${name}: ${(error as Error).message}`)
    }
  }

  private describeFailure(
    { why, status, stdout, stderr }: ProgramEnd,
    error: string | undefined,
  ): string | null {
    const { name } = this.options
    if (why === 'timeout') return `${name} process timed out after ${this.timeoutMs}ms`
    if (why === 'cancelled') return `${name} was cancelled`
    if (why === 'too_large') return `${name} printed more than ${maxOutputMiB} MiB and was ended`
    if (error !== undefined && status === 0) return `${name} answered with an error: ${error}`
    if (status === 0) return null
    const text = tailOf(stderr) || error || tailOf(stdout) || 'it printed nothing'
    return `${name} exited with code ${status}: ${text}`
  }
}
