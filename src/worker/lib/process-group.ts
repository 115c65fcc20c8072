// Child processes as groups of their own, and ending all of a group: TERM, a grace, KILL, then whoever left the group.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Set in the environment of a group's processes, so that one that moved to a session of its own is still found. */
export const tagVariable = 'SUPERLOOP_PROCESS_TAG'
const live = new Map<number, string | undefined>()
/** How long a process that was killed may take to be gone. */
const killedMs = 1000

export interface GroupOptions {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdio: SpawnOptions['stdio']
  /** A word of its own for the environment, by which processes that left the group are found. */
  readonly tag?: string
}

/** Starts `argv` as the leader of a new process group. The caller ends it, or sees it end. */
export function startGroup(argv: readonly [string, ...string[]], options: GroupOptions): ChildProcess {
  const { tag } = options
  const child = spawn(argv[0], argv.slice(1), {
    ...(options.stdio === undefined ? {} : { stdio: options.stdio }),
    cwd: options.cwd,
    env: tag === undefined ? options.env : { ...options.env, [tagVariable]: tag },
    detached: true,
  })
  const { pid } = child
  if (pid !== undefined) {
    if (live.size === 0) process.once('exit', killAll)
    live.set(pid, tag)
    child.once('exit', () => {
      if (!groupIsAlive(pid)) forget(pid)
    })
  }
  return child
}

/**
 * Ends every process of a group: TERM, up to `graceMs`, then KILL; last, who left it but bears its tag. Resolves when
 * they are gone. `tag` is needed for a group that another process started, and for one whose leader has ended.
 */
export async function endGroup(pid: number, graceMs: number, tag = live.get(pid)): Promise<void> {
  signalGroup(pid, 'SIGTERM')
  await until(() => !groupIsAlive(pid), graceMs)
  signalGroup(pid, 'SIGKILL')
  await until(() => !groupIsAlive(pid), killedMs)
  if (tag !== undefined) await endTagged(tag)
  forget(pid)
}

/** Ends whoever bears this tag, in whichever group; resolves when they are gone. */
export async function endTagged(tag: string): Promise<void> {
  await until(() => killTagged(tag) === 0, killedMs)
}

/** Whether `pid` runs and was started with this tag; false where the system can't tell. */
export function hasTag(pid: number, tag: string): boolean {
  return bearsTag(String(pid), entryOf(tag))
}

/** Whether a process of the group runs; one that has ended, but that nobody has collected, does not. */
export function groupIsAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  return runsInGroup(String(pid), pid) || processIds().some((name) => runsInGroup(name, pid))
}

/** By proc(5): behind the name in parentheses stand state, parent and group. */
function runsInGroup(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, , ownGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(ownGroup) === group && state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}

function processIds(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // the group has ended by itself
  }
}

function forget(pid: number): void {
  live.delete(pid)
  if (live.size === 0) process.removeListener('exit', killAll)
}

function killAll(): void {
  for (const [pid, tag] of live) {
    signalGroup(pid, 'SIGKILL')
    if (tag !== undefined) killTagged(tag)
  }
}

/** Agent programs start their tools with setsid, out of reach of a signal to the group. How many there were. */
function killTagged(tag: string): number {
  if (process.platform !== 'linux') return 0
  const entry = entryOf(tag)
  const bearers = processIds().filter((name) => bearsTag(name, entry))
  for (const name of bearers) {
    try {
      process.kill(Number(name), 'SIGKILL')
    } catch {
      // it has ended meanwhile
    }
  }
  return bearers.length
}

// Linux shows the environment that a process was started with, as bytes; one that was killed has none any more.
function bearsTag(pid: string, entry: Buffer): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`)
    const at = environment.indexOf(entry)
    return at === 0 || (at > 0 && environment[at - 1] === 0)
  } catch {
    return false
  }
}

function entryOf(tag: string): Buffer {
  return Buffer.from(`${tagVariable}=${tag}\0`)
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition() && Date.now() < end) await sleep(10)
}
