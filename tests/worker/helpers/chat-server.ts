// A chat API on the loopback, what it answers, and the model behind it.
import type { ServerResponse } from 'node:http'
import { createHttpModel } from '../../../src/worker/models/http-model.ts'
import type { Model } from '../../../src/worker/rlm/ports.ts'
import { type LoopbackServer, loopbackServer } from './loopback-server.ts'

interface ChatServer extends LoopbackServer {
  /** As it stands in messages. */
  readonly host: string
  readonly model: Model
}

export async function chatServer(answer: (response: ServerResponse) => void): Promise<ChatServer> {
  const server = await loopbackServer(answer)
  const host = server.url.slice('http://'.length)
  return { ...server, host, model: createHttpModel(`${server.url}/v1`, 'qwen3') }
}

/** Answers with a text as it is, with anything else as JSON. */
export const send =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

export const completion = (changes: object = {}, choice: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Forty-two.' }, finish_reason: 'stop', ...choice },
  ],
  usage: { prompt_tokens: 1234, completion_tokens: 56, total_tokens: 1290 },
  ...changes,
})

export const chatError = (message: string) => ({ error: { message, type: 'x', code: null } })
