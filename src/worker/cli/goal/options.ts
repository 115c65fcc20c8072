// The options of `rlm goal`: a flag, else its variable, else what holds by itself. Each is kept as it was given.
import { agentNames, chooseMode, findAgent } from '../../goal/agents/create-agent.ts'
import { GoalError } from '../../goal/errors.ts'
import { type Goal, type GoalLimits, modes, rolePlans } from '../../goal/goal.ts'
import type { GivenOptions } from '../../goal/open-run.ts'
import { flagTableOf } from '../command-spec.ts'
import { type ParsedFlags, readChoice, readNumber, readStringArray } from '../flags.ts'
import { goalSpec } from './spec.ts'

/** What each option is called, its variable, and its default; null: none. */
const options = {
  task: ['MCP_RUNNER_TASK_ID', null],
  validator: ['RLM_VALIDATOR', 'auto'],
  'max-iterations': ['RLM_MAX_ITERATIONS', '88'],
  'max-minutes': ['RLM_MAX_MINUTES', '2880'],
  roles: ['RLM_ROLES', 'single'],
  agent: ['RLM_AGENT_COMMAND_JSON', null],
  'max-usd': [null, null],
  'max-tokens': [null, null],
  'validator-timeout': [null, '1800'],
  'agent-timeout': [null, '3600'],
  mode: [null, 'auto'],
  'from-loop': [null, null],
} as const
type OptionName = keyof typeof options

export const goalFlags = flagTableOf(goalSpec)

/** Everything but what has to be found out in the repository. */
export interface GoalOptions {
  readonly given: GivenOptions
  readonly task: string | null
  /** `auto`: to be found; null: none. */
  readonly validator: string | null
  readonly fromLoop: string | null
  readonly limits: GoalLimits
  readonly roles: Goal['roles']
  readonly mode: Goal['mode']
  readonly agent: Goal['agent']
  /** Whether it was found, since nobody named one. */
  readonly agentFound: boolean
  readonly contexts: readonly string[]
  readonly protect: boolean
}

const unbounded = ['0', 'unlimited', 'unbounded', 'infinite', 'infinity']

/** Throws `invalid_config`, or a GoalError, for a value that can't be used; it names the flag or variable it came by. */
export function readGoalOptions(
  { values, lists }: ParsedFlags,
  env: NodeJS.ProcessEnv,
  root: string,
): GoalOptions {
  const found = new Map(
    (Object.keys(options) as OptionName[]).map(
      (name) => [name, findOption(name, values[name], env)] as const,
    ),
  )
  const option = (name: OptionName): Option => found.get(name) ?? { ...absent, name: `--${name}` }
  const contexts = lists.context ?? []
  const agentOption = option('agent')
  const agent = agentOption.text === null ? findAgent(root) : readAgent(agentOption.name, agentOption.text)
  const mode = readOne(option('mode'), modes)
  return {
    given: keepGiven(found, contexts, values),
    task: readTask(option('task')),
    validator: readValidator(option('validator')),
    fromLoop: option('from-loop').text,
    limits: {
      iterations: readIterations(option('max-iterations')),
      minutes: readAmount(option('max-minutes'), { min: 0, whole: false }) || null,
      usd: readAmount(option('max-usd'), { min: 0.000001, whole: false }),
      tokens: readAmount(option('max-tokens'), { min: 1 }),
      validatorSeconds: readAmount(option('validator-timeout'), { min: 0.1, whole: false }) ?? 0,
      agentSeconds: readAmount(option('agent-timeout'), { min: 0.1, whole: false }) ?? 0,
    },
    roles: readOne(option('roles'), rolePlans),
    mode: mode === 'auto' ? chooseMode(agent, contexts) : mode,
    agent,
    agentFound: agentOption.text === null,
    contexts,
    protect: values.protect === true,
  }
}

interface Option {
  /** As the user knows it. */
  readonly name: string
  readonly text: string | null
  readonly from: 'flag' | 'environment' | 'default'
}

const absent: Option = { name: '', text: null, from: 'default' }

/** An empty variable counts as not given. */
function findOption(name: OptionName, flag: string | boolean | undefined, env: NodeJS.ProcessEnv): Option {
  const [variable, fallback] = options[name]
  if (typeof flag === 'string') return { name: `--${name}`, text: flag, from: 'flag' }
  const set = variable === null ? undefined : env[variable]
  if (variable !== null && set) return { name: variable, text: set, from: 'environment' }
  return { name: `--${name}`, text: fallback, from: 'default' }
}

function keepGiven(
  found: ReadonlyMap<OptionName, Option>,
  contexts: readonly string[],
  { protect, json }: ParsedFlags['values'],
): GivenOptions {
  const texts = [...found].flatMap(([name, { text, from }]) =>
    text === null ? [] : [[name, { value: text, from }] as const],
  )
  const own = (value: boolean) => ({ value, from: value ? ('flag' as const) : ('default' as const) })
  return {
    ...Object.fromEntries(texts),
    ...(contexts.length > 0 ? { context: { value: contexts, from: 'flag' as const } } : {}),
    protect: own(protect === true),
    json: own(json === true),
  }
}

function readTask({ name, text }: Option): string | null {
  if (text === null || /^(?!\.)[A-Za-z0-9._-]{1,128}$/.test(text)) return text
  throw new GoalError(
    'goal_config',
    `${name} must be a name of letters, digits, dots, dashes and underscores, at most 128, not ${JSON.stringify(text)}`,
    `Correct ${name}.`,
  )
}

function readValidator({ name, text }: Option): string | null {
  if (text !== null && text.trim() !== '' && !text.includes('\0'))
    return text.trim() === 'none' ? null : text.trim()
  throw new GoalError('goal_config', `${name} is blank`, 'Give it a command, none, or auto.')
}

function readIterations({ name, text }: Option): number | null {
  if (text === null || unbounded.includes(text)) return null
  return readNumber(name, text, { min: 1 })
}

function readAmount({ name, text }: Option, range: { min: number; whole?: boolean }): number | null {
  return text === null ? null : readNumber(name, text, range)
}

function readOne<T extends string>({ name, text }: Option, choices: readonly T[]): T {
  return readChoice(name, text ?? '', choices)
}

/** A preset, or a JSON vector. */
function readAgent(name: string, text: string): Goal['agent'] {
  const preset = agentNames.find((entry) => entry === text.trim())
  if (preset !== undefined) return [`rlms:${preset}`]
  if (!text.trimStart().startsWith('['))
    throw new GoalError(
      'goal_config',
      `${name} must be one of ${agentNames.join(', ')} or a JSON array of strings, not ${JSON.stringify(text.slice(0, 200))}`,
      `Correct ${name}; a program is given like '["my-agent","--yes"]'.`,
    )
  const [program, ...rest] = readStringArray(name, text)
  if (program === undefined || program === '')
    throw new GoalError('goal_config', `${name} names no program`, `Correct ${name}.`)
  if ([program, ...rest].some((word) => word.includes('\0')))
    throw new GoalError('goal_config', `${name} holds a NUL, which no argument can`, `Correct ${name}.`)
  if ([program, ...rest].some((word) => word.includes('{model}')))
    throw new GoalError(
      'goal_config',
      `${name} holds {model}, and a goal names none`,
      `Write the model into it.`,
    )
  return [program, ...rest]
}
