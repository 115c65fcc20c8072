// rlm daemon: warm sandboxes that wait for runs.
import { join } from 'node:path'
import { daemonStatus, startDaemon, stopDaemon } from '../../daemon/lifecycle.ts'
import type { Status } from '../../daemon/protocol.ts'
import { daemonFolder } from '../../daemon/record.ts'
import { findPython } from '../../sandboxes/find-python.ts'
import { type FlagTable, parseFlags, readChoice, readNumber, usage } from '../flags.ts'
import type { Command } from '../main.ts'

const flags: FlagTable = { workers: 'text', 'idle-seconds': 'text', format: 'text' }
const actions = ['start', 'stop', 'status'] as const

export const daemon: Command = async (argv) => {
  const { values, positionals } = parseFlags(argv, flags)
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
}

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
