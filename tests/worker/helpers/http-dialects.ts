// Both dialects of chat APIs on the loopback: what they say, and a model that hears it.
import type { ServerResponse } from 'node:http'
import { createHttpModel, dialects } from '../../../src/worker/models/http-model.ts'
import { loopbackServer } from './loopback-server.ts'

export type Dialect = keyof typeof dialects
export type Answer = (response: ServerResponse) => void

export const stream =
  (
    events: readonly unknown[],
    end: (response: ServerResponse) => void = (response) => response.end(),
  ): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const event of events)
      response.write(`event: x\ndata: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    end(response)
  }
export const fail =
  (status: number, body: unknown = '', headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

/** The same things said in each dialect. */
export const say = {
  chat: {
    pieces: (texts: readonly string[], stop: string | null) => [
      { choices: [{ delta: { role: 'assistant' } }] },
      ...texts.map((content) => ({ choices: [{ delta: { content } }] })),
      { choices: [{ delta: {}, finish_reason: stop }] },
      ...(stop === null
        ? []
        : [{ choices: [], usage: { prompt_tokens: 1234, completion_tokens: 56 } }, '[DONE]']),
    ],
    error: (message: string) => ({ error: { message, type: 'x', code: null } }),
    errorEvent: { error: { message: 'Overloaded', code: 529 } },
    stop: 'stop',
    cut: 'length',
    refused: 'content_filter',
  },
  messages: {
    pieces: (texts: readonly string[], stop: string | null) => [
      {
        type: 'message_start',
        message: {
          type: 'message',
          content: [],
          stop_reason: null,
          usage: { input_tokens: 1234, output_tokens: 1 },
        },
      },
      { type: 'ping' },
      ...texts.map((text) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      })),
      ...(stop === null
        ? []
        : [
            { type: 'message_delta', delta: { stop_reason: stop }, usage: { output_tokens: 56 } },
            { type: 'message_stop' },
          ]),
    ],
    error: (message: string) => ({ type: 'error', error: { type: 'x', message } }),
    errorEvent: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    stop: 'end_turn',
    cut: 'max_tokens',
    refused: 'refusal',
  },
}

/** A model whose API answers one after the other, the last one again. */
export async function serve(dialect: Dialect, ...answers: Answer[]) {
  let at = 0
  const server = await loopbackServer((response) => answers[Math.min(at++, answers.length - 1)]!(response))
  const model = createHttpModel(`${server.url}/v1`, 'm-1', { dialect: dialects[dialect] })
  return { ...server, model, host: server.url.slice('http://'.length) }
}
