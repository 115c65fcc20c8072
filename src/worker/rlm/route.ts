// Whether a question needs the loop at all: what fits well into one call is answered by one call.
import { charsPerToken } from './budget.ts'
import type { Documents } from './documents.ts'
import type { Model } from './ports.ts'

export interface Route {
  readonly kind: 'direct' | 'loop'
  readonly maxDepth: number
  /** Why, for the result. */
  readonly reason: string
  /** A sub-call over so few tokens is one model call, whatever depth the code asks for; null: as it asks. */
  readonly plainBelowTokens: number | null
}

/** Tokens of context that a model reads as well in one call as through code. */
const directTokens = 16_000
const autoDepth = 3

/** A depth that was asked for is kept; `auto` looks at the size of the context. */
export function chooseRoute(documents: Documents, model: Model, depth: number | 'auto'): Route {
  if (depth !== 'auto')
    return { kind: 'loop', maxDepth: depth, reason: 'this depth was asked for', plainBelowTokens: null }
  const tokens = estimateTokens(documents.list)
  const room = Math.min(directTokens, Math.floor((model.profile?.contextTokens ?? Infinity) / 2))
  const size = `the context has about ${tokens} tokens`
  if (model.writesCodeOnly) return loop(`${model.name} answers by code only`)
  if (tokens <= room)
    return { kind: 'direct', maxDepth: 0, reason: `${size}, one call takes ${room}`, plainBelowTokens: room }
  return loop(`${size}; code may start child runs over more than ${room}`, room)
}

function loop(reason: string, plainBelowTokens = directTokens): Route {
  return { kind: 'loop', maxDepth: autoDepth, reason, plainBelowTokens }
}

export function estimateTokens(list: Documents['list']): number {
  return Math.ceil(list.reduce((sum, { charCount }) => sum + charCount, 0) / charsPerToken)
}
