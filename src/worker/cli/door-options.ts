// The flags and environment of `scripts/rlms`. Names are fixed: existing hosts pass them.
import { readFileSync } from 'node:fs'
import { type AnalysisRequest, sandboxBackends, sandboxLayers } from '../compose.ts'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import type { Limits } from '../contract/result.ts'
import { promptModes } from '../models/command-vector.ts'
import type { ModelChoice } from '../models/create-model.ts'
import { readContextList } from '../runs/context-list.ts'
import {
  type FlagTable,
  parseFlags,
  peekFlag,
  readChoice,
  readNumber,
  readStringArray,
  usage,
} from './flags.ts'

const flagTable: FlagTable = Object.fromEntries(
  [
    'repo',
    'loop-id',
    'role',
    'iteration',
    'context-file-list',
    'output-dir',
    'max-steps',
    'max-depth',
    'timeout-seconds',
    'max-subcalls',
    'root-command-json',
    'root-args-json',
    'root-prompt-mode',
    'root-model',
    'subcall-command-json',
    'subcall-args-json',
    'subcall-prompt-mode',
    'subcall-model',
    'require-citations',
    'format',
    'metadata-file',
    'task',
    'sandbox',
    'sandbox-require',
    'concurrency',
    'max-errors',
    'max-tokens',
    'max-usd',
    'step-timeout-seconds',
    'progress',
  ].map((name) => [name, 'text'] as const),
)
const switches: FlagTable = { resume: 'switch', help: 'switch', version: 'switch' }
const doorFlags: FlagTable = { ...flagTable, ...switches }

export const progressModes = ['auto', 'plain', 'json', 'none'] as const
export type ProgressMode = (typeof progressModes)[number]

export interface DoorOptions {
  readonly request: AnalysisRequest
  readonly progress: ProgressMode
}

/** Reads everything that a run needs. Throws `invalid_config` or `missing_root_command`. */
export function readDoorOptions(argv: readonly string[], env: NodeJS.ProcessEnv): DoorOptions {
  const { values, positionals } = parseFlags(argv, doorFlags)
  if (positionals.length > 0) throw usage(`${JSON.stringify(positionals[0])} is not a flag`)
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const given = (name: string): string => {
    const value = text(name)
    if (value === undefined || value === '') throw usage(`--${name} is missing`, `Give --${name}.`)
    return value
  }
  const choice = <T extends string>(name: string, choices: readonly T[], fallback: T): T =>
    readChoice(`--${name}`, text(name) ?? fallback, choices)
  const repo = given('repo')
  const role = given('role')
  const loopId = given('loop-id')
  const iteration = readNumber('--iteration', given('iteration'), { min: 0 })
  const outputDir = given('output-dir')
  const limits = readLimits(given, text, env)
  const { sources, repeated } = readContextList(given('context-file-list'), repo)
  const { root, sub } = readModels(text, env)
  return {
    progress: choice('progress', progressModes, 'auto'),
    request: {
      repo,
      outputDir,
      sources,
      repeated,
      occasion: {
        loopId,
        role,
        iteration,
        limits,
        format: choice('format', ['json'], 'json'),
        task: text('task')?.trim() || defaultTask(role, loopId),
        requireCitations: choice('require-citations', ['true', 'false'], 'true') === 'true',
        metadata: readMetadata(text('metadata-file')),
      },
      root,
      sub,
      sandbox: choice('sandbox', sandboxBackends, 'auto'),
      sandboxRequire: readChoice(
        '--sandbox-require',
        text('sandbox-require') ?? env.SUPERLOOP_RLMS_SANDBOX_REQUIRE ?? 'kernel',
        sandboxLayers,
      ),
      stepLimitMs: readStepLimit(text('step-timeout-seconds'), limits.timeout_seconds),
      resume: values.resume === true,
    },
  }
}

/** Where to leave a result although the other flags could not be read. */
export function peekOccasion(argv: readonly string[]) {
  const iteration = Number(peekFlag(argv, 'iteration'))
  return {
    outputDir: peekFlag(argv, 'output-dir'),
    loopId: peekFlag(argv, 'loop-id') ?? '',
    role: peekFlag(argv, 'role') ?? '',
    iteration: Number.isInteger(iteration) && iteration > 0 ? iteration : 0,
    task: peekFlag(argv, 'task') ?? '',
  }
}

type Text = (name: string) => string | undefined

function readLimits(given: (name: string) => string, text: Text, env: NodeJS.ProcessEnv): Limits {
  const maxSteps = readNumber('--max-steps', given('max-steps'), { min: 1 })
  const maxSubcalls = readNumber(
    '--max-subcalls',
    text('max-subcalls') ?? (env.SUPERLOOP_RLMS_MAX_SUBCALLS || '0'),
    { min: 0 },
  )
  const optional = (name: string, whole: boolean): number | null => {
    const value = text(name)
    return value === undefined || value === ''
      ? null
      : readNumber(`--${name}`, value, { min: whole ? 1 : 0, whole })
  }
  return {
    max_steps: maxSteps,
    max_depth: readNumber('--max-depth', given('max-depth'), { min: 0, max: 100 }),
    timeout_seconds: readNumber('--timeout-seconds', given('timeout-seconds'), {
      min: 0.1,
      max: 2_000_000,
      whole: false,
    }),
    max_subcalls: maxSubcalls === 0 ? 2 * maxSteps : maxSubcalls,
    max_errors: readNumber('--max-errors', text('max-errors') ?? '3', { min: 1 }),
    concurrency: readNumber('--concurrency', text('concurrency') ?? '8', { min: 1, max: 1000 }),
    max_tokens: optional('max-tokens', true),
    max_usd: optional('max-usd', false),
  }
}

// A quarter of the run's time, so that a step that overruns leaves time for better ones.
function readStepLimit(text: string | undefined, timeoutSeconds: number): number {
  if (text === undefined) return Math.min(60, timeoutSeconds / 4) * 1000
  return readNumber('--step-timeout-seconds', text, { min: 0.01, max: 86_400, whole: false }) * 1000
}

function readModels(text: Text, env: NodeJS.ProcessEnv): { root: ModelChoice; sub: ModelChoice } {
  const root = readModel('root', text, env, undefined)
  if (root.argv.length === 0) throw new RlmsError('missing_root_command', 'no root command is given')
  return { root, sub: readModel('subcall', text, env, root) }
}

interface Vector extends ModelChoice {
  readonly command: readonly string[]
  readonly args: readonly string[]
}

// What a sub-call's vector does not say it takes from the root's; a command of its own without arguments has none.
function readModel(
  who: 'root' | 'subcall',
  text: Text,
  env: NodeJS.ProcessEnv,
  fallback: Vector | undefined,
): Vector {
  const setting = (flag: string, variable: string): string | undefined =>
    text(`${who}-${flag}`) || env[`SUPERLOOP_RLMS_${who.toUpperCase()}_${variable}`] || undefined
  const array = (flag: string, variable: string): string[] | undefined => {
    const flagged = text(`${who}-${flag}`)
    const fromFlag = flagged ? readStringArray(`--${who}-${flag}`, flagged) : undefined
    if (fromFlag !== undefined && fromFlag.length > 0) return fromFlag
    const named = env[`SUPERLOOP_RLMS_${who.toUpperCase()}_${variable}`]
    return named ? readStringArray(`SUPERLOOP_RLMS_${who.toUpperCase()}_${variable}`, named) : fromFlag
  }
  const given = array('command-json', 'COMMAND_JSON') ?? []
  const command = given.length > 0 ? given : (fallback?.command ?? [])
  const args = array('args-json', 'ARGS_JSON') ?? fallback?.args ?? []
  const mode = setting('prompt-mode', 'PROMPT_MODE')
  return {
    command,
    args,
    argv: command.length === 0 ? [] : [...command, ...args],
    promptMode:
      mode === undefined
        ? (fallback?.promptMode ?? 'stdin')
        : readChoice(`--${who}-prompt-mode`, mode, promptModes),
    model: setting('model', 'MODEL') ?? fallback?.model ?? null,
  }
}

function readMetadata(file: string | undefined): unknown {
  if (file === undefined || file === '') return null
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return null
    throw usage(
      `the metadata file cannot be used: ${file}: ${(error as Error).message}`,
      'Give --metadata-file a JSON file, or leave it out.',
    )
  }
}

function defaultTask(role: string, loopId: string): string {
  return `Help the ${role} of the agent loop "${loopId}" with its work now. Read the spec and the other documents, say what matters most for the ${role}: what is asked, what is there, what is missing, broken or risky. Cite the lines that prove each finding.`
}
