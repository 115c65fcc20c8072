// What one call of a model program leaves on disk while it runs: its prompt, its output, its process and its exit
// status. A worker that is killed does not take a paid answer with it: whoever resumes finds the folder, waits for the
// program if it still runs, and reads what it said.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endGroup, groupIsAlive, hasTag, startGroup } from '../lib/process-group.ts'

export interface CallFolder {
  readonly path: string
  readonly promptFile: string
  readonly lastMessageFile: string
}

export interface Exit {
  /** Null when a signal ended the program. */
  readonly status: number | null
  readonly signal: string | null
}

export interface CallOutput {
  readonly stdout: string
  readonly stderr: string
  /** Empty when the program wrote none. */
  readonly lastMessage: string
}

export interface ProgramCall {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin: 'prompt' | 'closed'
}

/** An answer larger than this is no answer. */
export const maxOutputBytes = 64 << 20
const pollMs = 250
const graceMs = 2000

export function callFolder(path: string): CallFolder {
  return { path, promptFile: join(path, 'prompt'), lastMessageFile: join(path, 'last_message') }
}

/** Makes the folder anew, with the prompt in it. */
export function prepareFolder(folder: CallFolder, prompt: string): void {
  removeFolder(folder)
  mkdirSync(folder.path, { recursive: true, mode: 0o700 })
  writeFileSync(folder.promptFile, prompt)
}

export function removeFolder(folder: CallFolder): void {
  rmSync(folder.path, { recursive: true, force: true })
}

// The program is not run through a shell: dash only starts it, argument by argument, and notes its pid and exit status,
// which nobody else could tell once the worker is gone.
const noteTaker = 'echo $$ >"$0/pid"; "$@"; status=$?; echo $status >"$0/exit"; exit $status'

/** Runs the program to its end, or ends it with its whole group when the signal says so. Rejects with the signal's reason. */
export async function runProgram(folder: CallFolder, call: ProgramCall, signal: AbortSignal): Promise<Exit> {
  signal.throwIfAborted()
  const files = [
    openSync(call.stdin === 'prompt' ? folder.promptFile : '/dev/null', 'r'),
    openSync(join(folder.path, 'stdout'), 'w'),
    openSync(join(folder.path, 'stderr'), 'w'),
  ]
  try {
    const argv: [string, ...string[]] = ['/bin/sh', '-c', noteTaker, folder.path, ...call.argv]
    const child = startGroup(argv, { cwd: call.cwd, env: call.env, stdio: files, tag: folder.path })
    const exited = new Promise<Exit>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (status, name) => resolve({ status, signal: name }))
    })
    const { pid } = child
    if (pid === undefined) return await exited
    const limits = watchLimits(folder, signal)
    try {
      const exit = await Promise.race([exited, limits.broken])
      if (groupIsAlive(pid)) await endGroup(pid, graceMs)
      return exit
    } catch (error) {
      await endGroup(pid, graceMs)
      throw error
    } finally {
      limits.close()
    }
  } finally {
    for (const file of files) closeSync(file)
  }
}

/**
 * Waits for a program that an earlier worker started in this folder. Null when there is none to wait for: never
 * started, or gone without a word (the machine was restarted).
 */
export async function adoptProgram(folder: CallFolder, signal: AbortSignal): Promise<Exit | null> {
  for (;;) {
    const exit = readNumber(join(folder.path, 'exit'))
    if (exit !== null) return { status: exit, signal: null }
    const pid = readNumber(join(folder.path, 'pid'))
    if (pid === null || !hasTag(pid, folder.path)) return readExitOnce(folder)
    if (signal.aborted) {
      await endGroup(pid, graceMs, folder.path)
      throw signal.reason
    }
    await sleep(20)
  }
}

/** Ends a program that an earlier worker left running, and forgets it. */
export async function discardProgram(folder: CallFolder): Promise<void> {
  const pid = readNumber(join(folder.path, 'pid'))
  if (pid !== null && hasTag(pid, folder.path)) await endGroup(pid, 0, folder.path)
  removeFolder(folder)
}

export function readOutput(folder: CallFolder): CallOutput {
  return {
    stdout: readText(join(folder.path, 'stdout')),
    stderr: readText(join(folder.path, 'stderr')),
    lastMessage: readText(folder.lastMessageFile),
  }
}

// It may have ended between the two looks.
function readExitOnce(folder: CallFolder): Exit | null {
  const status = readNumber(join(folder.path, 'exit'))
  return status === null ? null : { status, signal: null }
}

/** `broken` rejects when the call must end before its program does: the signal, or an output without end. */
function watchLimits(folder: CallFolder, signal: AbortSignal): { broken: Promise<never>; close(): void } {
  let close = () => {}
  const broken = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    const timer = setInterval(() => {
      const size = Math.max(sizeOf(join(folder.path, 'stdout')), sizeOf(join(folder.path, 'stderr')))
      if (size > maxOutputBytes) reject(new OutputTooLarge())
    }, pollMs)
    signal.addEventListener('abort', onAbort, { once: true })
    close = () => {
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
    }
  })
  return { broken, close: () => close() }
}

export class OutputTooLarge extends Error {}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The number a file holds; null for none, and for a file that is being written. */
function readNumber(path: string): number | null {
  const text = readText(path)
  return /^\d+\n$/.test(text) ? Number(text) : null
}
