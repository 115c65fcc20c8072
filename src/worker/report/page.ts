// A loop's last run as one page: no script, nothing loaded, nothing but text from those who wrote the records.
import { createHash } from 'node:crypto'
import type { EarlierRun, RunRecord } from '../records/run-record.ts'
import { formatUsd, sumUsage, type Totals } from '../records/usage-totals.ts'
import { outcomeBadge, outcomeChip } from './badge.ts'
import { costSection } from './cost.ts'
import { evidenceSection } from './evidence.ts'
import { countOf, formatCount, formatDuration, formatTime, secondsBetween, shortCount } from './format.ts'
import { Html, html } from './html.ts'
import { iterationsSection } from './iterations.ts'
import { linksFrom } from './links.ts'
import { openGatesSection } from './open-gates.ts'
import { style } from './style.ts'

export interface PageInput {
  readonly run: RunRecord
  readonly repo: string
  /** Where the page will lie: its links are relative to that. */
  readonly outFile: string
  /** What each role said last. */
  readonly messages: ReadonlyMap<string, string>
  /** Texts of gates that do not hold, by gate. */
  readonly openGates: ReadonlyMap<string, string>
  readonly generatedAt: string
  readonly version: string
}

export function renderPage({
  run,
  repo,
  outFile,
  messages,
  openGates,
  generatedAt,
  version,
}: PageInput): string {
  const links = linksFrom(outFile, repo)
  const sections: [string, string, Html][] = [
    ['open', 'Open', openGatesSection(run, openGates)],
    ['iterations', 'Iterations', iterationsSection(run, links, messages)],
    ['cost', 'Tokens and cost', costSection(run)],
    ['evidence', 'Evidence', evidenceSection(run.evidence, links)],
    ['earlier', 'Earlier runs', earlierSection(run.earlier)],
  ]
  const shown = sections.filter(([, , section]) => section.text !== '')
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hashOf(style)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${run.loop}: ${run.outcome.kind}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<p class="soft small">Superloop report</p>
<div class="title"><h1>${run.loop}</h1>${outcomeBadge(run.outcome)}</div>
<p class="soft">Run of ${formatTime(run.startedAt)}${run.spec !== '' && html` over <a href="${links.toFile(run.spec)}">${run.spec}</a>`}</p>
${factTiles(run)}
<nav aria-label="Sections">${shown.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>
</header>
<main>
${shown.map(([, , section]) => section)}
</main>
<footer class="soft small">Written ${formatTime(generatedAt)} by superloop-rlms ${version}. Links lead to the files as they are now.</footer>
</body>
</html>
`
  return page.text
}

function factTiles({ iterations, usage, startedAt, endedAt }: RunRecord): Html {
  const total = sumUsage(usage)
  const analyses = iterations.flatMap(({ roles }) => roles.flatMap(({ analysis }) => analysis ?? []))
  const failed = analyses.filter(({ ok }) => !ok).length
  const citations = analyses.flatMap((analysis) => analysis.citations)
  const verified = citations.filter((citation) => citation.verified).length
  return html`<dl class="facts">
${tile('Iterations', formatCount(iterations.length), '')}
${tile('Time', formatDuration(secondsBetween(startedAt, endedAt)), '')}
${total.turns > 0 && tokensTile(total)}
${total.cost_usd !== null && tile('Cost', `$${formatUsd(total.cost_usd)}`, total.unpriced > 0 ? `${countOf(total.unpriced, 'turn')} without a price` : '')}
${analyses.length > 0 && tile('Analyses', formatCount(analyses.length), failed > 0 ? `${failed} failed` : 'none failed')}
${citations.length > 0 && tile('Citations verified', `${verified} of ${citations.length}`, '')}
</dl>`
}

function tokensTile({ turns, unknown, input_tokens, output_tokens }: Totals): Html {
  if (input_tokens === null || output_tokens === null) return tile('Tokens', 'unknown', 'no turn told them')
  const some = unknown > 0 ? `; ${unknown} of ${countOf(turns, 'turn')} told none` : ''
  return tile('Tokens', `${shortCount(input_tokens)} in`, `${shortCount(output_tokens)} out${some}`)
}

function tile(name: string, value: string, note: string): Html {
  return html`<div class="card"><dt>${name}</dt><dd>${value}</dd>${note !== '' && html`<dd>${note}</dd>`}</div>`
}

function earlierSection(runs: readonly EarlierRun[]): Html {
  if (runs.length === 0) return html``
  return html`<section id="earlier">
<h2>Earlier runs</h2>
<div class="card scroll"><table class="text">
<thead><tr><th scope="col">Started</th><th scope="col">Iterations</th><th scope="col">Time</th><th scope="col">Ended</th></tr></thead>
<tbody>${runs.toReversed().map(({ startedAt, endedAt, iterations, outcome }) => html`<tr><td>${formatTime(startedAt)}</td><td>${iterations}</td><td>${formatDuration(secondsBetween(startedAt, endedAt))}</td><td>${outcomeChip(outcome)}</td></tr>`)}</tbody>
</table></div>
</section>`
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
