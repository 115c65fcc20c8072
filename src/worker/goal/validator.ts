// Runs the command that judges: in the repository's root, its output to a file of any size, ended with all it started
// when its time is over.
import { closeSync, openSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import { openDeadline } from '../lib/deadline.ts'
import { endGroup, endTagged, startGroup } from '../lib/process-group.ts'
import { withPath } from './errors.ts'
import type { VerdictName } from './goal.ts'
import { round } from './record.ts'

export interface Judgement {
  readonly verdict: VerdictName
  /** In words, for people and for the agent. */
  readonly reason: string
  readonly exitStatus: number | null
  readonly signal: string | null
  readonly seconds: number
}

export interface ValidatorCall {
  readonly command: string
  readonly root: string
  /** Where its output goes. */
  readonly log: string
  readonly timeoutSeconds: number
}

/** How long it may take to clean up when it must end; then it is killed. When the run itself must end, there is less. */
const graceMs = 1000
const hurriedGraceMs = 200
const maxOutputMiB = 1024
const pollMs = 200

/** Rejects with the signal's reason; its processes have then been ended. */
export async function runValidator(call: ValidatorCall, signal: AbortSignal): Promise<Judgement> {
  const { command, root, log, timeoutSeconds } = call
  signal.throwIfAborted()
  const started = performance.now()
  const output = withPath(log, 'written', () => openSync(log, 'w'))
  const late = new Error('its time is over')
  const deadline = openDeadline(timeoutSeconds * 1000, signal, () => late)
  try {
    // What a killed runner left of this validator ends first: it is found by its log.
    const options = { cwd: root, env: process.env, stdio: ['ignore', output, output] as const, tag: log }
    const child = startGroup(['/bin/sh', '-c', command], { ...options, stdio: [...options.stdio] })
    const exited = new Promise<Exit>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (status, name) => resolve({ status, signal: name }))
    })
    const { pid } = child
    if (pid === undefined) return await exited.then(() => cannotRun('the shell did not start', 127, started))
    const limits = watch(log, deadline.signal)
    try {
      const exit = await Promise.race([exited, limits.broken])
      return exit === 'too large' ? tooLarge(started) : judge(exit, command, started)
    } catch (error) {
      if (error !== late) throw error
      return timedOut(timeoutSeconds, started)
    } finally {
      limits.close()
      await endGroup(pid, signal.aborted ? hurriedGraceMs : graceMs, log)
    }
  } finally {
    deadline.close(late)
    closeSync(output)
  }
}

/** Ends what a runner that was killed left of this validator. */
export function endLeftOver({ log }: Pick<ValidatorCall, 'log'>): Promise<void> {
  return endTagged(log)
}

interface Exit {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

function judge({ status, signal }: Exit, command: string, started: number): Judgement {
  const seconds = secondsSince(started)
  if (status === 0)
    return { verdict: 'passed', reason: 'exit status 0', exitStatus: 0, signal: null, seconds }
  if (status === 126) return cannotRun(`${command}: exit status 126, it may not be executed`, 126, started)
  if (status === 127) return cannotRun(`${command}: exit status 127, there is no such program`, 127, started)
  const name = signal ?? (status !== null && status > 128 ? signalName(status - 128) : undefined)
  const reason = name === undefined ? `exit status ${status}` : `ended by ${name}`
  return { verdict: 'failed', reason, exitStatus: status, signal: name ?? null, seconds }
}

function cannotRun(reason: string, exitStatus: number, started: number): Judgement {
  return { verdict: 'cannot_run', reason, exitStatus, signal: null, seconds: secondsSince(started) }
}

function timedOut(limit: number, started: number): Judgement {
  const reason = `not done after ${limit} s, and ended`
  return { verdict: 'timed_out', reason, exitStatus: null, signal: null, seconds: secondsSince(started) }
}

function tooLarge(started: number): Judgement {
  const reason = `printed more than ${maxOutputMiB} MiB, and was ended`
  return { verdict: 'failed', reason, exitStatus: null, signal: null, seconds: secondsSince(started) }
}

/** As the shell tells of a child that a signal ended. */
function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
}

function watch(log: string, signal: AbortSignal): { broken: Promise<'too large'>; close(): void } {
  let close = () => {}
  const broken = new Promise<'too large'>((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    const timer = setInterval(() => {
      if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > maxOutputMiB << 20) resolve('too large')
    }, pollMs)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    close = () => {
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
    }
  })
  return { broken, close: () => close() }
}

function secondsSince(started: number): number {
  return round((performance.now() - started) / 1000)
}
