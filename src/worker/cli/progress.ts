// What a person or a program sees of a run on standard error while it goes on.
import { withoutSteering } from '../lib/terminal-text.ts'
import { cutText } from '../lib/whole-text.ts'
import { formatUsd } from '../rlm/budget.ts'
import type { EventSink, RunEvent } from '../rlm/ports.ts'
import type { ProgressMode } from './door-options.ts'

export interface Progress {
  readonly emit: EventSink
  /** Takes the live line away. */
  end(): void
}

export interface ProgressOptions {
  /** What stands before plain lines. */
  readonly name?: string
  /** Of the whole run: the live line then tells how many are left. */
  readonly seconds?: number
  /** Plain lines hold whole codes and outputs. */
  readonly verbose?: boolean
}

/** `auto`: a live line on a terminal, nothing elsewhere. */
export function openProgress(
  mode: ProgressMode,
  stream: NodeJS.WriteStream,
  options: ProgressOptions = {},
): Progress {
  if (mode === 'json')
    return { emit: (event) => void stream.write(`${JSON.stringify(event)}\n`), end: () => {} }
  const { name = 'rlms', verbose = false } = options
  if (verbose && mode !== 'none') return { emit: (event) => writeWhole(stream, name, event), end: () => {} }
  if (mode === 'plain') return { emit: (event) => writeLine(stream, name, describe(event)), end: () => {} }
  if (mode === 'none' || !stream.isTTY) return { emit: () => {}, end: () => {} }
  return openLiveLine(stream, options.seconds)
}

function openLiveLine(stream: NodeJS.WriteStream, seconds: number | undefined): Progress {
  const subCalls = new Set<string>()
  let spent: Spent | undefined
  const line = startLiveLine(stream, (elapsed) => [
    ...(subCalls.size > 0 ? [`${subCalls.size} in flight`] : []),
    ...(spent
      ? [`${spent.tokens} tokens`, ...(spent.costUsd === null ? [] : [formatUsd(spent.costUsd)])]
      : []),
    ...(seconds === undefined ? [] : [`${Math.max(0, Math.round(seconds - elapsed))} s left`]),
  ])
  return {
    emit(event) {
      if (event.type === 'call_start' && event.purpose === 'sub') subCalls.add(event.id)
      if (event.type === 'call_end') {
        subCalls.delete(event.id)
        spent = event.spent
      }
      // the line of code that asks says more than the name of a question
      line.show(event.type === 'call_start' ? null : describe(event))
    },
    end: line.end,
  }
}

interface LiveLine {
  /** Null: what is shown stays. */
  show(text: string | null): void
  /** Takes the line away until something is shown again. */
  clear(): void
  end(): void
}

/** A line on a terminal that tells what goes on, and for how long; behind it what `more` gives. */
export function startLiveLine(
  stream: NodeJS.WriteStream,
  more: (elapsedSeconds: number) => readonly string[] = () => [],
): LiveLine {
  const started = Date.now()
  let text = 'starting'
  const draw = () => {
    const elapsed = Math.round((Date.now() - started) / 1000)
    const line = `${elapsed} s  ${[text, ...more(elapsed)].join(' · ')}`
    stream.write(`\r\x1b[2K${cutText(line, (stream.columns || 80) - 1)}`)
  }
  const clear = () => void stream.write('\r\x1b[2K')
  const timer = setInterval(draw, 1000)
  timer.unref()
  return {
    show(next) {
      text = next ?? text
      draw()
    },
    clear,
    end() {
      clearInterval(timer)
      clear()
    },
  }
}

type Spent = Extract<RunEvent, { type: 'call_end' }>['spent']

function writeLine(stream: NodeJS.WriteStream, name: string, text: string | null): void {
  if (text !== null) stream.write(`${name}: ${text}\n`)
}

/** Codes and outputs as they are, but for what would steer the terminal. */
function writeWhole(stream: NodeJS.WriteStream, name: string, event: RunEvent): void {
  const block = (text: string) => stream.write(`${withoutSteering(text.trimEnd()).replace(/^/gm, '  ')}\n`)
  writeLine(stream, name, describe(event))
  if (event.type === 'code') block(event.code)
  if (event.type === 'step_end' && event.output !== '') block(event.output)
}

function describe(event: RunEvent): string | null {
  switch (event.type) {
    case 'context':
      return describeContext(event)
    case 'route':
      return event.kind === 'direct'
        ? `one direct call: ${event.reason}`
        : `code in a loop, to depth ${event.max_depth}: ${event.reason}`
    case 'run_start':
      return `${indent(event.depth)}run ${event.run}: ${event.documents} documents, ${firstLine(event.task)}`
    case 'step_start':
      return `step ${event.step} of run ${event.run}: asking for code`
    case 'code':
      return `step ${event.step} of run ${event.run}: ${event.code.split('\n').length} lines of code, ${firstLine(event.code)}`
    case 'step_end':
      return `step ${event.step} of run ${event.run}: ${event.ok ? 'done' : `failed, ${firstLine(event.error ?? '')}`}`
    case 'call_start':
      return event.purpose === 'sub' ? `sub-call ${event.id}, ${event.inFlight} in flight` : null
    case 'call_end':
      return event.ok ? null : `call ${event.id} failed`
    case 'run_end':
      return null
  }
}

function describeContext({
  documents,
  bytes,
  tokens,
  kinds,
  skipped,
}: Extract<RunEvent, { type: 'context' }>) {
  const most = Object.entries(kinds).sort(([, a], [, b]) => b - a)
  const shown = most.slice(0, 4).map(([kind, count]) => `${count} ${kind}`)
  if (most.length > 4) shown.push('…')
  const left = Object.entries(skipped).filter(([, count]) => count > 0)
  const leftOut = left.map(([why, count]) => `${count} ${why.replaceAll('_', ' ')}`).join(', ')
  const files = documents === 1 ? '1 document' : `${documents} documents`
  return `context: ${files}, ${formatBytes(bytes)}, about ${tokens} tokens (${shown.join(', ')})${leftOut === '' ? '' : `; left out: ${leftOut}`}`
}

function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`
}

function indent(depth: number): string {
  return '  '.repeat(depth)
}

/** Without control characters: what a model wrote must not steer the terminal. */
function firstLine(text: string): string {
  const line = (text.trim().split('\n', 1)[0] ?? '').replace(/\p{Cc}/gu, ' ')
  return line.length > 100 ? `${cutText(line, 99)}…` : line
}
