// What is known of a model by its name: how much it takes, what it costs, how freely it asks sub-models. The data is in
// profiles.json; what is not known is null, never a guess.
import { RlmsError } from '../contract/errors.ts'
import { isFields } from '../lib/fields.ts'
import type { ModelProfile, Price, Usage } from '../rlm/ports.ts'
import data from './profiles.json' with { type: 'json' }

/** Prices that a user has set, by name or by a pattern with `*`. */
export type PriceTable = Readonly<Record<string, Price>>

interface Row {
  readonly match: string
  /** Whose own API the price is of. */
  readonly vendor?: string
  readonly context_tokens?: number
  readonly max_output_tokens?: number
  readonly subcalls?: string
  readonly price?: { readonly input: number; readonly cached_input: number; readonly output: number }
}

const defaultMaxOutput = 8192

/** `vendor` is whose API answers; a list price counts there only. A price that the user has set counts everywhere. */
export function profileOf(
  model: string | null,
  vendor: string | null,
  prices: PriceTable = {},
): ModelProfile {
  const row = model === null ? undefined : (data.models as Row[]).find(({ match }) => fits(match, model))
  const own = model === null ? undefined : Object.entries(prices).find(([match]) => fits(match, model))
  const list = row?.price && row.vendor === vendor ? row.price : undefined
  return {
    contextTokens: row?.context_tokens ?? null,
    maxOutputTokens: row?.max_output_tokens ?? defaultMaxOutput,
    subcalls: row?.subcalls === 'shy' || row?.subcalls === 'greedy' ? row.subcalls : 'plain',
    price:
      own?.[1] ?? (list ? { input: list.input, cachedInput: list.cached_input, output: list.output } : null),
  }
}

const vendors: Record<string, string> = { 'api.openai.com': 'openai', 'api.anthropic.com': 'anthropic' }

/** Whose own API a host is; null for any other. */
export function vendorOf(host: string): string | null {
  return vendors[host] ?? null
}

/** US dollars; null where the price is unknown. `cachedTokens` are among the input tokens. */
export function costOf(price: Price | null, usage: Omit<Usage, 'costUsd'>, cachedTokens = 0): number | null {
  if (price === null) return null
  const { input, output, cachedInput } = price
  const fresh = Math.max(0, usage.inputTokens - cachedTokens)
  return (fresh * input + cachedTokens * (cachedInput ?? input) + usage.outputTokens * output) / 1e6
}

/** `{input, output, cached_input}` in US dollars per million tokens. */
export function readPrice(value: unknown, name: string): Price {
  if (isFields(value)) {
    const { input, output, cached_input: cached = null, ...others } = value
    const known = isAmount(input) && isAmount(output) && (cached === null || isAmount(cached))
    if (known && Object.keys(others).length === 0) return { input, output, cachedInput: cached }
  }
  throw new RlmsError(
    'invalid_config',
    `${name} must be {input, output} with US dollars per million tokens`,
    `Write it like {input: 3, output: 15}; cached_input may stand beside them.`,
  )
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

function fits(pattern: string, model: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(model)
}
