// The APIs of chat models, each a way to ask and a way to read; adding one: a file and a row in http-model.ts.
import type { Fields } from '../../lib/fields.ts'

/** What an answer has told so far. */
export interface Told {
  text: string
  inputTokens: number
  /** Those of the input tokens that a cache answered for. */
  cachedTokens: number
  outputTokens: number
  costUsd: number | null
  /** Why it ended; null until it has. */
  stop: string | null
  error: { readonly message: string; readonly status: unknown } | null
}

export interface Dialect {
  /** Behind the base URL. */
  readonly path: string
  /** Variables that may hold the key, in order. */
  readonly keyVariables: readonly string[]
  /** With the key, where there is one. */
  headers(key: string | undefined): Record<string, string>
  question(model: string, prompt: string, maxOutputTokens: number): Fields
  /** Adds an event of a stream, or a whole answer. */
  take(told: Told, event: Fields): void
  /** Stop reasons of an answer that is not whole. */
  readonly cutShort: readonly string[]
}
