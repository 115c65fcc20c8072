// Verdicts as small labels: a sign and a word, so that colour is never the only difference. And the colours of roles.
import type { Outcome } from '../records/run-record.ts'
import { type Html, html } from './html.ts'

type Tone = 'ok' | 'bad' | 'wait' | 'none'

const signs: Readonly<Record<Tone, string>> = { ok: '✓ ', bad: '✕ ', wait: '◷ ', none: '' }

export function chip(text: string, tone: Tone): Html {
  return html`<span class="chip${tone === 'none' ? '' : ` ${tone}`}">${signs[tone]}${text}</span>`
}

const good = new Set(['ok', 'true', 'approved', 'passed', 'complete'])
const open = new Set(['pending', 'waiting', 'remaining', 'running', 'partial'])
const idle = new Set(['skipped', 'n/a', 'disabled'])

/** Of a gate's verdict, or of a count towards a limit such as `2/3`. */
export function toneOf(verdict: string): Tone {
  if (good.has(verdict)) return 'ok'
  const [count, limit] = verdict.split('/').map(Number)
  if (idle.has(verdict) || count === 0) return 'none'
  return open.has(verdict) || (count !== undefined && limit !== undefined && count < limit) ? 'wait' : 'bad'
}

export function isIdle(verdict: string): boolean {
  return idle.has(verdict)
}

export function outcomeBadge(outcome: Outcome): Html {
  return html`<span class="badge ${outcomeTone(outcome)}">${outcomeWords(outcome)}</span>`
}

export function outcomeChip(outcome: Outcome): Html {
  return html`<span class="chip ${outcomeTone(outcome)}">${outcomeWords(outcome)}</span>`
}

function outcomeTone({ kind }: Outcome): Tone {
  if (kind === 'complete') return 'ok'
  return kind === 'running' ? 'wait' : 'bad'
}

function outcomeWords(outcome: Outcome): string {
  const { kind, reason } = outcome
  const words = `${kind[0]!.toUpperCase()}${kind.slice(1)}${reason === '' ? '' : `: ${reason.replaceAll('_', ' ')}`}`
  return signs[outcomeTone(outcome)] + words
}

const roles = new Set(['planner', 'implementer', 'tester', 'reviewer'])

/** The style of a role's colour. */
export function roleClass(role: string): string {
  return roles.has(role) ? role : 'rest'
}
