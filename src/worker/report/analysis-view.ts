// An analysis: what it found, and where that stands.
import type { Analysis, Citation } from '../records/analysis.ts'
import { chip } from './badge.ts'
import { countOf, cut, formatDuration } from './format.ts'
import { type Html, html } from './html.ts'
import type { Links } from './links.ts'

const limits = { highlights: 12, citations: 20, highlight: 400, snippet: 400 }

export function analysisView(analysis: Analysis, links: Links): Html {
  const { highlights, citations, folder } = analysis
  const verified = citations.filter((citation) => citation.verified).length
  return html`${!analysis.ok && failure(analysis)}
<ul class="points">${highlights.slice(0, limits.highlights).map((text) => html`<li>${cut(text, limits.highlight)}</li>`)}</ul>
${
  citations.length > 0 &&
  html`<details class="more"><summary>${countOf(citations.length, 'citation')}, ${verified} verified</summary>
<ul class="citations">${citations.slice(0, limits.citations).map((citation) => citationItem(citation, links))}</ul>
${leftOut(citations.length, limits.citations, 'citation')}</details>`
}
<p class="soft small">${facts(analysis)} · <a href="${links.toFile(`${folder}/summary.md`)}">summary</a> · <a href="${links.toFile(`${folder}/result.json`)}">result</a> · <a href="${links.toFile(`${folder}/journal.jsonl`)}">journal</a></p>`
}

function failure({ error, errorCode, errorFix, partial }: Analysis): Html {
  return html`<div class="notice bad small"><strong>The analysis failed</strong>${errorCode !== '' && html` <code>${errorCode}</code>`}: ${error || 'it left no reason'}${errorFix !== '' && html`<br>${errorFix}`}${partial && html`<br>What it had found by then is kept.`}</div>`
}

function citationItem(
  { path, startLine, endLine, signal, snippet, verified, reason }: Citation,
  links: Links,
): Html {
  const place = `${links.nameOf(path)}:${startLine}${endLine > startLine ? `–${endLine}` : ''}`
  return html`<li>${verified ? html`<a class="mono" href="${links.toLine(path, startLine, snippet)}">${place}</a>` : html`<span class="mono">${place}</span>`}
${chip(verified ? 'verified' : 'not verified', verified ? 'ok' : 'bad')} <span class="soft small">${signal}${reason !== '' && `: ${reason}`}</span>
${snippet.trim() !== '' && html`<pre>${cut(snippet, limits.snippet)}</pre>`}</li>`
}

function facts({ seconds, steps, subcalls, files, sandbox }: Analysis): string {
  return [
    seconds > 0 && formatDuration(seconds),
    files > 0 && countOf(files, 'file'),
    steps > 0 && countOf(steps, 'step'),
    subcalls > 0 && countOf(subcalls, 'sub-call'),
    sandbox.length > 0 && `sandbox ${sandbox[0]} (${sandbox.slice(1).join(', ')})`,
  ]
    .filter((fact) => fact !== false)
    .join(' · ')
}

function leftOut(count: number, shown: number, noun: string): Html | false {
  return (
    count > shown &&
    html`<p class="soft small">and ${countOf(count - shown, `more ${noun}`)}, in the result</p>`
  )
}
