// A model behind an OpenAI-compatible chat API (OpenAI, OpenRouter, Ollama, vLLM, llama.cpp). The key comes from the
// environment and appears in no message.
import { charsPerToken } from '../rlm/budget.ts'
import { type Model, ModelFailure } from '../rlm/ports.ts'
import {
  type Fields,
  fieldsOf,
  findRetryAfterMs,
  isFields,
  isRetryableStatus,
  numberOf,
  textOf,
} from './replies/reply.ts'

export function createHttpModel(baseUrl: string, model: string): Model {
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`
  const name = `${model} at ${new URL(url).host}`
  return {
    name,
    async complete({ prompt, signal }) {
      const body = await post(url, name, { model, messages: [{ role: 'user', content: prompt }] }, signal)
      const choice = fieldsOf(Array.isArray(body.choices) ? body.choices[0] : undefined)
      const text = textOf(fieldsOf(choice.message).content)
      const usage = readUsage(body, prompt, text)
      if (choice.finish_reason === 'length' || choice.finish_reason === 'content_filter') {
        throw new ModelFailure(`${name}: the answer was cut short: ${choice.finish_reason}`, { usage })
      }
      return { text, usage }
    },
  }
}

async function post(url: string, name: string, request: object, signal: AbortSignal): Promise<Fields> {
  const key = process.env.RLMS_HTTP_API_KEY ?? process.env.OPENAI_API_KEY
  const headers = { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) }
  let response: Response
  let text: string
  try {
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(request), signal })
    text = await response.text()
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { cause } = error as { cause?: Error }
    throw new ModelFailure(`${name} cannot be reached: ${cause?.message ?? (error as Error).message}`, {
      retryable: true,
    })
  }
  const body = parse(text)
  const message = textOf(fieldsOf(body?.error).message) || textOf(body?.error)
  if (!response.ok || message !== '') {
    throw new ModelFailure(
      `${name} answered with an error: HTTP ${response.status} ${message.slice(0, 500)}`.trim(),
      {
        retryable: isRetryableStatus(response.status),
        retryAfterMs: findRetryAfterMs(`retry-after: ${response.headers.get('retry-after') ?? ''}`),
      },
    )
  }
  if (!body) throw new ModelFailure(`${name} answered with something that is no JSON object`)
  return body
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
