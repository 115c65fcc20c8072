// What an agent and all below it may use, and have used. One for each agent; what it spends counts all the way up.
import type { TokenUsage } from '../agent-types.ts'
import { addTokens, noTokens } from '../usage.ts'

export interface Allowance {
  /** Infinity: no limit. */
  readonly tokens: number
  readonly usd: number
}

export class Ledger {
  used: { tokens: TokenUsage; usd: number } = { tokens: noTokens, usd: 0 }
  limit: Allowance
  private readonly parent: Ledger | undefined
  private readonly running = new Set<Ledger>()
  private waiting = 0

  constructor(limit: Allowance, parent?: Ledger) {
    this.limit = limit
    this.parent = parent
  }

  /** A child's, with at most what is left here. */
  open(wanted: Allowance): Ledger {
    this.waiting++
    const left = this.left()
    const limit = { tokens: Math.min(wanted.tokens, left.tokens), usd: Math.min(wanted.usd, left.usd) }
    return new Ledger(limit, this)
  }

  /** Gives an agent that starts its part of what its parent has left: as much as each of those that wait with it. */
  start(): void {
    const { parent } = this
    if (!parent) return
    const left = parent.left().usd
    const promised = [...parent.running].reduce((sum, other) => sum + Math.max(0, other.left().usd), 0)
    const free = left - promised
    const part = free > 0 ? free / Math.max(1, parent.waiting) : left / (parent.running.size + 1)
    if (left !== Infinity) this.limit = { ...this.limit, usd: Math.min(this.limit.usd, part) }
    parent.waiting--
    parent.running.add(this)
  }

  /** For one that started, and for one that never did. */
  close(): void {
    if (this.parent && !this.parent.running.delete(this)) this.parent.waiting--
  }

  spend(tokens: TokenUsage, usd: number): void {
    this.used = { tokens: addTokens(this.used.tokens, tokens), usd: this.used.usd + usd }
    this.parent?.spend(tokens, usd)
  }

  /** Why nothing may start under it any more; null while something may. */
  refusal(): string | null {
    const { limit, used } = this
    const above = this.parent?.refusal()
    if (above) return above
    if (used.tokens.totalTokens >= limit.tokens)
      return `Token budget exhausted (${used.tokens.totalTokens} / ${limit.tokens} tokens used)`
    if (used.usd >= limit.usd)
      return `USD budget exhausted (${roundUsd(used.usd)} / ${roundUsd(limit.usd)} USD used)`
    return null
  }

  private left(): Allowance {
    const above = this.parent?.left() ?? { tokens: Infinity, usd: Infinity }
    return {
      tokens: Math.min(above.tokens, Math.max(0, this.limit.tokens - this.used.tokens.totalTokens)),
      usd: Math.min(above.usd, Math.max(0, this.limit.usd - this.used.usd)),
    }
  }
}

function roundUsd(usd: number): number {
  return Math.round(usd * 10_000) / 10_000
}
