// What the run cost: by role, by model, by iteration where there are few.
import type { RunRecord } from '../records/run-record.ts'
import {
  formatUsd,
  splitByModel,
  sumBy,
  sumUsage,
  type Totals,
  type UsageGroup,
} from '../records/usage-totals.ts'
import { modelLabel, roleLabel } from '../records/usage-view.ts'
import { countOf, formatCount } from './format.ts'
import { type Html, html } from './html.ts'

export function costSection({ usage }: RunRecord): Html {
  const total = sumUsage(usage)
  if (total.turns === 0) return html``
  return html`<section id="cost">
<h2>Tokens and cost</h2>
<div class="tables">
${table('Role', sumBy(usage, roleLabel), total)}
${table('Model', sumBy(splitByModel(usage), modelLabel), null)}
</div>
${total.unknown > 0 && html`<p class="soft small">${countOf(total.unknown, 'turn')} of ${total.turns} told no tokens.</p>`}
${total.unpriced > 0 && html`<p class="soft small">${countOf(total.unpriced, 'turn')} told tokens and no price.</p>`}
</section>`
}

function table(title: string, groups: readonly UsageGroup[], total: Totals | null): Html {
  return html`<div class="card scroll"><table>
<thead><tr><th scope="col">${title}</th><th scope="col">US $</th><th scope="col">Tokens in</th><th scope="col">Tokens out</th><th scope="col">Turns</th></tr></thead>
<tbody>${groups.map(({ name, totals }) => row(name, totals, false))}${total !== null && row('All', total, true)}</tbody>
</table></div>`
}

function row(name: string, { turns, input_tokens, output_tokens, cost_usd }: Totals, isTotal: boolean): Html {
  const told = (count: number | null) => (count === null ? 'unknown' : formatCount(count))
  return html`<tr${isTotal && html` class="total"`}><td>${name}</td><td>${cost_usd === null ? 'unknown' : formatUsd(cost_usd)}</td><td>${told(input_tokens)}</td><td>${told(output_tokens)}</td><td>${turns}</td></tr>`
}
