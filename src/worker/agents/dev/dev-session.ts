// A development session: the open tasks of a project's TODO.md, one agent after the other in the project's folder.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSystemError } from '../../contract/errors.ts'
import { writeFileWhole } from '../../lib/atomic-file.ts'
import type { ExecutionResult, LLMProvider, TokenUsage } from '../agent-types.ts'
import { sayOnStandardError } from '../listeners.ts'
import { ClaudeCodeProvider } from '../providers/claude-provider.ts'
import { addTokens, noTokens, reportedBy } from '../usage.ts'
import { buildDevPrompt } from './dev-prompt.ts'
import { type ParsedTask, parseTodoMd, tickOff } from './todo-md.ts'

export interface DevSessionOptions {
  projectDir: string
  /** Titles of TODO.md, or tasks of their own; default: all that are open. */
  tasks?: ReadonlyArray<string | ParsedTask>
  model?: string
  /** Of the whole session. */
  maxBudgetUsd?: number
  verbose?: boolean
  /** Default `continue`. `retry`: once more, with why it failed, then on. */
  onFailure?: 'continue' | 'stop' | 'retry'
  /** Default: Claude Code in the project's folder. */
  providerFactory?: (task: ParsedTask) => LLMProvider
  instructions?: string
  /** Takes what happens, where `verbose` is set; default: standard error. */
  onLog?: (message: string) => void
  signal?: AbortSignal
}

export interface TaskReport {
  task: ParsedTask
  status: 'completed' | 'failed' | 'skipped'
  /** What the agent said; empty when it failed. */
  result: string
  error?: string
  attempts: number
  durationMs: number
  costUsd: number
  tokenUsage: TokenUsage
}

export interface DevSessionReport {
  projectDir: string
  tasks: TaskReport[]
  completed: number
  failed: number
  skipped: number
  costUsd: number
  tokenUsage: TokenUsage
  durationMs: number
}

export class DevSession {
  private readonly options: DevSessionOptions
  private readonly projectDir: string
  private spentUsd = 0

  constructor(options: DevSessionOptions) {
    this.options = options
    this.projectDir = resolve(options.projectDir)
  }

  /** Never rejects: what failed is in the report. */
  async executeTask(task: ParsedTask, prompt: string): Promise<TaskReport> {
    const { model, signal, verbose } = this.options
    const started = Date.now()
    const left = this.leftUsd()
    const report = (
      end: Pick<TaskReport, 'status' | 'result' | 'error'>,
      told: Partial<ExecutionResult>,
    ): TaskReport => {
      this.spentUsd += told.costUsd ?? 0
      const { costUsd = 0, tokenUsage = noTokens } = told
      return { task, ...end, attempts: 1, durationMs: Date.now() - started, costUsd, tokenUsage }
    }
    try {
      const provider =
        this.options.providerFactory?.(task) ?? new ClaudeCodeProvider({ cwd: this.projectDir })
      const { result, ...told } = await provider.execute({
        prompt,
        cwd: this.projectDir,
        ...(model === undefined ? {} : { model }),
        ...(left === Infinity ? {} : { maxBudgetUsd: left }),
        ...(signal === undefined ? {} : { signal }),
        ...(verbose ? { onOutput: (text: string) => this.log(text.trimEnd()) } : {}),
      })
      return report({ status: 'completed', result }, told)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return report({ status: 'failed', result: '', error: message }, reportedBy(error))
    }
  }

  /** All tasks, one after the other. Rejects when TODO.md can't be read, or a task is not in it. */
  async run(): Promise<DevSessionReport> {
    const { onFailure = 'continue', signal } = this.options
    const started = Date.now()
    const claudeMd = this.read('CLAUDE.md')
    const reports: TaskReport[] = []
    let stopped: string | null = null
    for (const task of this.chooseTasks()) {
      stopped ??= this.refusal(signal)
      if (stopped !== null) {
        reports.push(skipped(task, stopped))
        continue
      }
      this.log(`task: ${task.title}`)
      const report = await this.attempt(task, claudeMd, reports)
      reports.push(report)
      if (report.status === 'completed') this.tick(task)
      else if (onFailure === 'stop') stopped = `the task before it failed: ${report.error}`
    }
    return summarize(this.projectDir, reports, Date.now() - started)
  }

  private async attempt(
    task: ParsedTask,
    claudeMd: string,
    done: readonly TaskReport[],
  ): Promise<TaskReport> {
    const { instructions, onFailure } = this.options
    const common = {
      claudeMd,
      task,
      previousResults: done,
      ...(instructions === undefined ? {} : { instructions }),
    }
    const first = await this.executeTask(task, buildDevPrompt(common))
    const again =
      onFailure === 'retry' && first.status === 'failed' && this.refusal(this.options.signal) === null
    if (!again) return first
    this.log(`failed: ${first.error}; once more`)
    const second = await this.executeTask(task, buildDevPrompt({ ...common, retryError: first.error ?? '' }))
    return {
      ...second,
      attempts: 2,
      durationMs: first.durationMs + second.durationMs,
      costUsd: first.costUsd + second.costUsd,
      tokenUsage: addTokens(first.tokenUsage, second.tokenUsage),
    }
  }

  private chooseTasks(): ParsedTask[] {
    const { tasks } = this.options
    if (tasks?.every((task) => typeof task !== 'string')) return [...tasks]
    const open = parseTodoMd(readFileSync(join(this.projectDir, 'TODO.md'), 'utf8'))
    return (tasks ?? open).map((wanted) => {
      if (typeof wanted !== 'string') return wanted
      const found = open.find(({ title }) => title.toLowerCase() === wanted.trim().toLowerCase())
      if (found) return found
      const known = open.map(({ title }) => title).join(', ') || 'none'
      throw new Error(`TODO.md has no open task ${JSON.stringify(wanted)}; there are: ${known}`)
    })
  }

  private refusal(signal: AbortSignal | undefined): string | null {
    if (signal?.aborted) return 'the session was cancelled'
    return this.leftUsd() > 0 ? null : `the session's budget of ${this.options.maxBudgetUsd} USD is used up`
  }

  private leftUsd(): number {
    return (this.options.maxBudgetUsd ?? Infinity) - this.spentUsd
  }

  private tick(task: ParsedTask): void {
    const before = this.read('TODO.md')
    const after = tickOff(before, task)
    if (after !== before) writeFileWhole(join(this.projectDir, 'TODO.md'), after)
  }

  private read(name: string): string {
    try {
      return readFileSync(join(this.projectDir, name), 'utf8')
    } catch (error) {
      if (isSystemError(error) && error.code === 'ENOENT') return ''
      throw error
    }
  }

  private log(message: string): void {
    const { verbose, onLog = (text) => sayOnStandardError('dev', text) } = this.options
    if (verbose) onLog(message)
  }
}

function skipped(task: ParsedTask, error: string): TaskReport {
  return {
    task,
    status: 'skipped',
    result: '',
    error,
    attempts: 0,
    durationMs: 0,
    costUsd: 0,
    tokenUsage: noTokens,
  }
}

function summarize(projectDir: string, tasks: TaskReport[], durationMs: number): DevSessionReport {
  const count = (status: TaskReport['status']) => tasks.filter((task) => task.status === status).length
  return {
    projectDir,
    tasks,
    completed: count('completed'),
    failed: count('failed'),
    skipped: count('skipped'),
    costUsd: tasks.reduce((sum, task) => sum + task.costUsd, 0),
    tokenUsage: tasks.reduce((sum, task) => addTokens(sum, task.tokenUsage), noTokens),
    durationMs,
  }
}
