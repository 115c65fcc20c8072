// Which model a command vector means: a built-in one by its name, any other program by its command line. Parts are
// loaded when they are asked for. Adding a built-in model: a file and a row.
import { RlmsError } from '../contract/errors.ts'
import { type Model, ModelFailure, type Usage } from '../rlm/ports.ts'
import type { CommandVector, PromptMode } from './command-vector.ts'
import type { PriceTable } from './profiles.ts'

export interface ModelChoice {
  /** Command and arguments, e.g. `["claude", "-p"]` or `["rlms:offline"]`. */
  readonly argv: readonly string[]
  readonly promptMode: PromptMode
  readonly model: string | null
}

export interface ModelSurroundings {
  readonly repo: string
  readonly callsDir: string
  /** What the user says that models cost. */
  readonly prices?: PriceTable
}

type Create = (
  rest: readonly string[],
  choice: ModelChoice,
  surroundings: ModelSurroundings,
) => Promise<Model>

const preset =
  (name: 'claude' | 'codex' | 'opencode' | 'gemini'): Create =>
  async (rest, { model }, surroundings) => {
    const { presets } = await import('./presets.ts')
    return createProgram(name, presets[name](rest, model), surroundings)
  }

/** Behind URL and model may stand --key-env NAME, --key-file FILE and --max-output-tokens N. */
const http =
  (dialect: 'chat' | 'messages', example: string): Create =>
  async ([baseUrl, name, ...options], { model }, { prices }) => {
    const modelName = name ?? model
    const kind = dialect === 'chat' ? 'rlms:http' : 'rlms:anthropic'
    if (baseUrl === undefined || !isWebAddress(baseUrl) || !modelName)
      throw new RlmsError('invalid_config', `${kind} needs a base URL and a model: ${example}`)
    const { createHttpModel, dialects } = await import('./http-model.ts')
    const { profileOf, vendorOf } = await import('./profiles.ts')
    const { keyVariable, keyFile, maxOutputTokens } = readHttpOptions(kind, options)
    const profile = profileOf(modelName, vendorOf(new URL(baseUrl).host), prices)
    return notEmpty(
      await retryable(
        createHttpModel(baseUrl, modelName, {
          dialect: dialects[dialect],
          keyVariable,
          keyFile,
          profile: { ...profile, ...(maxOutputTokens ? { maxOutputTokens } : {}) },
        }),
      ),
    )
  }

function readHttpOptions(kind: string, options: readonly string[]) {
  const given: Record<string, string | undefined> = {}
  for (let at = 0; at < options.length; at += 2) {
    const [flag = '', value] = [options[at], options[at + 1]]
    if (!['--key-env', '--key-file', '--max-output-tokens'].includes(flag) || !value)
      throw new RlmsError(
        'invalid_config',
        `${kind} knows no ${JSON.stringify(options[at])}; behind URL and model may stand --key-env NAME, --key-file FILE, --max-output-tokens N`,
      )
    given[flag] = value
  }
  return {
    keyVariable: given['--key-env'],
    keyFile: given['--key-file'],
    maxOutputTokens: Number(given['--max-output-tokens'] ?? 0),
  }
}

const builtIn: Record<string, Create> = {
  'rlms:offline': async () => (await import('./offline/offline-model.ts')).createOfflineModel(),
  'rlms:scripted': async ([file]) => {
    if (file === undefined)
      throw new RlmsError(
        'invalid_config',
        'rlms:scripted needs the file with its replies: ["rlms:scripted", FILE]',
      )
    return notEmpty(await retryable((await import('./scripted.ts')).createScriptedModel(file)))
  },
  'rlms:http': http('chat', '["rlms:http", "http://127.0.0.1:11434/v1", "qwen3"]'),
  'rlms:anthropic': http('messages', '["rlms:anthropic", "https://api.anthropic.com", "claude-haiku-4-5"]'),
  'rlms:claude': preset('claude'),
  'rlms:codex': preset('codex'),
  'rlms:opencode': preset('opencode'),
  'rlms:gemini': preset('gemini'),
}

function isWebAddress(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text)
    decodeURIComponent(username + password)
    return protocol === 'http:' || protocol === 'https:'
  } catch {
    return false
  }
}

/** The model of a vector. Rejects with `invalid_config` for a built-in name that does not exist. */
export async function createModel(choice: ModelChoice, surroundings: ModelSurroundings): Promise<Model> {
  const [program, ...rest] = choice.argv
  if (program === undefined) throw new RlmsError('invalid_config', 'a model command is empty')
  const create = Object.hasOwn(builtIn, program) ? builtIn[program] : undefined
  if (create) return create(rest, choice, surroundings)
  if (program.startsWith('rlms:')) {
    throw new RlmsError(
      'invalid_config',
      `there is no built-in model ${JSON.stringify(program)}; there are ${Object.keys(builtIn).join(', ')}`,
    )
  }
  const vector: CommandVector = {
    argv: [program, ...rest],
    promptMode: choice.promptMode,
    model: choice.model,
    env: {},
  }
  return createProgram(program.split('/').at(-1) ?? program, vector, surroundings)
}

async function createProgram(
  name: string,
  vector: CommandVector,
  { repo, callsDir, prices }: ModelSurroundings,
): Promise<Model> {
  const { createCommandModel } = await import('./command-model.ts')
  const program = createCommandModel({ name, vector, repo, callsDir })
  return notEmpty(await retryable(await withProfile(program, modelNamed(vector), prices)))
}

function modelNamed({ argv, model }: CommandVector): string | null {
  const at = argv.findIndex((word) => word === '--model' || word === '-m')
  return model ?? (at < 0 ? null : (argv[at + 1] ?? null))
}

/** Programs that tell their tokens but no price: what the user has set counts. */
async function withProfile(model: Model, name: string | null, prices?: PriceTable): Promise<Model> {
  if (name === null) return model
  const { costOf, profileOf } = await import('./profiles.ts')
  const profile = profileOf(name, null, prices)
  const priced = (usage: Usage): Usage => ({
    ...usage,
    costUsd: usage.costUsd ?? costOf(profile.price, usage),
  })
  return {
    ...model,
    profile,
    async complete(request) {
      const reply = await model.complete(request)
      return { ...reply, usage: priced(reply.usage) }
    },
  }
}

async function retryable(model: Model): Promise<Model> {
  return (await import('./retrying.ts')).retrying(model)
}

// An empty answer is a failure for code that asked; the root loop tells its model instead, so it gets the reply.
function notEmpty(model: Model): Model {
  return {
    ...model,
    async complete(request) {
      const reply = await model.complete(request)
      if (request.purpose === 'sub' && reply.text.trim() === '') {
        throw new ModelFailure(`${model.name} gave an empty answer`, { usage: reply.usage })
      }
      return reply
    },
  }
}
