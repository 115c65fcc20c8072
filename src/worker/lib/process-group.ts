// Child processes as groups of their own, and ending all of a group: TERM, a grace, KILL, then whoever left the group.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Set in the environment of a group's processes, so that one that moved to a session of its own is still found. */
const tagVariable = 'SUPERLOOP_PROCESS_TAG'
const live = new Map<number, string | undefined>()

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
 * they are gone. `tag` is needed only for a group that another process started.
 */
export async function endGroup(pid: number, graceMs: number, tag = live.get(pid)): Promise<void> {
  signalGroup(pid, 'SIGTERM')
  const end = Date.now() + graceMs
  while (groupIsAlive(pid) && Date.now() < end) await sleep(10)
  signalGroup(pid, 'SIGKILL')
  killTagged(tag)
  forget(pid)
}

/** Whether `pid` runs and was started with this tag; false where the system can't tell. */
export function hasTag(pid: number, tag: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${tagVariable}=${tag}`)
  } catch {
    return false
  }
}

export function groupIsAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
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
    killTagged(tag)
  }
}

// Agent programs start their tools with setsid, out of reach of a signal to the group. Linux shows their environment.
function killTagged(tag: string | undefined): void {
  if (tag === undefined || process.platform !== 'linux') return
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || !hasTag(pid, tag)) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it has ended meanwhile
    }
  }
}
