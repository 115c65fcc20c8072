// What a person or a program sees of a goal's run: the run's id, then a line for each iteration; or one event a line.
import type { GoalEvent, GoalSink } from '../../goal/events.ts'
import { cutText } from '../../lib/whole-text.ts'
import { startLiveLine } from '../progress.ts'

export interface GoalOutput {
  readonly emit: GoalSink
  end(): void
}

export function openGoalOutput(json: boolean): GoalOutput {
  if (json) return { emit: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`), end: () => {} }
  const live = process.stderr.isTTY ? startLiveLine(process.stderr) : null
  return {
    emit(event) {
      const text = describeEvent(event)
      if (text === null) return live?.show(describePhase(event))
      live?.clear()
      const stream =
        event.type === 'warning' || event.type === 'turn_failed' ? process.stderr : process.stdout
      stream.write(`${text}\n`)
    },
    end: () => live?.end(),
  }
}

/** Null for what is only shown while it lasts. */
function describeEvent(event: GoalEvent): string | null {
  switch (event.type) {
    case 'run':
      return event.resumed_at === null
        ? `run ${event.run_id}`
        : `run ${event.run_id}, going on at iteration ${event.resumed_at}`
    case 'validator':
      return `validator: ${event.command ?? 'none'}${event.reason === event.command ? '' : `\n  why: ${event.reason}`}`
    case 'agent':
      return `agent: ${event.name}, ${event.mode}${event.roles === 'triad' ? ', planner, critic and reviser' : ''}`
    case 'warning':
      return `warning: ${event.message}`
    case 'phase':
      return null
    case 'turn_failed': {
      const next = event.retry_in_seconds === null ? '' : `; again in ${event.retry_in_seconds} s`
      return `iteration ${event.iteration}: the ${event.role}'s turn failed: ${inLine(event.error)}${next}`
    }
    case 'iteration':
      return describeIteration(event)
    case 'end':
      return `${event.status.replaceAll('_', ' ')}: ${inLine(event.reason)} (${event.seconds} s)`
  }
}

function describeIteration(event: Extract<GoalEvent, { type: 'iteration' }>): string {
  const { iteration, verdict, reason, seconds, diff, summary, decisive_changes: decisive } = event
  const judged = verdict === 'none' ? 'done' : `${verdict.replace('_', ' ')} (${inLine(reason)})`
  const size = `${diff.files} ${diff.files === 1 ? 'file' : 'files'} +${diff.insertions} -${diff.deletions}`
  const said = summary === '' ? '' : `  ${inLine(summary)}`
  const touched =
    decisive.length === 0
      ? ''
      : `\n   ${event.put_back ? 'put back' : 'the agent changed'} what decides the validator: ${decisive.slice(0, 8).join(', ')}${decisive.length > 8 ? `, and ${decisive.length - 8} more` : ''}`
  return `${String(iteration).padStart(3)}  ${judged}  ${seconds} s${iteration === 0 ? '' : `  ${size}`}${said}${touched}`
}

function describePhase(event: GoalEvent): string | null {
  if (event.type !== 'phase') return null
  if (event.iteration === 0) return 'before any agent: validator'
  const of = event.of === null ? '' : ` of ${event.of}`
  return `iteration ${event.iteration}${of}: ${event.what}`
}

/** Without line ends and control characters: what an agent wrote must not steer the terminal. */
function inLine(text: string): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim()
  return line.length > 240 ? `${cutText(line, 239)}…` : line
}
