// A role's turn: what it took, whether it got an analysis and why, what the analysis found.
import type { Decision, RoleTurn } from '../records/iterations.ts'
import { formatUsd, sumUsage } from '../records/usage-totals.ts'
import { analysisView } from './analysis-view.ts'
import { chip, roleClass, toneOf } from './badge.ts'
import { countOf, cut, formatCount, formatDuration, secondsBetween } from './format.ts'
import { type Html, html } from './html.ts'
import type { Links } from './links.ts'

const messageLimit = 6000

export function roleSection(turn: RoleTurn, links: Links, message: string): Html {
  const { role, startedAt, endedAt, status, decision, analysis, logFile } = turn
  return html`<section class="role">
<div class="head"><h3><i class="${roleClass(role)}"></i>${role}</h3>
${status === '' ? chip('not ended', 'wait') : status !== 'ok' && chip(status, toneOf(status))}
<span class="soft small">${[
    endedAt !== '' && formatDuration(secondsBetween(startedAt, endedAt)),
    ...usageWords(turn),
  ]
    .filter((word) => word !== false)
    .join(' · ')}</span>
${logFile !== '' && html`<a class="small" href="${links.toFile(logFile)}">log</a>`}</div>
<div class="body">
${decision !== null && decisionLine(decision)}
${analysis !== null && analysisView(analysis, links)}
${message !== '' && html`<details class="more"><summary>Last message</summary><pre>${cut(message, messageLimit)}</pre></details>`}
</div>
</section>
`
}

/** Of the runner alone; the analysis tells its own. */
function usageWords({ usage }: RoleTurn): string[] {
  const own = usage.filter(({ source }) => source === 'runner')
  const models = [
    ...new Set(
      own.flatMap(({ model, models: shares }) => shares?.map((share) => share.model) ?? model ?? []),
    ),
  ]
  const { input_tokens, output_tokens, cost_usd, turns } = sumUsage(own)
  const tokens =
    input_tokens === null || output_tokens === null
      ? ['unknown tokens']
      : turns === 0
        ? []
        : [`${formatCount(input_tokens)} tokens in, ${formatCount(output_tokens)} out`]
  return [...models, ...tokens, ...(cost_usd === null ? [] : [`$${formatUsd(cost_usd)}`])]
}

const reasons: Readonly<Record<string, string>> = {
  disabled: 'analyses are off',
  role_disabled: 'they are off for this role',
  force_off: 'the policy forbids them',
  force_on: 'the policy asks for one every time',
  auto_threshold: 'the context is large',
  auto_not_met: 'the context is below every threshold',
  requested_keyword: 'it was asked for',
  request_not_found: 'none was asked for',
  hybrid_requested: 'it was asked for',
  hybrid_auto: 'the context is large',
  hybrid_not_met: 'the context is small and none was asked for',
}

function decisionLine({ shouldRun, reason, requestedIn, files, lines, tokens }: Decision): Html {
  const size =
    files === 0
      ? ''
      : ` of ${countOf(files, 'file')}, ${countOf(lines, 'line')}, about ${countOf(tokens, 'token')}`
  const where = requestedIn === '' || !reason.includes('requested') ? '' : ` in ${requestedIn}`
  const why = `${reasons[reason] ?? reason}${where}`
  return html`<p class="small">${shouldRun ? `Analysis${size}` : 'No analysis'}: ${why} <code class="soft">${reason}</code></p>`
}
