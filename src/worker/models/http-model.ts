// A model behind an HTTP API: one question a request, its answer read as it streams. The key comes from the environment
// or a file and appears in no message.
import { readFileSync } from 'node:fs'
import { RlmsError } from '../contract/errors.ts'
import { type Fields, isFields } from '../lib/fields.ts'
import { cutText } from '../lib/whole-text.ts'
import { charsPerToken } from '../rlm/budget.ts'
import { type Model, ModelFailure, type ModelProfile, type Usage } from '../rlm/ports.ts'
import { chat } from './http/chat.ts'
import type { Dialect, Told } from './http/dialect.ts'
import { messages } from './http/messages.ts'
import { AnswerTooLarge, type HttpAnswer, post, readEvents } from './http/post.ts'
import { tellLate } from './late.ts'
import { costOf, profileOf, vendorOf } from './profiles.ts'
import { findRetryAfterMs, maxReplyMiB, mayPass } from './replies/reply.ts'

export const dialects = { chat, messages }

export interface HttpModelOptions {
  readonly dialect?: Dialect
  readonly profile?: ModelProfile
  /** The variable that holds the key, in place of the usual ones. */
  readonly keyVariable?: string | undefined
  /** The file that holds the key. */
  readonly keyFile?: string | undefined
}

export function createHttpModel(baseUrl: string, model: string, options: HttpModelOptions = {}): Model {
  const { dialect = chat } = options
  const url = new URL(baseUrl)
  url.pathname = joinPath(url.pathname, dialect.path)
  const name = `${model} at ${url.host}`
  const profile = options.profile ?? profileOf(model, vendorOf(url.host))
  return {
    name,
    profile,
    async complete({ prompt, signal }) {
      const key = readKey(dialect, options)
      const question = JSON.stringify(dialect.question(model, prompt, profile.maxOutputTokens))
      const told = newTold()
      const usage = (): Usage => countUsage(told, prompt, profile)
      const fail: Fail = (message, details) =>
        new ModelFailure(`${name} ${withoutSecrets(message, url, key)}`, details)
      try {
        const answer = await post(url, dialect.headers(key), question, signal)
        if (answer.isStream && answer.status === 200) await readStream(answer, dialect, told, fail)
        else await readWhole(answer, dialect, told, fail)
      } catch (error) {
        // A stream that broke was paid for as far as it came.
        throw explain(error, signal, told.text === '' ? null : usage(), fail)
      }
      if (told.stop !== null && dialect.cutShort.includes(told.stop))
        throw new ModelFailure(`${name}: the answer was cut short: ${told.stop}`, { usage: usage() })
      return { text: told.text, usage: usage() }
    },
  }
}

type Fail = (message: string, details?: ConstructorParameters<typeof ModelFailure>[1]) => ModelFailure

function newTold(): Told {
  return {
    text: '',
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    costUsd: null,
    stop: null,
    error: null,
  }
}

async function readStream(answer: HttpAnswer, dialect: Dialect, told: Told, fail: Fail): Promise<void> {
  let over = false
  for await (const data of readEvents(answer.texts)) {
    if (data === '[DONE]') over = true
    const event = parse(data)
    if (event) dialect.take(told, event)
    if (told.error) throw tellError(answer, told.error, fail)
  }
  if (told.stop === null && !over)
    throw fail('cannot be reached: the answer was cut in the middle', { retryable: true })
}

async function readWhole(answer: HttpAnswer, dialect: Dialect, told: Told, fail: Fail): Promise<void> {
  let text = ''
  for await (const piece of answer.texts) text += piece
  const body = parse(text)
  if (body) dialect.take(told, body)
  if (answer.status < 200 || answer.status > 299 || told.error)
    throw tellError(answer, told.error ?? { message: '', status: undefined }, fail)
  if (!body) throw fail('answered with something that is no JSON object')
}

function tellError(answer: HttpAnswer, error: NonNullable<Told['error']>, fail: Fail): ModelFailure {
  const { status, retryAfterMs } = answer
  const ok = status >= 200 && status <= 299
  return fail(`answered with an error: HTTP ${status} ${cutText(error.message, 500)}`.trim(), {
    retryable: mayPass(ok ? error.status : status, error.message),
    retryAfterMs: retryAfterMs ?? findRetryAfterMs(error.message),
  })
}

function explain(error: unknown, signal: AbortSignal, usage: Usage | null, fail: Fail): unknown {
  if (signal.aborted) return tellLate(signal.reason, fail('had not answered').message)
  if (error instanceof ModelFailure)
    return usage ? new ModelFailure(error.message, { ...error, usage }) : error
  if (error instanceof AnswerTooLarge) return fail(`answered with more than ${maxReplyMiB} MiB`, { usage })
  const { message, code } = error as NodeJS.ErrnoException
  return fail(`cannot be reached: ${message || code}`, {
    usage,
    retryable: !/^ERR_/.test(code ?? 'ERR_'),
  })
}

function countUsage(told: Told, prompt: string, { price }: ModelProfile): Usage {
  const inputTokens = told.inputTokens || Math.ceil(prompt.length / charsPerToken)
  const outputTokens = told.outputTokens || Math.ceil(told.text.length / charsPerToken)
  const costUsd = told.costUsd ?? costOf(price, { inputTokens, outputTokens }, told.cachedTokens)
  return { inputTokens, outputTokens, costUsd }
}

function joinPath(base: string, path: string): string {
  const bare = base.replace(/\/+$/, '')
  // a base URL may name the version that the path begins with
  return bare.endsWith('/v1') && path.startsWith('/v1/') ? bare + path.slice('/v1'.length) : bare + path
}

function readKey(dialect: Dialect, { keyVariable, keyFile }: HttpModelOptions): string | undefined {
  const { env } = process
  if (keyVariable !== undefined) {
    if (env[keyVariable]) return env[keyVariable]
    throw new RlmsError('invalid_config', `${keyVariable}, which should hold the key, is not set`, 'Set it.')
  }
  const file = keyFile ?? (env.RLMS_HTTP_API_KEY_FILE || undefined)
  if (file === undefined)
    return dialect.keyVariables.map((name) => env[name]).find((key) => key !== undefined)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new RlmsError(
      'invalid_config',
      `the file with the key cannot be read: ${(error as Error).message}`,
      'Correct its path or permissions.',
    )
  }
}

/** Servers and system errors may tell back what they were given. */
function withoutSecrets(message: string, { password }: URL, key = ''): string {
  const secrets = [key, password, decodeURIComponent(password)].filter((secret) => secret !== '')
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), message)
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}
