// rlm daemon: warm sandboxes that wait for runs.
import { join } from 'node:path'
import { daemonStatus, startDaemon, stopDaemon } from '../../daemon/lifecycle.ts'
import type { Status } from '../../daemon/protocol.ts'
import { daemonFolder } from '../../daemon/record.ts'
import { findPython } from '../../sandboxes/find-python.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { readChoice, readNumber, usage } from '../flags.ts'

const actions = ['start', 'stop', 'status'] as const

const spec: CommandSpec = {
  name: 'rlm daemon',
  summary: 'keep locked-down sandboxes waiting for runs, so that one opens in a millisecond',
  operands: 'start | stop | status',
  actions,
  examples: ['rlm daemon start', 'rlm daemon status --format json', 'rlm daemon stop'],
  flags: [
    { name: 'workers', value: 'N', help: 'that wait (default 8)' },
    { name: 'idle-seconds', value: 'N', help: 'without a run, before it ends by itself (default 1800)' },
    { name: 'format', value: 'WORD', choices: ['text', 'json'], help: 'text or json (default text)' },
  ],
  notes: ['Exit status of status: 0 when one is running, else 1.'],
}

export const daemon = specify(spec, async ({ values, positionals }) => {
  const text = (name: string, fallback: string): string => {
    const value = values[name]
    return typeof value === 'string' ? value : fallback
  }
  const [word = '', ...more] = positionals
  if (more.length > 0) throw usage('rlm daemon takes one word', `Say one of ${actions.join(', ')}.`)
  const action = readChoice('rlm daemon', word, actions)
  const isJson = readChoice('--format', text('format', 'text'), ['text', 'json']) === 'json'
  const folder = daemonFolder()
  if (action === 'stop') return print(isJson, ...tellStop(await stopDaemon(folder)))
  if (action === 'status') return print(isJson, ...tellStatus(await daemonStatus(folder)))
  const { status, isNew } = await startDaemon(join(import.meta.dirname, 'daemon.cjs'), {
    folder,
    python: findPython().path,
    workers: readNumber('--workers', text('workers', '8'), { min: 1, max: 64 }),
    idle_seconds: readNumber('--idle-seconds', text('idle-seconds', '1800'), { min: 1, max: 2_000_000 }),
  })
  return print(
    isJson,
    { running: true, new: isNew, ...status },
    `${isNew ? 'started' : 'already running'}: ${describe(status)}`,
    0,
  )
})

type Told = [value: object, text: string, exit: number]

function tellStop(wasRunning: boolean): Told {
  return [{ running: false, stopped: wasRunning }, wasRunning ? 'stopped' : 'no daemon was running', 0]
}

/** Exit status 1 when there is none, for scripts. */
function tellStatus(status: Status | undefined): Told {
  if (!status) return [{ running: false }, 'no daemon is running; start one: rlm daemon start', 1]
  return [{ running: true, ...status }, `running: ${describe(status)}`, 0]
}

function describe({
  pid,
  version,
  python,
  started_at: since,
  idle,
  leased,
  served,
  memory_bytes: bytes,
}: Status): string {
  const memory = `${Math.round(bytes / 1e6)} MB`
  return `pid ${pid}, version ${version}, ${python}, ${idle} waiting, ${leased} in use, ${served} sessions since ${since}, ${memory}`
}

function print(isJson: boolean, value: object, text: string, exit: number): number {
  process.stdout.write(`${isJson ? JSON.stringify(value, null, 2) : text}\n`)
  return exit
}
