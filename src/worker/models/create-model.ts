// Which model a command vector means: a built-in one by its name, any other program by its command line. Parts are
// loaded when they are asked for. Adding a built-in model: a file and a row.
import { RlmsError } from '../contract/errors.ts'
import { type Model, ModelFailure } from '../rlm/ports.ts'
import type { CommandVector, PromptMode } from './command-vector.ts'

export interface ModelChoice {
  /** Command and arguments, e.g. `["claude", "-p"]` or `["rlms:offline"]`. */
  readonly argv: readonly string[]
  readonly promptMode: PromptMode
  readonly model: string | null
}

export interface ModelSurroundings {
  readonly repo: string
  readonly callsDir: string
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
  'rlms:http': async ([baseUrl, name], { model }) => {
    const modelName = name ?? model
    if (baseUrl === undefined || !isWebAddress(baseUrl) || !modelName) {
      throw new RlmsError(
        'invalid_config',
        'rlms:http needs a base URL and a model: ["rlms:http", "http://127.0.0.1:11434/v1", "qwen3"]',
      )
    }
    return notEmpty(await retryable((await import('./http-model.ts')).createHttpModel(baseUrl, modelName)))
  },
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
  { repo, callsDir }: ModelSurroundings,
): Promise<Model> {
  const { createCommandModel } = await import('./command-model.ts')
  return notEmpty(await retryable(createCommandModel({ name, vector, repo, callsDir })))
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
