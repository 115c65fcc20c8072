// Sums of usage entries: all, by role, by iteration, by model, by run; and what they mean for a budget.
import type { ModelShare, UsageEntry } from './usage-entry.ts'

export interface Totals {
  readonly turns: number
  /** Turns that told no tokens. */
  readonly unknown: number
  /** Of the turns that told theirs; null when none of them did. */
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  /** Null when no turn told a price. */
  readonly cost_usd: number | null
  /** Turns with tokens and without a price. */
  readonly unpriced: number
  readonly duration_ms: number
}

export function sumUsage(entries: readonly UsageEntry[]): Totals {
  const priced = entries.filter(({ cost_usd }) => cost_usd !== null)
  const unknown = entries.filter(({ usage }) => usage === null).length
  const told = (count: (usage: NonNullable<UsageEntry['usage']>) => number) =>
    unknown > 0 && unknown === entries.length
      ? null
      : entries.reduce((sum, { usage }) => sum + (usage === null ? 0 : count(usage)), 0)
  return {
    turns: entries.length,
    unknown,
    input_tokens: told(({ input_tokens }) => input_tokens),
    output_tokens: told(({ output_tokens }) => output_tokens),
    cost_usd:
      priced.length === 0 ? null : roundUsd(priced.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), 0)),
    unpriced: entries.filter(({ usage, cost_usd }) => usage !== null && cost_usd === null).length,
    duration_ms: entries.reduce((sum, { duration_ms }) => sum + duration_ms, 0),
  }
}

export interface UsageGroup {
  readonly name: string
  /** Any of the entries: they share what the name is made of. */
  readonly sample: UsageEntry
  readonly totals: Totals
}

/** Sums of the entries that `nameOf` calls the same, in the order in which they first appear. */
export function sumBy(entries: readonly UsageEntry[], nameOf: (entry: UsageEntry) => string): UsageGroup[] {
  const groups = new Map<string, UsageEntry[]>()
  for (const entry of entries) {
    const group = groups.get(nameOf(entry))
    if (group) group.push(entry)
    else groups.set(nameOf(entry), [entry])
  }
  return [...groups].map(([name, group]) => ({ name, sample: group[0]!, totals: sumUsage(group) }))
}

/** An entry for each model that an entry used. */
export function splitByModel(entries: readonly UsageEntry[]): UsageEntry[] {
  return entries.flatMap(({ models, ...entry }): UsageEntry[] =>
    models === undefined ? [entry] : models.map((share) => withShare(entry, share)),
  )
}

function withShare(
  entry: UsageEntry,
  { model, cost_usd, input_tokens, output_tokens }: ModelShare,
): UsageEntry {
  return { ...entry, model: model || entry.model, cost_usd, usage: { input_tokens, output_tokens } }
}

export interface Budget {
  readonly maxUsd: number | null
  readonly maxTokens: number | null
}

/** Why a budget is used up, or null while something is left of what turns told. */
export function budgetExceeded(totals: Totals, { maxUsd, maxTokens }: Budget): string | null {
  const tokens = tokensOf(totals) ?? 0
  const usd = totals.cost_usd ?? 0
  if (maxUsd !== null && usd >= maxUsd) return `$${formatUsd(usd)} of $${formatUsd(maxUsd)} (max_usd)`
  if (maxTokens !== null && tokens >= maxTokens) return `${tokens} of ${maxTokens} tokens (max_tokens)`
  return null
}

/** Which turns a budget cannot count, or null when it counts all of them. */
export function budgetBlindSpot(
  { turns, unknown, unpriced }: Totals,
  { maxUsd, maxTokens }: Budget,
): string | null {
  const told = (count: number, what: string) =>
    count === 0 ? [] : [`${count} of ${turns} ${turns === 1 ? 'turn' : 'turns'} told no ${what}`]
  const spots = [
    ...(maxTokens === null ? [] : told(unknown, 'tokens (max_tokens)')),
    ...(maxUsd === null ? [] : told(unknown + unpriced, 'price (max_usd)')),
  ]
  return spots.length === 0 ? null : spots.join(', ')
}

/** In and out; null when no turn told them. */
export function tokensOf({ input_tokens, output_tokens }: Totals): number | null {
  return input_tokens === null || output_tokens === null ? null : input_tokens + output_tokens
}

/** Four decimals below ten cents, two from there. */
export function formatUsd(usd: number): string {
  return usd.toFixed(usd > 0 && usd < 0.1 ? 4 : 2)
}

/** Sums of decimal prices, without what binary fractions add to them. */
function roundUsd(usd: number): number {
  return Number(usd.toFixed(9))
}
