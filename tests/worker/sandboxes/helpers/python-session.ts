// A real Python sandbox over documents made for one test: opened, used and closed within it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type Documents, openDocuments } from '../../../../src/worker/rlm/documents.ts'
import { hostFunctions } from '../../../../src/worker/rlm/host-functions.ts'
import { packParts } from '../../../../src/worker/rlm/pack.ts'
import type { HostCall, Json, OpenSandbox, Outcome, Sandbox } from '../../../../src/worker/rlm/ports.ts'
import { nativePython, type PythonSettings } from '../../../../src/worker/sandboxes/native-python.ts'

export interface SessionOptions {
  readonly files?: Readonly<Record<string, string | Buffer>>
  readonly documents?: Documents
  readonly call?: HostCall
  readonly settings?: Partial<PythonSettings>
  /** Another sandbox than Python. */
  readonly open?: OpenSandbox
  readonly signal?: AbortSignal
}

export interface Session {
  readonly sandbox: Sandbox
  /** What the code gave to set_final, in order. */
  readonly finals: Json[]
  run(code: string, limitMs?: number, signal?: AbortSignal): Promise<Outcome>
  /** What the code prints; it must run without an error. */
  output(code: string): Promise<string>
}

const never = new AbortController().signal

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rlms-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function makeDocuments(files: Readonly<Record<string, string | Buffer>>): Documents {
  const folder = mkdtempSync(join(tmpdir(), 'rlms-test-'))
  try {
    const pack = join(folder, 'documents.pack')
    const parts = Object.entries(files).map(([name, text]) => ({
      base: { name, source: name, firstLine: 1 },
      bytes: Buffer.from(text as string),
    }))
    const documents = openDocuments(pack, packParts(parts, pack))
    onTestFinished(() => documents.close())
    return documents
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Answers every call with null, unless `call` does; keeps finals. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const documents = options.documents ?? makeDocuments(options.files ?? {})
  const finals: Json[] = []
  const call: HostCall = async (name, args, signal) => {
    if (name === 'set_final') {
      finals.push(args[0] ?? null)
      return null
    }
    return options.call ? options.call(name, args, signal) : null
  }
  const open = options.open ?? nativePython({ require: 'kernel', timeoutSeconds: 60, ...options.settings })
  const sandbox = await open({
    documents,
    functions: hostFunctions,
    call,
    signal: options.signal ?? never,
  })
  onTestFinished(() => sandbox.close())
  const run = (code: string, limitMs = 10_000, signal = never) => sandbox.execute(code, limitMs, signal)
  return {
    sandbox,
    finals,
    run,
    async output(code) {
      const { output, error } = await run(code)
      expect(error, code).toBeNull()
      return output
    },
  }
}

/** The ids of the runner processes that a process, by default this one, has started and that still run. */
export function runnerProcesses(host = process.pid): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && parentOf(pid) === host && isRunner(pid))
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined // it has ended meanwhile
  }
}

function isRunner(pid: number): boolean {
  try {
    return /import runner|runner\.cjs/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
  } catch {
    return false
  }
}
