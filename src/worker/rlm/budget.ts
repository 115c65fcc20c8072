// One ledger for the whole tree of runs. A model call reserves what it may cost before it starts and settles what it
// did cost after; what is spent and what is in flight together never pass a cap knowingly.
import { performance } from 'node:perf_hooks'
import { RlmsError } from '../contract/errors.ts'
import type { Limits } from '../contract/result.ts'
import type { Model, Price, Usage } from './ports.ts'

export interface Reservation {
  /** Replaces the estimate by what the call used; call it once. */
  settle(usage: Usage): void
  /** The call was not made or told no usage. */
  release(): void
}

export interface Spent {
  readonly steps: number
  readonly subcalls: number
  readonly depthReached: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars; null while no reply told its price. */
  readonly costUsd: number | null
}

export interface Left {
  readonly steps: number
  readonly subcalls: number
  readonly seconds: number
  /** null: no cap. */
  readonly tokens: number | null
  readonly usd: number | null
}

export interface Budget {
  /** Takes one step, or throws `limit_exceeded`. */
  takeStep(): void
  /** Takes `count` sub-calls at once, or none and throws `limit_exceeded`. */
  takeSubcalls(count: number): void
  noteDepth(depth: number): void
  /** Sets tokens and USD aside for `calls` calls of about `promptChars` each, or throws `limit_exceeded`. */
  reserve(promptChars: number, calls?: number, model?: PricedModel): Reservation
  /** For each of several calls, all or none. */
  reserveEach(promptChars: readonly number[], model?: PricedModel): Reservation[]
  /** What was used without having been set aside: by an earlier part of the run. */
  count(usage: Usage, model?: PricedModel): void
  /** True while a price is capped but none is known: calls must then go one at a time. */
  priceUnknown(model?: PricedModel): boolean
  spent(): Spent
  left(): Left
}

/** What is known of a model's price before it has answered. */
type PricedModel = Pick<Model, 'name' | 'profile'>

/** Characters to a token, where no tokenizer has counted. */
export const charsPerToken = 4
const replyTokensGuess = 1000

export function createBudget(limits: Limits): Budget {
  const started = performance.now()
  let steps = 0
  let subcalls = 0
  let depthReached = 0
  let inputTokens = 0
  let outputTokens = 0
  let costUsd: number | null = null
  let dearestCallUsd: number | null = null
  const dearestByModel = new Map<string, number>()
  let reservedTokens = 0
  let reservedUsd = 0

  const over = (what: string, limit: number | string, flag: string) =>
    new RlmsError('limit_exceeded', `${what} limit exceeded: ${limit} allowed`, `Raise ${flag}.`)
  const secondsLeft = () => Math.max(0, limits.timeout_seconds - (performance.now() - started) / 1000)

  // A model's dearest call so far, or what its price says; of one that has told nothing, the dearest of all.
  const callUsd = (promptChars: number, model: PricedModel | undefined): number => {
    const listed = estimateUsd(promptChars, model?.profile?.price ?? null)
    const seen = model && dearestByModel.get(model.name)
    return Math.max(seen ?? (listed === null ? (dearestCallUsd ?? 0) : 0), listed ?? 0)
  }

  const count = (usage: Usage, model?: PricedModel) => {
    inputTokens += usage.inputTokens
    outputTokens += usage.outputTokens
    if (usage.costUsd === null) return
    costUsd = (costUsd ?? 0) + usage.costUsd
    dearestCallUsd = Math.max(dearestCallUsd ?? 0, usage.costUsd)
    if (model) dearestByModel.set(model.name, Math.max(dearestByModel.get(model.name) ?? 0, usage.costUsd))
  }

  const requireRoom = (tokens: number, usd: number) => {
    const usedTokens = inputTokens + outputTokens
    if (limits.max_tokens !== null && usedTokens + reservedTokens + tokens > limits.max_tokens) {
      throw over(
        'token',
        `${usedTokens} used${inFlight(reservedTokens)} and about ${tokens} more needed, ${limits.max_tokens}`,
        '--max-tokens',
      )
    }
    // The sum of prices is not exact in binary; a millionth of a cent is not a breach.
    if (limits.max_usd !== null && (costUsd ?? 0) + reservedUsd + usd > limits.max_usd + 1e-8) {
      throw over(
        'cost',
        `${formatUsd(costUsd ?? 0)} spent${inFlight(reservedUsd, formatUsd)} and about ${formatUsd(usd)} more needed, ${formatUsd(limits.max_usd)}`,
        '--max-usd',
      )
    }
  }

  const setAside = (tokens: number, usd: number, model: PricedModel | undefined): Reservation => {
    reservedTokens += tokens
    reservedUsd += usd
    let open = true
    const release = () => {
      if (!open) return
      open = false
      reservedTokens -= tokens
      reservedUsd -= usd
    }
    return {
      release,
      settle(usage) {
        release()
        count(usage, model)
      },
    }
  }

  return {
    count,
    takeStep() {
      if (steps >= limits.max_steps) throw over('step', limits.max_steps, '--max-steps')
      steps++
    },
    takeSubcalls(count) {
      const left = limits.max_subcalls - subcalls
      if (count > left) {
        const wanted =
          count === 1 ? '' : `, this batch needs ${count} and ${left} ${left === 1 ? 'is' : 'are'} left`
        throw new RlmsError(
          'limit_exceeded',
          `subcall limit exceeded: ${limits.max_subcalls} allowed${wanted}`,
          'Raise --max-subcalls, or ask about larger pieces.',
        )
      }
      subcalls += count
    },
    noteDepth(depth) {
      depthReached = Math.max(depthReached, depth)
    },
    reserve(promptChars, calls = 1, model) {
      const tokens = calls * callTokens(promptChars)
      const usd = calls * callUsd(promptChars, model)
      requireRoom(tokens, usd)
      return setAside(tokens, usd, model)
    },
    reserveEach(promptChars, model) {
      if (promptChars.length === 0) return []
      const needs = promptChars.map((chars) => ({ tokens: callTokens(chars), usd: callUsd(chars, model) }))
      requireRoom(
        needs.reduce((sum, { tokens }) => sum + tokens, 0),
        needs.reduce((sum, { usd }) => sum + usd, 0),
      )
      return needs.map(({ tokens, usd }) => setAside(tokens, usd, model))
    },
    priceUnknown: (model) => limits.max_usd !== null && dearestCallUsd === null && !model?.profile?.price,
    spent: () => ({ steps, subcalls, depthReached, inputTokens, outputTokens, costUsd }),
    left: () => ({
      steps: limits.max_steps - steps,
      subcalls: limits.max_subcalls - subcalls,
      seconds: Math.round(secondsLeft() * 10) / 10,
      tokens:
        limits.max_tokens === null
          ? null
          : Math.max(0, limits.max_tokens - inputTokens - outputTokens - reservedTokens),
      usd:
        limits.max_usd === null ? null : Math.max(0, round6(limits.max_usd - (costUsd ?? 0) - reservedUsd)),
    }),
  }
}

function callTokens(promptChars: number): number {
  return Math.ceil(promptChars / charsPerToken) + replyTokensGuess
}

function estimateUsd(promptChars: number, price: Price | null): number | null {
  if (price === null) return null
  return ((promptChars / charsPerToken) * price.input + replyTokensGuess * price.output) / 1e6
}

export function formatUsd(usd: number): string {
  return `$${usd < 0.1 ? usd.toFixed(4) : usd.toFixed(2)}`
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

function inFlight(amount: number, show: (amount: number) => string = String): string {
  return amount > 0 ? `, about ${show(amount)} set aside for calls in flight` : ''
}
