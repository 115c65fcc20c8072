// What a person or a program sees of a run on standard error while it goes on.
import { cutText } from '../lib/whole-text.ts'
import type { EventSink, RunEvent } from '../rlm/ports.ts'
import type { ProgressMode } from './door-options.ts'

export interface Progress {
  readonly emit: EventSink
  /** Takes the live line away. */
  end(): void
}

/** `auto`: a live line on a terminal, nothing elsewhere. */
export function openProgress(mode: ProgressMode, stream: NodeJS.WriteStream): Progress {
  if (mode === 'json')
    return { emit: (event) => void stream.write(`${JSON.stringify(event)}\n`), end: () => {} }
  if (mode === 'plain') return { emit: (event) => writeLine(stream, describe(event)), end: () => {} }
  if (mode === 'none' || !stream.isTTY) return { emit: () => {}, end: () => {} }
  return openLiveLine(stream)
}

function openLiveLine(stream: NodeJS.WriteStream): Progress {
  const line = startLiveLine(stream)
  return {
    emit: (event) => line.show(describe(event)),
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

/** A line on a terminal that tells what goes on, and for how long. */
export function startLiveLine(stream: NodeJS.WriteStream): LiveLine {
  const started = Date.now()
  let text = 'starting'
  const draw = () => {
    const line = `${Math.round((Date.now() - started) / 1000)} s  ${text}`
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

function writeLine(stream: NodeJS.WriteStream, text: string | null): void {
  if (text !== null) stream.write(`rlms: ${text}\n`)
}

function describe(event: RunEvent): string | null {
  switch (event.type) {
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

function indent(depth: number): string {
  return '  '.repeat(depth)
}

/** Without control characters: what a model wrote must not steer the terminal. */
function firstLine(text: string): string {
  const line = (text.trim().split('\n', 1)[0] ?? '').replace(/\p{Cc}/gu, ' ')
  return line.length > 100 ? `${cutText(line, 99)}…` : line
}
