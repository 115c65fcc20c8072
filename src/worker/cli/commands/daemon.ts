// rlm daemon: warm sandboxes that wait for runs.
import { join } from 'node:path'
import { daemonStatus, startDaemon, stopDaemon } from '../../daemon/lifecycle.ts'
import type { Status } from '../../daemon/protocol.ts'
import { daemonFolder } from '../../daemon/record.ts'
import { findPython } from '../../sandboxes/find-python.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { type ParsedFlags, readChoice, readNumber, usage } from '../flags.ts'
import { printValue } from '../print-value.ts'
import { outputFormats } from '../settings/table.ts'

const actions = { start, stop, status }

const spec: CommandSpec = {
  name: 'rlm daemon',
  summary: 'keep locked-down sandboxes waiting, so that a run opens one in a millisecond',
  operands: 'start | stop | status',
  actions: Object.keys(actions),
  examples: ['rlm daemon start', 'rlm daemon status --format json', 'rlm daemon stop'],
  flags: [
    { name: 'workers', value: 'N', help: 'that wait (default 8)' },
    { name: 'idle-seconds', value: 'N', help: 'without a run, before it ends by itself (default 1800)' },
    { name: 'format', value: 'WORD', choices: outputFormats, help: 'text, json or yaml (default text)' },
  ],
  notes: ['Exit status of status: 0 when it serves, 1 when there is none.'],
}

interface Told {
  readonly value: object
  readonly text: string
  readonly exit: number
}

export const daemon = specify(spec, async ({ values, positionals }) => {
  const [word = '', ...more] = positionals
  if (more.length > 0) throw usage('rlm daemon takes one word', `Say one of ${spec.operands}.`)
  const action = actions[readChoice('rlm daemon', word, Object.keys(actions) as (keyof typeof actions)[])]
  const format = readChoice('--format', String(values.format ?? 'text'), outputFormats)
  const { value, text, exit } = await action(daemonFolder(), values)
  if (format === 'text') process.stdout.write(`${text}\n`)
  else await printValue(value, format)
  return exit
})

async function start(folder: string, values: ParsedFlags['values']): Promise<Told> {
  const number = (name: string, fallback: number, max: number) =>
    readNumber(`--${name}`, String(values[name] ?? fallback), { min: 1, max })
  const { status: serving, isNew } = await startDaemon(join(import.meta.dirname, 'daemon.cjs'), {
    folder,
    python: findPython().path,
    workers: number('workers', 8, 64),
    idle_seconds: number('idle-seconds', 1800, 2_000_000),
  })
  const text = `${isNew ? 'started' : 'already running'}: ${describeDaemon(serving)}`
  return { value: { running: true, new: isNew, ...serving }, text, exit: 0 }
}

async function stop(folder: string): Promise<Told> {
  const stopped = await stopDaemon(folder)
  return { value: { running: false, stopped }, text: stopped ? 'stopped' : 'no daemon was running', exit: 0 }
}

async function status(folder: string): Promise<Told> {
  const serving = await daemonStatus(folder)
  if (serving) {
    return { value: { running: true, ...serving }, text: `running: ${describeDaemon(serving)}`, exit: 0 }
  }
  const text = 'no daemon is running; start one: rlm daemon start'
  return { value: { running: false }, text, exit: 1 }
}

export function describeDaemon(serving: Status): string {
  const { pid, version, python, started_at: since, idle, leased, served, memory_bytes: bytes } = serving
  const memory = `${Math.round(bytes / 1e6)} MB`
  return `pid ${pid}, version ${version}, ${python}, ${idle} waiting, ${leased} in use, ${served} sessions since ${since}, ${memory}`
}
