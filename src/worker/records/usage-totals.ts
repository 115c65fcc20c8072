// Sums of usage entries: all, by role, by iteration, by model, by run; and what they mean for a budget.
import type { ModelShare, UsageEntry } from './usage-entry.ts'

export interface Totals {
  readonly turns: number
  /** Turns that told no tokens; they count as none. */
  readonly unknown: number
  readonly input_tokens: number
  readonly output_tokens: number
  /** Null when no turn told a price. */
  readonly cost_usd: number | null
  /** Turns with tokens and without a price. */
  readonly unpriced: number
  readonly duration_ms: number
}

export function sumUsage(entries: readonly UsageEntry[]): Totals {
  const priced = entries.filter(({ cost_usd }) => cost_usd !== null)
  return {
    turns: entries.length,
    unknown: entries.filter(({ usage }) => usage === null).length,
    input_tokens: entries.reduce((sum, { usage }) => sum + (usage?.input_tokens ?? 0), 0),
    output_tokens: entries.reduce((sum, { usage }) => sum + (usage?.output_tokens ?? 0), 0),
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

/** Why a budget is used up, or null while something is left. */
export function budgetExceeded(totals: Totals, { maxUsd, maxTokens }: Budget): string | null {
  const tokens = totals.input_tokens + totals.output_tokens
  const usd = totals.cost_usd ?? 0
  if (maxUsd !== null && usd >= maxUsd) return `$${formatUsd(usd)} of $${formatUsd(maxUsd)} (max_usd)`
  if (maxTokens !== null && tokens >= maxTokens) return `${tokens} of ${maxTokens} tokens (max_tokens)`
  return null
}

/** Four decimals below ten cents, two from there. */
export function formatUsd(usd: number): string {
  return usd.toFixed(usd > 0 && usd < 0.1 ? 4 : 2)
}

/** Sums of decimal prices, without what binary fractions add to them. */
function roundUsd(usd: number): number {
  return Number(usd.toFixed(9))
}
