// What keeps a loop that is not complete from being so: the gates that do not hold, with what they say.
import type { RunRecord } from '../records/run-record.ts'
import { chip, toneOf } from './badge.ts'
import { type Html, html } from './html.ts'

/** The gates of the last iteration that do not hold. */
export function openGates({ iterations }: RunRecord): string[] {
  const gates = iterations.at(-1)?.gates ?? []
  return gates.filter(({ verdict }) => ['bad', 'wait'].includes(toneOf(verdict))).map(({ name }) => name)
}

export function openGatesSection(run: RunRecord, texts: ReadonlyMap<string, string>): Html {
  const names = run.outcome.kind === 'complete' ? [] : openGates(run)
  if (names.length === 0) return html``
  const gates = run.iterations.at(-1)?.gates.filter(({ name }) => names.includes(name)) ?? []
  return html`<section id="open">
<h2>What is open</h2>
<div class="card inside">${gates.map(
    ({ name, verdict }) => html`<section class="role">
<div class="head"><h3>${name}</h3>${chip(verdict, toneOf(verdict))}</div>
${(texts.get(name) ?? '') !== '' && html`<div class="body"><pre>${texts.get(name) ?? ''}</pre></div>`}
</section>`,
  )}</div>
</section>`
}
