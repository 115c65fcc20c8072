// What one call of a model program leaves on disk while it runs: its prompt, its output, its process and its exit
// status. A worker that is killed does not take a paid answer with it: whoever resumes finds the folder, waits for the
// program if it still runs, and reads what it said.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endGroup, endTagged, hasTag, startGroup } from '../lib/process-group.ts'
import { maxReplyMiB } from './replies/reply.ts'

export interface CallFolder {
  /** Absolute: the program has a working directory of its own, and its processes are known by this path. */
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
  /** How long it may take to clean up when it must end. */
  readonly graceMs?: number | undefined
}

const pollMs = 250
const usualGraceMs = 2000

export function callFolder(given: string): CallFolder {
  const path = resolve(given)
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
      return await Promise.race([exited, limits.broken])
    } finally {
      limits.close()
      await endGroup(pid, call.graceMs ?? usualGraceMs, folder.path)
    }
  } finally {
    for (const file of files) closeSync(file)
  }
}

/**
 * Waits for a program that an earlier worker started in this folder. Null when there is none to wait for: never
 * started, or gone without a word (the machine was restarted). Rejects with the signal's reason; the program has then
 * been ended.
 */
export async function adoptProgram(
  folder: CallFolder,
  signal: AbortSignal,
  graceMs = usualGraceMs,
): Promise<Exit | null> {
  if (!existsSync(folder.path)) return null
  const exitStatus = () => readNumber(join(folder.path, 'exit'))
  while (exitStatus() === null && noteTakerOf(folder) !== null && !signal.aborted && !isTooLarge(folder))
    await sleep(20)
  const status = exitStatus()
  await endProgram(folder, graceMs)
  if (status !== null) return { status, signal: null }
  signal.throwIfAborted()
  if (isTooLarge(folder)) throw endedAsTooLarge()
  return null
}

/** Ends a program that an earlier worker left running, and forgets it. */
export async function discardProgram(folder: CallFolder): Promise<void> {
  if (existsSync(folder.path)) await endProgram(folder, 0)
  removeFolder(folder)
}

/** Throws OutputTooLarge. */
export function readOutput(folder: CallFolder): CallOutput {
  if (isTooLarge(folder)) throw new OutputTooLarge(`printed more than ${maxReplyMiB} MiB`)
  return {
    stdout: readText(join(folder.path, 'stdout')),
    stderr: readText(join(folder.path, 'stderr')),
    lastMessage: readText(folder.lastMessageFile),
  }
}

/** The process that will note the program's exit status, and leads its group; null when it is gone. */
function noteTakerOf(folder: CallFolder): number | null {
  const pid = readNumber(join(folder.path, 'pid'))
  return pid !== null && hasTag(pid, folder.path) ? pid : null
}

async function endProgram(folder: CallFolder, grace: number): Promise<void> {
  const noteTaker = noteTakerOf(folder)
  if (noteTaker === null) await endTagged(folder.path)
  else await endGroup(noteTaker, grace, folder.path)
}

/** `broken` rejects when the call must end before its program does: the signal, or an output without end. */
function watchLimits(folder: CallFolder, signal: AbortSignal): { broken: Promise<never>; close(): void } {
  let close = () => {}
  const broken = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    const timer = setInterval(() => {
      if (isTooLarge(folder)) reject(endedAsTooLarge())
    }, pollMs)
    signal.addEventListener('abort', onAbort, { once: true })
    close = () => {
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
    }
  })
  return { broken, close: () => close() }
}

/** Its message says what the program did. */
export class OutputTooLarge extends Error {}

function endedAsTooLarge(): OutputTooLarge {
  return new OutputTooLarge(`printed more than ${maxReplyMiB} MiB and was ended`)
}

function isTooLarge(folder: CallFolder): boolean {
  const files = [join(folder.path, 'stdout'), join(folder.path, 'stderr'), folder.lastMessageFile]
  return files.some((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxReplyMiB << 20)
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
