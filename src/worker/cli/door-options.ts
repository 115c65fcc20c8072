// The flags and environment of `scripts/rlms`. Names are fixed: existing hosts pass them.
import { readFileSync, statSync } from 'node:fs'
import { type AnalysisRequest, sandboxBackends, sandboxLayers } from '../compose.ts'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import type { Limits } from '../contract/result.ts'
import { promptModes } from '../models/command-vector.ts'
import type { ModelChoice } from '../models/create-model.ts'
import { readContextList } from '../runs/context-list.ts'
import {
  type FlagTable,
  hasSwitch,
  parseFlags,
  peekFlag,
  readChoice,
  readNumber,
  readStringArray,
  usage,
} from './flags.ts'

const required = [
  'repo',
  'loop-id',
  'role',
  'iteration',
  'context-file-list',
  'output-dir',
  'max-steps',
  'max-depth',
  'timeout-seconds',
]
const optional = [
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
]
const flagTable: FlagTable = Object.fromEntries([...required, ...optional].map((name) => [name, 'text']))
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
  requireAll(text)
  const given = (name: string): string => text(name) ?? ''
  const choice = <T extends string>(name: string, choices: readonly T[], fallback: T): T =>
    readChoice(`--${name}`, text(name) ?? fallback, choices)
  const settingOf = readSettings(text, env)
  const layer = settingOf('sandbox-require')
  const repo = readFolder('--repo', given('repo'))
  const role = given('role')
  const loopId = given('loop-id')
  const iteration = readNumber('--iteration', given('iteration'), { min: 0 })
  const outputDir = given('output-dir')
  const limits = readLimits(given, text, settingOf('max-subcalls'))
  const { sources, repeated } = readContextList(given('context-file-list'), repo)
  const { root, sub } = readModels(settingOf)
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
      sandboxRequire: layer ? readChoice(layer.name, layer.value, sandboxLayers) : 'kernel',
      stepLimitMs: readStepLimit(text('step-timeout-seconds'), limits.timeout_seconds),
      resume: values.resume === true,
    },
  }
}

/** Where to leave a result although the other flags could not be read. */
export function peekOccasion(argv: readonly string[]) {
  const peek = (name: string) => peekFlag(argv, doorFlags, name)
  const iteration = Number(peek('iteration'))
  return {
    outputDir: peek('output-dir'),
    loopId: peek('loop-id') ?? '',
    role: peek('role') ?? '',
    iteration: Number.isInteger(iteration) && iteration > 0 ? iteration : 0,
    task: peek('task') ?? '',
  }
}

export function asksFor(argv: readonly string[], ...switchFlags: readonly string[]): boolean {
  return hasSwitch(argv, doorFlags, switchFlags)
}

type Text = (name: string) => string | undefined

/** A value with the name by which the user gave it: that of the flag or that of the variable. */
interface Setting {
  readonly name: string
  readonly value: string
}
type Settings = (flag: string) => Setting | undefined

// --root-model goes before SUPERLOOP_RLMS_ROOT_MODEL; an empty value and an empty array count as not given.
function readSettings(text: Text, env: NodeJS.ProcessEnv): Settings {
  return (flag) => {
    const variable = `SUPERLOOP_RLMS_${flag.toUpperCase().replaceAll('-', '_')}`
    const candidates: [string, string | undefined][] = [
      [`--${flag}`, text(flag)],
      [variable, env[variable]],
    ]
    for (const [name, value] of candidates) {
      const isGiven = value && !(flag.endsWith('-json') && readStringArray(name, value).length === 0)
      if (isGiven) return { name, value }
    }
    return undefined
  }
}

function requireAll(text: Text): void {
  const missing = required.filter((name) => !text(name)).map((name) => `--${name}`)
  if (missing.length === 0) return
  const named = missing.join(', ').replace(/, ([^,]*)$/, ' and $1')
  throw usage(`${named} ${missing.length === 1 ? 'is' : 'are'} missing`, `Give ${named}.`)
}

function readFolder(name: string, path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw usage(`${name} is no folder: ${path}`, `Give ${name} a folder.`)
}

function readLimits(given: (name: string) => string, text: Text, subcalls: Setting | undefined): Limits {
  const maxSteps = readNumber('--max-steps', given('max-steps'), { min: 1 })
  const maxSubcalls = subcalls ? readNumber(subcalls.name, subcalls.value, { min: 0 }) : 0
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

function readModels(settingOf: Settings): { root: ModelChoice; sub: ModelChoice } {
  const root = readModel('root', settingOf, undefined)
  if (root.argv.length === 0) throw new RlmsError('missing_root_command', 'no root command is given')
  return { root, sub: readModel('subcall', settingOf, root) }
}

interface Vector extends ModelChoice {
  readonly command: readonly string[]
  readonly args: readonly string[]
}

// What a sub-call's vector does not say it takes from the root's, part by part.
function readModel(who: 'root' | 'subcall', settingOf: Settings, fallback: Vector | undefined): Vector {
  const array = (flag: string): string[] | undefined => {
    const setting = settingOf(`${who}-${flag}`)
    return setting && readStringArray(setting.name, setting.value)
  }
  const command = array('command-json') ?? fallback?.command ?? []
  const args = array('args-json') ?? fallback?.args ?? []
  const mode = settingOf(`${who}-prompt-mode`)
  return {
    command,
    args,
    argv: command.length === 0 ? [] : [...command, ...args],
    promptMode: mode ? readChoice(mode.name, mode.value, promptModes) : (fallback?.promptMode ?? 'stdin'),
    model: settingOf(`${who}-model`)?.value ?? fallback?.model ?? null,
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
