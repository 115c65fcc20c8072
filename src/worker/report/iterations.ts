// The iterations: a line each, which opens to its roles.
import type { Gate, Iteration } from '../records/iterations.ts'
import type { RunRecord } from '../records/run-record.ts'
import { formatUsd, sumUsage, tokensOf } from '../records/usage-totals.ts'
import { chip, isIdle, roleClass, toneOf } from './badge.ts'
import { countOf, cut, formatDuration, formatTime, secondsBetween, shortCount } from './format.ts'
import { type Html, html } from './html.ts'
import type { Links } from './links.ts'
import { roleSection } from './role.ts'

/** The last one is open. `messages` are what the roles said last. */
export function iterationsSection(run: RunRecord, links: Links, messages: ReadonlyMap<string, string>): Html {
  const longest = Math.max(
    1,
    ...run.iterations.map(({ startedAt, endedAt }) => secondsBetween(startedAt, endedAt)),
  )
  const last = run.iterations.at(-1)
  return html`<section id="iterations">
<h2>Iterations</h2>
${legend(run)}
${run.iterations.map((iteration) => iterationDetails(iteration, { run, links, longest, messages: iteration === last ? messages : none, open: iteration === last }))}
</section>`
}

const none: ReadonlyMap<string, string> = new Map()

interface Surroundings {
  readonly run: RunRecord
  readonly links: Links
  readonly longest: number
  readonly messages: ReadonlyMap<string, string>
  readonly open: boolean
}

function iterationDetails(iteration: Iteration, { run, links, longest, messages, open }: Surroundings): Html {
  const { number, startedAt, endedAt, gates, roles, others } = iteration
  const cost = sumUsage(run.usage.filter((entry) => entry.iteration === number))
  const tokens = tokensOf(cost)
  const told = tokens === null ? '' : `${shortCount(tokens)} tok`
  const figure = cost.cost_usd === null ? told : `$${formatUsd(cost.cost_usd)}`
  return html`<details class="card iteration" id="i${number}"${open && html` open`}>
<summary><span class="number">Iteration ${number}</span>
<span class="chips">${gateChips(iteration)}</span>
${bar(iteration, longest)}
<span class="figure">${formatDuration(secondsBetween(startedAt, endedAt))}</span>
<span class="figure">${cost.turns === 0 ? '' : figure}</span></summary>
<div class="inside">
<p class="soft small">${formatTime(startedAt)}${gates.length > 0 && html`; ${gateWords(gates)}`}</p>
${roles.map((turn) => roleSection(turn, links, messages.get(turn.role) ?? ''))}
${others.length > 0 && otherEvents(others)}
</div>
</details>
`
}

function gateChips({ gates, complete }: Iteration): Html[] {
  if (complete === null) return [chip('not ended', 'wait')]
  const shown = gates.filter(({ verdict }) => toneOf(verdict) !== 'none')
  return shown.map(({ name, verdict }) => chip(gateWord(name, verdict), toneOf(verdict)))
}

function gateWord(name: string, verdict: string): string {
  if (toneOf(verdict) === 'ok') return name
  return verdict === 'no' ? `no ${name}` : `${name} ${verdict}`
}

function gateWords(gates: readonly Gate[]): string {
  const skipped = gates.filter(({ verdict }) => isIdle(verdict)).map(({ name }) => name)
  return skipped.length === 0 ? 'every gate judged' : `not judged: ${skipped.join(', ')}`
}

/** When each role ran, in one line: as long as the iteration was beside the longest one. */
function bar({ roles, startedAt, endedAt }: Iteration, longest: number): Html {
  const share = (from: string, to: string) => ((secondsBetween(from, to) / longest) * 100).toFixed(2)
  const turns = roles.map(
    ({ role, startedAt: from, endedAt: to }) =>
      html`<rect class="${roleClass(role)}" x="${share(startedAt, from)}" width="${share(from, to)}" height="10"/>`,
  )
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="rest" width="${share(startedAt, endedAt)}" height="10"/>${turns}</svg>`
}

function legend({ iterations }: RunRecord): Html {
  const roles = [...new Set(iterations.flatMap(({ roles: turns }) => turns.map(({ role }) => role)))]
  return html`<p class="legend small soft">${roles.map((role) => html`<span><i class="${roleClass(role)}"></i>${role}</span>`)}<span><i class="rest"></i>analyses and gates</span></p>`
}

function otherEvents(events: Iteration['others']): Html {
  return html`<details class="more"><summary>${countOf(events.length, 'other event')}</summary>
<ul class="small">${events.map(({ event, role, status, message, timestamp, data }) => {
    const words = [role, status, message]
      .filter((word) => typeof word === 'string' && word !== '')
      .join(' · ')
    const facts = data === null || data === undefined ? '' : cut(JSON.stringify(data), 300)
    return html`<li><code>${String(event)}</code> <span class="soft">${formatTime(String(timestamp))}</span> ${words} <span class="soft">${facts}</span></li>`
  })}</ul></details>`
}
