// A loop's usage for people and for programs: the last run by role, model and iteration, and every run.
import type { UsageEntry } from './usage-entry.ts'
import { formatUsd, splitByModel, sumBy, sumUsage, type Totals, type UsageGroup } from './usage-totals.ts'

/** What a turn is called in sums by role: an analysis is counted apart from the role that it is for. */
export function roleLabel({ role, source }: Pick<UsageEntry, 'role' | 'source'>): string {
  return source === 'rlms' ? `${role} analysis` : role
}

export function modelLabel({ model, runner }: UsageEntry): string {
  return model ?? (runner || 'unknown')
}

export function usageJson(loop: string, entries: readonly UsageEntry[]): string {
  const ofRun = entriesOfLastRun(entries)
  const value = {
    loop_id: loop,
    run_id: ofRun[0]?.run_id ?? null,
    total: sumUsage(ofRun),
    roles: sumBy(ofRun, roleLabel).map(({ sample, totals }) => ({
      role: sample.role,
      source: sample.source,
      ...totals,
    })),
    // No durations: those of a turn with several models would count several times.
    models: sumBy(splitByModel(ofRun), modelLabel).map(({ name, totals: { duration_ms: _, ...totals } }) => ({
      model: name,
      ...totals,
    })),
    iterations: sumBy(ofRun, iterationLabel).map(({ sample, totals }) => ({
      iteration: sample.iteration,
      ...totals,
    })),
    runs: sumBy(entries, ({ run_id }) => run_id).map(({ name, totals }) => ({ run_id: name, ...totals })),
    all: sumUsage(entries),
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

export function usageText(loop: string, entries: readonly UsageEntry[]): string {
  if (entries.length === 0) return `No usage recorded for loop '${loop}'.\n`
  const ofRun = entriesOfLastRun(entries)
  const total = sumUsage(ofRun)
  const lines = [
    `Loop '${loop}', run ${ofRun[0]?.run_id || '(unnamed)'}`,
    ...table('ROLE', sumBy(ofRun, roleLabel), total),
    ...table('MODEL', sumBy(splitByModel(ofRun), modelLabel)),
    ...table('ITERATION', sumBy(ofRun, iterationLabel)),
  ]
  const runs = new Set(entries.map(({ run_id }) => run_id)).size
  if (runs > 1) lines.push('', `All ${runs} runs: ${phrase(sumUsage(entries))}`)
  if (total.unknown > 0) lines.push('', `${total.unknown} of ${turnsOf(total.turns)} told no tokens.`)
  if (total.unpriced > 0)
    lines.push('', `${total.unpriced} of ${turnsOf(total.turns)} told tokens and no price.`)
  return `${lines.join('\n')}\n`
}

function iterationLabel({ iteration }: UsageEntry): string {
  return String(iteration)
}

function entriesOfLastRun(entries: readonly UsageEntry[]): UsageEntry[] {
  const last = entries.at(-1)?.run_id
  return entries.filter(({ run_id }) => run_id === last)
}

function phrase({ turns, input_tokens, output_tokens, cost_usd }: Totals): string {
  const price = cost_usd === null ? '' : `, $${formatUsd(cost_usd)}`
  return `${turnsOf(turns)}, ${group(input_tokens)} tokens in, ${group(output_tokens)} out${price}`
}

function table(title: string, groups: readonly UsageGroup[], total?: Totals): string[] {
  const named: Pick<UsageGroup, 'name' | 'totals'>[] = [...groups]
  if (total) named.push({ name: 'all', totals: total })
  const rows = [
    [title, 'TURNS', 'INPUT', 'OUTPUT', 'USD'],
    ...named.map(({ name, totals }) => [
      printable(name),
      String(totals.turns),
      group(totals.input_tokens),
      group(totals.output_tokens),
      totals.cost_usd === null ? notTold : formatUsd(totals.cost_usd),
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return [
    '',
    ...rows.map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!))).join('  '),
    ),
  ]
}

/** Names come from the runners' output; a terminal must not act on them. */
function printable(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
}

const notTold = 'unknown'

function turnsOf(count: number): string {
  return `${count} ${count === 1 ? 'turn' : 'turns'}`
}

function group(count: number | null): string {
  if (count === null) return notTold
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}
