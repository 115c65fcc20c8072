// Every sandbox of the product, and how code is written for it: what the conformance suite runs against.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, vi } from 'vitest'
import { daemonStatus, stopDaemon } from '../../../../src/worker/daemon/lifecycle.ts'
import type { Json, Language } from '../../../../src/worker/rlm/ports.ts'
import { type JavaScriptSettings, javascript } from '../../../../src/worker/sandboxes/javascript.ts'
import { nativePython } from '../../../../src/worker/sandboxes/native-python.ts'
import { type PyodideSettings, pyodide } from '../../../../src/worker/sandboxes/pyodide.ts'
import { familyOf, fromDaemon, startIn } from '../../daemon/helpers/daemon-lab.ts'
import { builtFolder, builtPyodide } from './built.ts'
import { openSession, runnerProcesses, type Session, type SessionOptions } from './python-session.ts'

type Options = Omit<SessionOptions, 'settings' | 'open'>

/** Code by language; a plain text means the same in all of them. */
export type Code = string | Readonly<Record<Language, string>>

export interface Backend {
  readonly name: string
  readonly language: Language
  /** What the result calls it. */
  readonly reported: string
  open(options?: Options): Promise<Session>
  /** The processes that run its sessions. */
  runners(): number[]
}

export const backends: readonly Backend[] = [
  {
    name: 'python',
    language: 'python',
    reported: 'python',
    runners: runnerProcesses,
    open: (options) =>
      openSession({ ...options, open: nativePython({ require: 'kernel', timeoutSeconds: 60 }) }),
  },
  {
    name: 'python from the daemon',
    language: 'python',
    reported: 'python',
    runners: sharedWorkers,
    open: openFromDaemon,
  },
  {
    name: 'javascript',
    language: 'javascript',
    reported: 'javascript',
    runners: runnerProcesses,
    open: (options) => openJavaScript(options),
  },
  {
    name: 'pyodide',
    language: 'python',
    reported: 'pyodide',
    runners: runnerProcesses,
    open: (options) => openPyodide(options),
  },
]

let daemon: Promise<string> | undefined
afterAll(async () => {
  if (!daemon) return
  await stopDaemon(await daemon)
  rmSync(await daemon, { recursive: true })
})

/** One daemon for all tests of a file; one session after the other, so that it is known which worker each was given. */
function openFromDaemon(options: Options = {}): Promise<Session> {
  const opened = lastOpened.then(async () => {
    daemon ??= startShared()
    leased.add(await onlyWaiting(await daemon))
    return openSession({ ...options, open: fromDaemon(await daemon) })
  })
  lastOpened = opened.catch(() => {})
  return opened
}

let lastOpened: Promise<unknown> = Promise.resolve()
let daemonPid = 0
/** Workers that sessions began with. */
const leased = new Set<number>()

async function startShared(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rlms-test-'))
  const { status } = await startIn(folder, { workers: 1 })
  daemonPid = status.pid
  return folder
}

/** The next session is given this one. */
async function onlyWaiting(folder: string): Promise<number> {
  return vi.waitFor(
    async () => {
      const living = sharedWorkers()
      expect((await daemonStatus(folder))?.idle).toBe(1)
      const waiting = familyOf(daemonPid).workers.filter((pid) => !living.includes(pid))
      expect(waiting).toHaveLength(1)
      return waiting[0]!
    },
    { timeout: 15_000, interval: 5 },
  )
}

/** Those of sessions, not those that wait. A number may be another's as soon as its process has ended. */
function sharedWorkers(): number[] {
  const living = familyOf(daemonPid).workers
  for (const pid of leased) if (!living.includes(pid)) leased.delete(pid)
  return [...leased]
}

export function openJavaScript(
  options: Options = {},
  settings: Partial<JavaScriptSettings> = {},
): Promise<Session> {
  const open = javascript({ require: 'kernel', timeoutSeconds: 60, folder: builtFolder, ...settings })
  return openSession({ ...options, open })
}

export function openPyodide(
  options: Options = {},
  settings: Partial<PyodideSettings> = {},
): Promise<Session> {
  const open = pyodide({ require: 'kernel', timeoutSeconds: 60, folder: builtPyodide, ...settings })
  return openSession({ ...options, open })
}

export function codeFor({ language }: Backend, code: Code): string {
  return typeof code === 'string' ? code : code[language]
}

/** A value as it is written in a language. */
export function literal(value: Json, language: Language): string {
  if (language === 'javascript') return escaped(value)
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, language)).join(', ')}]`
  if (typeof value !== 'object') return escaped(value)
  const entries = Object.entries(value).map(([key, item]) => `${escaped(key)}: ${literal(item, language)}`)
  return `{${entries.join(', ')}}`
}

/** `name(a, b)`, the same in every language but for its literals. */
export function callOf(name: string, args: readonly Json[], { language }: Backend): string {
  return `${name}(${args.map((value) => literal(value, language)).join(', ')})`
}

/** What a call gives, or the text of its error. */
export async function answer(
  session: Session,
  backend: Backend,
  name: string,
  args: readonly Json[],
): Promise<Json> {
  const { error } = await session.run(`set_final(${callOf(name, args, backend)})`)
  if (!error) return session.finals.pop()!
  return {
    error: error.message
      .split('\n')[0]!
      .replace(/^\w+: /, '')
      .replaceAll("'", '"'),
  }
}

// JSON, and nothing in it that a language does not take in its source. What is above U+FFFF stays: Python joins no halves.
function escaped(value: Json): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/gu,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
