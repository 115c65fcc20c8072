// A model whose replies are values or functions of the request.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Model, ModelReply, ModelRequest, Usage } from '../../../src/worker/rlm/ports.ts'

type Reply = string | { readonly text: string; readonly usage: Usage } | Error
/** By number of the request, the last one again when requests go on; or made from the request. */
export type Replies = readonly Reply[] | ((request: ModelRequest) => Reply | Promise<Reply>)

export interface MemoryModel extends Model {
  /** In the order they came. */
  readonly requests: readonly ModelRequest[]
  /** The most that were in flight at once. */
  readonly mostInFlight: number
  readonly inFlight: number
  readonly settledIds: readonly string[]
}

/** What a reply costs where it does not say so itself; null: the model tells no price. */
export function memoryModel(replies: Replies, costUsd: number | null = null): MemoryModel {
  const requests: ModelRequest[] = []
  const settledIds: string[] = []
  let inFlight = 0
  let mostInFlight = 0
  return {
    name: 'memory',
    requests,
    settledIds,
    get inFlight() {
      return inFlight
    },
    get mostInFlight() {
      return mostInFlight
    },
    async complete(request) {
      const at = requests.push(request) - 1
      mostInFlight = Math.max(mostInFlight, ++inFlight)
      try {
        await nextTurn() // so that calls that may overlap do
        request.signal.throwIfAborted()
        return asReply(await choose(replies, request, at), costUsd)
      } finally {
        inFlight--
      }
    },
    settled: ({ id }) => void settledIds.push(id),
  }
}

/** Waits until the request is given up, as a program that hangs does. */
export function neverReplies(request: ModelRequest): Promise<never> {
  return new Promise((_, reject) => {
    if (request.signal.aborted) reject(request.signal.reason)
    request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true })
  })
}

/** A reply that is one fenced block. */
export function fenced(code: string): string {
  return `\`\`\`python\n${code}\n\`\`\``
}

async function choose(replies: Replies, request: ModelRequest, at: number): Promise<Reply> {
  if (typeof replies === 'function') return replies(request)
  const reply = replies[Math.min(at, replies.length - 1)]
  if (reply === undefined) throw new Error('the model was given no replies')
  return reply
}

function asReply(reply: Reply, costUsd: number | null): ModelReply {
  if (reply instanceof Error) throw reply
  if (typeof reply === 'string') return { text: reply, usage: { inputTokens: 10, outputTokens: 5, costUsd } }
  return reply
}
