// One question over HTTP: its answer as a stream of events, or as one text. Not through fetch: that gives up after five
// minutes without a byte, which a large model on a small machine needs.
import { once } from 'node:events'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { StringDecoder } from 'node:string_decoder'
import { maxReplyMiB } from '../replies/reply.ts'

export interface HttpAnswer {
  readonly status: number
  /** Milliseconds that the server asks to wait; null where it does not. */
  readonly retryAfterMs: number | null
  readonly isStream: boolean
  /** The body as it comes. Throws AnswerTooLarge, or what broke the connection. */
  readonly texts: AsyncIterable<string>
}

export class AnswerTooLarge extends Error {}

export async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const asking = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    signal,
  })
  // What goes wrong once the answer has begun is told by the answer, but here as well.
  asking.on('error', () => {})
  asking.end(body)
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    retryAfterMs: readRetryAfter(response.headers),
    isStream: /^text\/event-stream\b/.test(response.headers['content-type'] ?? ''),
    texts: readTexts(response),
  }
}

/** The data of a stream's events, in order; comments and other fields are left out. */
export async function* readEvents(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of texts) {
    rest += text
    const lines = rest.split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data:')) yield line.slice('data:'.length).trim()
  }
  if (rest.startsWith('data:')) yield rest.slice('data:'.length).trim()
}

async function* readTexts(response: IncomingMessage): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxReplyMiB << 20) throw new AnswerTooLarge()
    yield decoder.write(chunk)
  }
  yield decoder.end()
}

/** By RFC 9110 seconds or a date; some servers tell milliseconds in a header of their own. */
function readRetryAfter(headers: IncomingMessage['headers']): number | null {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN)
  if (exact >= 0) return exact
  const told = headers['retry-after']
  if (told === undefined) return null
  const seconds = Number(told)
  if (seconds >= 0) return seconds * 1000
  const date = Date.parse(told)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}
