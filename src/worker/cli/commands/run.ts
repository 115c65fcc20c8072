// rlm run: a question about files, answered on standard output.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { analyse } from '../../compose.ts'
import { errorTable } from '../../contract/errors.ts'
import type { Limits, Result } from '../../contract/result.ts'
import { findProgram } from '../../models/command-vector.ts'
import type { ModelChoice } from '../../models/create-model.ts'
import { listSources } from '../../runs/context-list.ts'
import { expandContexts } from '../context-paths.ts'
import { progressModes } from '../door-options.ts'
import { type FlagTable, parseFlags, readChoice, readNumber, readStringArray, usage } from '../flags.ts'
import { type Command, printError } from '../main.ts'
import { openProgress } from '../progress.ts'

const flags: FlagTable = {
  context: 'list',
  model: 'text',
  'sub-model': 'text',
  format: 'text',
  out: 'text',
  quiet: 'switch',
  progress: 'text',
  'max-steps': 'text',
  'max-depth': 'text',
  'max-subcalls': 'text',
  'max-tokens': 'text',
  'max-usd': 'text',
  timeout: 'text',
  concurrency: 'text',
  resume: 'switch',
}
const presetNames = ['claude', 'codex', 'opencode', 'gemini']

export const run: Command = async (argv, signal) => {
  const { values, lists, positionals } = parseFlags(argv, flags)
  const text = (name: string): string | undefined =>
    typeof values[name] === 'string' ? (values[name] as string) : undefined
  const [task, ...more] = positionals
  if (task === undefined || more.length > 0)
    throw usage('rlm run takes one question', 'Put it into quotes: rlm run "what fails?" --context logs/')
  const format = readChoice('--format', text('format') ?? 'text', ['text', 'json'])
  const outputDir = text('out') ?? newRunFolder()
  const limits = readLimits(text)
  const root = chooseModel(text('model') ?? process.env.RLM_MODEL)
  mkdirSync(outputDir, { recursive: true })
  const { sources, repeated } = listSources(
    expandContexts(lists.context ?? ['.'], join(outputDir, 'stdin.txt')),
    process.cwd(),
  )
  const mode = values.quiet ? 'none' : readChoice('--progress', text('progress') ?? 'auto', progressModes)
  if (!values.quiet)
    process.stderr.write(`rlm: ${sources.length} files, model ${root.argv.join(' ')}, run ${outputDir}\n`)
  const progress = openProgress(mode, process.stderr)
  const result = await analyse(
    {
      repo: process.cwd(),
      outputDir,
      sources,
      repeated,
      occasion: {
        loopId: 'rlm',
        role: 'user',
        iteration: 0,
        format: 'json',
        task,
        limits,
        requireCitations: false,
        metadata: null,
      },
      root,
      sub: text('sub-model') === undefined ? root : chooseModel(text('sub-model')),
      sandbox: 'auto',
      sandboxRequire: 'kernel',
      stepLimitMs: Math.min(60, limits.timeout_seconds / 4) * 1000,
      resume: values.resume === true,
    },
    progress.emit,
    signal,
  ).finally(() => progress.end())
  print(result, format)
  return status(result)
}

function print(result: Result, format: 'text' | 'json'): void {
  if (format === 'json') process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  else if (result.final !== null) process.stdout.write(`${showFinal(result.final)}\n`)
  if (result.error_code !== undefined) {
    printError('rlm', { code: result.error_code, message: result.error ?? '', fix: result.error_fix ?? '' })
  }
}

function showFinal(final: unknown): string {
  return typeof final === 'string' ? final : JSON.stringify(final, null, 2)
}

/** 3: a limit was hit, and the partial answer is printed. */
function status(result: Result): number {
  if (result.error_code === undefined) return 0
  return result.error_code === 'limit_exceeded' ? 3 : errorTable[result.error_code].exit
}

/** A preset, a JSON vector, a program, or nothing: the first agent program that is installed, else offline. */
function chooseModel(given: string | undefined): ModelChoice {
  const vector = (argv: readonly string[]): ModelChoice => ({ argv, promptMode: 'stdin', model: null })
  if (given === undefined || given === '') {
    const found = presetNames.find((name) => findProgram(name, '/', process.env.PATH))
    if (found === undefined)
      process.stderr.write(
        'rlm: no model is configured and no agent program was found: answering offline, by patterns and word counts\n',
      )
    return vector([`rlms:${found ?? 'offline'}`])
  }
  if (given.trimStart().startsWith('[')) return vector(readStringArray('--model', given))
  return vector([given === 'offline' || presetNames.includes(given) ? `rlms:${given}` : given])
}

function readLimits(text: (name: string) => string | undefined): Limits {
  const number = (name: string, fallback: string, min: number) =>
    readNumber(`--${name}`, text(name) ?? fallback, { min })
  const optional = (name: string, whole: boolean) => {
    const value = text(name)
    return value === undefined ? null : readNumber(`--${name}`, value, { min: whole ? 1 : 0, whole })
  }
  const maxSteps = number('max-steps', '20', 1)
  return {
    max_steps: maxSteps,
    max_depth: number('max-depth', '2', 0),
    timeout_seconds: readNumber('--timeout', text('timeout') ?? '600', { min: 0.1, whole: false }),
    max_subcalls: number('max-subcalls', '0', 0) || 2 * maxSteps,
    max_errors: 3,
    concurrency: number('concurrency', '8', 1),
    max_tokens: optional('max-tokens', true),
    max_usd: optional('max-usd', false),
  }
}

function newRunFolder(): string {
  const state = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state')
  const name = `${new Date().toISOString().replace(/[:.]/g, '-')}-${randomBytes(4).toString('hex')}`
  return join(state, 'rlm', 'runs', name)
}
