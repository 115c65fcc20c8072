// A model behind an OpenAI-compatible chat API (OpenAI, OpenRouter, Ollama, vLLM, llama.cpp). The key comes from the
// environment and appears in no message. Not through fetch: that gives up after five minutes without a byte, which a
// large model on a small machine needs.
import { once } from 'node:events'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type Fields, fieldsOf, isFields, numberOf, textOf } from '../lib/fields.ts'
import { cutText } from '../lib/whole-text.ts'
import { charsPerToken } from '../rlm/budget.ts'
import { type Model, ModelFailure } from '../rlm/ports.ts'
import { findRetryAfterMs, maxReplyMiB, mayPass } from './replies/reply.ts'

export function createHttpModel(baseUrl: string, model: string): Model {
  const url = new URL(baseUrl)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`
  const name = `${model} at ${url.host}`
  return {
    name,
    async complete({ prompt, signal }) {
      const key = process.env.RLMS_HTTP_API_KEY ?? process.env.OPENAI_API_KEY
      const question = JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] })
      const fail: Fail = (message, details) =>
        new ModelFailure(`${name} ${withoutSecrets(message, url, key)}`, details)
      const answer = await post(url, key, question, signal, fail)
      const body = readBody(answer, fail)
      const text = textOf(fieldsOf(choiceOf(body).message).content)
      const usage = readUsage(body, prompt, text)
      const reason = choiceOf(body).finish_reason
      if (reason === 'length' || reason === 'content_filter')
        throw new ModelFailure(`${name}: the answer was cut short: ${reason}`, { usage })
      return { text, usage }
    },
  }
}

type Fail = (message: string, details?: ConstructorParameters<typeof ModelFailure>[1]) => ModelFailure

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

async function post(
  url: URL,
  key: string | undefined,
  question: string,
  signal: AbortSignal,
  fail: Fail,
): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) }
  try {
    const asking = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers,
      signal,
    })
    // What goes wrong once the answer has begun is told by the answer, but here as well.
    asking.on('error', () => {})
    asking.end(question)
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const text = await readText(response)
    if (text === undefined) throw fail(`answered with more than ${maxReplyMiB} MiB`)
    return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof ModelFailure) throw error
    const { message, code } = error as NodeJS.ErrnoException
    throw fail(`cannot be reached: ${message || code}`, { retryable: !/^ERR_/.test(code ?? 'ERR_') })
  }
}

/** Undefined when it is too large. */
async function readText(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxReplyMiB << 20) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readBody({ status, retryAfter, text }: Answer, fail: Fail): Fields {
  const body = parse(text)
  const error = body?.error || (body && choiceOf(body).error)
  const ok = status >= 200 && status <= 299
  if (!ok || error) {
    const { message, code } = fieldsOf(error)
    const told = textOf(message) || textOf(error) || textOf(code)
    throw fail(`answered with an error: HTTP ${status} ${cutText(told, 500)}`.trim(), {
      retryable: mayPass(ok ? code : status, told),
      retryAfterMs: findRetryAfterMs(retryAfter === undefined ? told : `retry-after: ${retryAfter}`),
    })
  }
  if (!body) throw fail('answered with something that is no JSON object')
  return body
}

function choiceOf(body: Fields): Fields {
  return fieldsOf(Array.isArray(body.choices) ? body.choices[0] : undefined)
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

function readUsage(body: Fields, prompt: string, text: string) {
  const usage = fieldsOf(body.usage)
  return {
    inputTokens: numberOf(usage.prompt_tokens) || Math.ceil(prompt.length / charsPerToken),
    outputTokens: numberOf(usage.completion_tokens) || Math.ceil(text.length / charsPerToken),
    // OpenRouter tells the price.
    costUsd: typeof usage.cost === 'number' ? usage.cost : null,
  }
}
