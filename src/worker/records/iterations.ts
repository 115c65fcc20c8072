// The iterations of a run, from its events: what each came to by the gates, who played, what analyses found.
import { join } from 'node:path'
import { type Fields, fieldsOf, numberOf, textOf } from '../lib/fields.ts'
import { type Analysis, readAnalysis } from './analysis.ts'
import type { UsageEntry } from './usage-entry.ts'

export interface Iteration {
  readonly number: number
  readonly startedAt: string
  readonly endedAt: string
  /** Null until the gates were judged. */
  readonly complete: boolean | null
  readonly gates: readonly Gate[]
  readonly roles: readonly RoleTurn[]
  /** Events of kinds that have no place of their own. */
  readonly others: readonly Fields[]
}

export interface Gate {
  readonly name: string
  readonly verdict: string
}

export interface RoleTurn {
  readonly role: string
  readonly startedAt: string
  readonly endedAt: string
  /** Empty while it runs, or when it was killed. */
  readonly status: string
  readonly logFile: string
  readonly decision: Decision | null
  readonly analysis: Analysis | null
  readonly usage: readonly UsageEntry[]
}

export interface Decision {
  readonly shouldRun: boolean
  readonly reason: string
  /** The file that asked for it, as seen from the repository; empty when none did. */
  readonly requestedIn: string
  readonly mode: string
  readonly files: number
  readonly lines: number
  readonly tokens: number
}

export function readIterations(
  events: readonly Fields[],
  loopDir: string,
  usage: readonly UsageEntry[],
): Iteration[] {
  const groups = new Map<number, Fields[]>()
  let started = false
  for (const event of events) {
    started ||= event.event === 'iteration_start'
    if (!started) continue
    const number = numberOf(event.iteration)
    const group = groups.get(number)
    if (group) group.push(event)
    else groups.set(number, [event])
  }
  return [...groups].map(([number, group]) => readIteration(number, group, loopDir, usage))
}

/** What the page shows at its own place, and what only marks a begin or an end. */
const ownKinds = /^(?:loop|iteration|role|rlms)_|_(?:start|end|checked|evaluated)$/

function readIteration(
  number: number,
  events: readonly Fields[],
  loopDir: string,
  usage: readonly UsageEntry[],
): Iteration {
  const judged = fieldsOf(events.findLast(({ event }) => event === 'gates_evaluated')?.data)
  const answer = events.findLast(({ event }) => /^approval_(?:consumed|rejected)$/.test(textOf(event)))
  const verdicts = answer === undefined ? judged : { ...judged, approval: answer.status }
  const end = events.findLast(({ event }) => event === 'iteration_end')
  const roles = [
    ...new Set(events.map(({ role, event }) => (/^(?:role|rlms)_/.test(textOf(event)) ? textOf(role) : ''))),
  ]
  return {
    number,
    startedAt: textOf(events[0]?.timestamp),
    endedAt: textOf((end ?? events.at(-1))?.timestamp),
    complete:
      end === undefined
        ? null
        : fieldsOf(end.data).completion === true || answer?.event === 'approval_consumed',
    gates: Object.entries(verdicts).flatMap(([name, value]) => {
      const verdict = verdictOf(value)
      return verdict === '' ? [] : [{ name, verdict }]
    }),
    roles: roles
      .filter((role) => /^\w+$/.test(role))
      .map((role) => {
        const turns = usage.filter((entry) => entry.iteration === number && entry.role === role)
        return readTurn(
          role,
          events.filter((event) => event.role === role),
          join(loopDir, 'rlms', `iter-${number}`, role),
          turns,
        )
      }),
    others: events.filter(({ event }) => !ownKinds.test(textOf(event))),
  }
}

function readTurn(
  role: string,
  events: readonly Fields[],
  folder: string,
  usage: readonly UsageEntry[],
): RoleTurn {
  const last = (kind: RegExp) => events.findLast(({ event }) => kind.test(textOf(event)))
  const start = last(/^role_start$/)
  const end = last(/^role_(?:end|timeout)$/)
  const decision = fieldsOf(last(/^rlms_decision$/)?.data)
  const ended = last(/^rlms_end$/)
  return {
    role,
    startedAt: textOf((start ?? events[0])?.timestamp),
    endedAt: textOf(end?.timestamp),
    status: textOf(end?.status),
    logFile: textOf(fieldsOf(start?.data).log_file),
    decision: Object.keys(decision).length === 0 ? null : readDecision(decision),
    analysis: ended === undefined ? null : readAnalysis(folder, ended),
    usage,
  }
}

function readDecision({ should_run, reason, requested_in, mode, metrics }: Fields): Decision {
  const { file_count, line_count, estimated_tokens } = fieldsOf(metrics)
  return {
    shouldRun: should_run === true,
    reason: textOf(reason),
    requestedIn: textOf(requested_in),
    mode: textOf(mode),
    files: numberOf(file_count),
    lines: numberOf(line_count),
    tokens: numberOf(estimated_tokens),
  }
}

function verdictOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'ok' : 'no'
  return textOf(value)
}
