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
  return new Ledger(limits)
}

class Ledger implements Budget {
  private readonly limits: Limits
  private readonly started = performance.now()
  private steps = 0
  private subcalls = 0
  private depthReached = 0
  private inputTokens = 0
  private outputTokens = 0
  private costUsd: number | null = null
  private dearestUsd: number | null = null
  private readonly dearestByModel = new Map<string, number>()
  private reservedTokens = 0
  private reservedUsd = 0

  constructor(limits: Limits) {
    this.limits = limits
  }

  takeStep(): void {
    if (this.steps >= this.limits.max_steps) throw over('step', this.limits.max_steps, '--max-steps')
    this.steps++
  }

  takeSubcalls(count: number): void {
    const { max_subcalls: allowed } = this.limits
    const left = allowed - this.subcalls
    if (count > left) {
      const wanted =
        count === 1 ? '' : `, this batch needs ${count} and ${left} ${left === 1 ? 'is' : 'are'} left`
      throw new RlmsError(
        'limit_exceeded',
        `subcall limit exceeded: ${allowed} allowed${wanted}`,
        'Raise --max-subcalls, or ask about larger pieces.',
      )
    }
    this.subcalls += count
  }

  noteDepth(depth: number): void {
    this.depthReached = Math.max(this.depthReached, depth)
  }

  reserve(promptChars: number, calls = 1, model?: PricedModel): Reservation {
    const tokens = calls * callTokens(promptChars)
    const usd = calls * this.callUsd(promptChars, model)
    this.requireRoom(tokens, usd)
    return this.setAside(tokens, usd, model)
  }

  reserveEach(promptChars: readonly number[], model?: PricedModel): Reservation[] {
    if (promptChars.length === 0) return []
    const needs = promptChars.map((chars) => ({ tokens: callTokens(chars), usd: this.callUsd(chars, model) }))
    this.requireRoom(
      needs.reduce((sum, { tokens }) => sum + tokens, 0),
      needs.reduce((sum, { usd }) => sum + usd, 0),
    )
    return needs.map(({ tokens, usd }) => this.setAside(tokens, usd, model))
  }

  count({ inputTokens, outputTokens, costUsd }: Usage, model?: PricedModel): void {
    this.inputTokens += inputTokens
    this.outputTokens += outputTokens
    if (costUsd === null) return
    this.costUsd = (this.costUsd ?? 0) + costUsd
    this.dearestUsd = Math.max(this.dearestUsd ?? 0, costUsd)
    if (model)
      this.dearestByModel.set(model.name, Math.max(this.dearestByModel.get(model.name) ?? 0, costUsd))
  }

  priceUnknown(model?: PricedModel): boolean {
    return this.limits.max_usd !== null && this.dearestUsd === null && !model?.profile?.price
  }

  spent(): Spent {
    const { steps, subcalls, depthReached, inputTokens, outputTokens, costUsd } = this
    return { steps, subcalls, depthReached, inputTokens, outputTokens, costUsd }
  }

  left(): Left {
    const { max_steps: steps, max_subcalls: subcalls, max_tokens: tokens, max_usd: usd } = this.limits
    const seconds = this.limits.timeout_seconds - (performance.now() - this.started) / 1000
    const usedTokens = this.inputTokens + this.outputTokens + this.reservedTokens
    const usedUsd = (this.costUsd ?? 0) + this.reservedUsd
    return {
      steps: steps - this.steps,
      subcalls: subcalls - this.subcalls,
      seconds: Math.round(Math.max(0, seconds) * 10) / 10,
      tokens: tokens === null ? null : Math.max(0, tokens - usedTokens),
      usd: usd === null ? null : Math.max(0, round6(usd - usedUsd)),
    }
  }

  /** A model's dearest call so far, or what its price says; of one that has told nothing, the dearest of all. */
  private callUsd(promptChars: number, model: PricedModel | undefined): number {
    const listed = estimateUsd(promptChars, model?.profile?.price ?? null)
    const seen = model && this.dearestByModel.get(model.name)
    return Math.max(seen ?? (listed === null ? (this.dearestUsd ?? 0) : 0), listed ?? 0)
  }

  private requireRoom(tokens: number, usd: number): void {
    const { max_tokens: maxTokens, max_usd: maxUsd } = this.limits
    const usedTokens = this.inputTokens + this.outputTokens
    if (maxTokens !== null && usedTokens + this.reservedTokens + tokens > maxTokens) {
      throw over(
        'token',
        `${usedTokens} used${inFlight(this.reservedTokens)} and about ${tokens} more needed, ${maxTokens}`,
        '--max-tokens',
      )
    }
    // The sum of prices is not exact in binary; a millionth of a cent is not a breach.
    const usedUsd = this.costUsd ?? 0
    if (maxUsd !== null && usedUsd + this.reservedUsd + usd > maxUsd + 1e-8) {
      throw over(
        'cost',
        `${formatUsd(usedUsd)} spent${inFlight(this.reservedUsd, formatUsd)} and about ${formatUsd(usd)} more needed, ${formatUsd(maxUsd)}`,
        '--max-usd',
      )
    }
  }

  private setAside(tokens: number, usd: number, model: PricedModel | undefined): Reservation {
    this.reservedTokens += tokens
    this.reservedUsd += usd
    let open = true
    const release = () => {
      if (!open) return
      open = false
      this.reservedTokens -= tokens
      this.reservedUsd -= usd
    }
    return {
      release,
      settle: (usage) => {
        release()
        this.count(usage, model)
      },
    }
  }
}

function over(what: string, limit: number | string, flag: string): RlmsError {
  return new RlmsError('limit_exceeded', `${what} limit exceeded: ${limit} allowed`, `Raise ${flag}.`)
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
