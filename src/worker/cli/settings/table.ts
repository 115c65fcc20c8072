// Every setting of `rlm run`: its flag (--max-usd), its variable (RLM_MAX_USD) and its key in a configuration file
// (max_usd) are all made from one row.
import { sandboxBackends, sandboxLayers } from '../../compose.ts'
import type { FlagSpec } from '../command-spec.ts'
import { progressModes } from '../door-options.ts'
import { choice, model, number, numberOr, optionalNumber, type Read, yesNo } from './read-value.ts'

interface Setting<T> {
  readonly read: Read<T>
  readonly fallback: T
  readonly help: string
  /** What stands for its value in help; absent: a switch. */
  readonly value?: string
  readonly choices?: readonly string[]
}

export const outputFormats = ['text', 'json', 'yaml'] as const
export type OutputFormat = (typeof outputFormats)[number]

const setting = <T>(row: Setting<T>): Setting<T> => row
const oneOf = <T extends string>(choices: readonly T[], fallback: T, help: string): Setting<T> =>
  setting({
    read: choice(choices),
    fallback,
    value: 'WORD',
    choices,
    help: `${help}: ${choices.join(', ')} (default ${fallback})`,
  })

export const settingTable = {
  model: setting<string | null>({
    read: model,
    fallback: null,
    value: 'MODEL',
    help: 'claude, codex, opencode or gemini, with :NAME for one of its models; anthropic:NAME, openai:NAME, ollama:NAME or URL#NAME over HTTP; offline; a program; a JSON vector; a name of the configuration (default: the first agent program found, else offline)',
  }),
  sub_model: setting<string | null>({
    read: model,
    fallback: null,
    value: 'MODEL',
    help: 'for sub-calls (default: the same)',
  }),
  format: oneOf(outputFormats, 'text', 'of the answer'),
  progress: oneOf(progressModes, 'auto', 'what standard error shows of the run'),
  quiet: setting({ read: yesNo, fallback: false, help: 'standard error tells errors only' }),
  verbose: setting({ read: yesNo, fallback: false, help: 'show code and outputs as they come' }),
  max_usd: setting({
    read: optionalNumber({ min: 0, whole: false }),
    fallback: null,
    value: 'USD',
    help: 'what all calls together may cost',
  }),
  max_tokens: setting({
    read: optionalNumber({ min: 1 }),
    fallback: null,
    value: 'N',
    help: 'what all calls together may use',
  }),
  max_steps: setting({
    read: number({ min: 1 }),
    fallback: 20,
    value: 'N',
    help: 'turns of the loop, child runs included (default 20)',
  }),
  max_depth: setting<number | 'auto'>({
    read: numberOr('auto', { min: 0, max: 100 }),
    fallback: 'auto',
    value: 'N|auto',
    help: 'levels of models that code may use; auto answers a small context by one direct call, and starts child runs only for large ones (default auto)',
  }),
  max_subcalls: setting({
    read: number({ min: 0 }),
    fallback: 0,
    value: 'N',
    help: 'sub-calls; 0, the default: twice --max-steps',
  }),
  max_errors: setting({
    read: number({ min: 1 }),
    fallback: 3,
    value: 'N',
    help: 'failed steps in a row before giving up (default 3)',
  }),
  timeout: setting({
    read: number({ min: 0.1, max: 2_000_000, whole: false }),
    fallback: 600,
    value: 'SECONDS',
    help: 'of the whole run; a resumed one gets it anew (default 600)',
  }),
  concurrency: setting({
    read: number({ min: 1, max: 1000 }),
    fallback: 8,
    value: 'N',
    help: 'calls in flight; fewer while a model refuses for its rate (default 8)',
  }),
  sandbox: oneOf(sandboxBackends, 'auto', 'what runs model-written code'),
  sandbox_require: oneOf(sandboxLayers, 'kernel', 'the layer without which nothing is run'),
}

export type SettingKey = keyof typeof settingTable
export type Settings = { readonly [Key in SettingKey]: ReturnType<(typeof settingTable)[Key]['read']> }
export const settingKeys = Object.keys(settingTable) as SettingKey[]

export const flagOf = (key: string): string => key.replaceAll('_', '-')
export const variableOf = (key: string): string => `RLM_${key.toUpperCase()}`

export const settingFlags: readonly FlagSpec[] = settingKeys.map((key) => {
  const { help, value, choices } = settingTable[key] as Setting<unknown>
  return {
    name: flagOf(key),
    help,
    ...(value === undefined ? {} : { value }),
    ...(choices === undefined ? {} : { choices }),
  }
})

/** The settings of that name as flags of a command; those whose words differ there are given them. */
export function flagsOf(helps: Readonly<Record<string, Partial<FlagSpec>>>): FlagSpec[] {
  return settingFlags
    .filter(({ name }) => Object.hasOwn(helps, name))
    .map((flag) => ({ ...flag, ...helps[flag.name] }))
}
