// Python as the sandbox, from the daemon where one serves that fits, else from a process of our own. When the daemon dies,
// at whatever moment, the session goes on in a process of our own.
import { join } from 'node:path'
import type { Documents } from '../rlm/documents.ts'
import type { HostCall, OpenSandbox, Outcome, Sandbox, SandboxRequest } from '../rlm/ports.ts'
import { findPython } from '../sandboxes/find-python.ts'
import { describeDeath, type LayerSettings, openLocked } from '../sandboxes/locked-sandbox.ts'
import { describeSession } from '../sandboxes/native-python.ts'
import { type RunnerProcess, takeRunner } from '../sandboxes/runner-process.ts'
import { DaemonLost, leaseWorker } from './client.ts'
import { buildOf, type DaemonRecord, daemonFolder, readRecord } from './record.ts'
import { spawnDaemon } from './start.ts'
import { StepLog } from './step-log.ts'

export interface DaemonClientSettings extends LayerSettings {
  readonly timeoutSeconds: number
  readonly folder?: string
  /** The daemon's program; by default beside this one's bundle. */
  readonly bundle?: string
}

/** Larger contexts are mapped by a process of our own: a worker gets a copy, and that would be more than its start costs. */
const maxContextBytes = 16 << 20

/** `native` opens a sandbox without a daemon. */
export function daemonPython(settings: DaemonClientSettings, native: OpenSandbox): OpenSandbox {
  const folder = settings.folder ?? daemonFolder()
  const bundle = settings.bundle ?? join(import.meta.dirname, 'daemon.cjs')
  let known: DaemonRecord | undefined
  const lose = (record: DaemonRecord, { isGone }: DaemonLost) => {
    if (known === record && isGone) replaceDaemon(folder, bundle, record)
    known = undefined
  }
  return async (request) => {
    if (contextBytes(request.documents) > maxContextBytes) return native(request)
    known ??= findDaemon(folder, bundle)
    const record = known
    if (!record) return native(request)
    const log = new StepLog(request.call)
    const lease = (signal: AbortSignal) =>
      openLease(folder, record, settings, { ...request, call: log.record }, signal)
    try {
      const leased = await openLocked('python', settings, lease, request.signal)
      return new DaemonSession(leased, log, request, native, (error) => lose(record, error))
    } catch (error) {
      if (!(error instanceof DaemonLost)) throw error
      lose(record, error)
      return native(request)
    }
  }
}

class DaemonSession implements Sandbox {
  readonly report
  private sandbox: Sandbox
  private readonly log: StepLog
  private readonly request: SandboxRequest
  private readonly native: OpenSandbox
  private readonly onLost: (error: DaemonLost) => void
  private isLost = false

  constructor(
    leased: Sandbox,
    log: StepLog,
    request: SandboxRequest,
    native: OpenSandbox,
    onLost: (error: DaemonLost) => void,
  ) {
    this.report = leased.report
    this.sandbox = leased
    this.log = log
    this.request = request
    this.native = native
    this.onLost = onLost
  }

  async execute(code: string, limitMs: number, signal: AbortSignal): Promise<Outcome> {
    if (this.isLost) return this.sandbox.execute(code, limitMs, signal)
    this.log.begin(code, limitMs)
    try {
      const outcome = await this.sandbox.execute(code, limitMs, signal)
      this.log.end(outcome)
      return outcome
    } catch (error) {
      if (!(error instanceof DaemonLost)) throw error
      this.isLost = true
      this.onLost(error)
      return this.goOn(signal)
    }
  }

  close(): Promise<void> {
    return this.sandbox.close()
  }

  private async goOn(signal: AbortSignal): Promise<Outcome> {
    const open = (call: HostCall) => this.native({ ...this.request, call, signal })
    const repeated = await this.log.repeat(open, signal)
    if (repeated) {
      this.sandbox = repeated.sandbox
      return repeated.outcome
    }
    this.sandbox = await open(this.request.call)
    return describeDeath({ op: 'died', why: 'exit', detail: 'the daemon died' })
  }
}

async function openLease(
  folder: string,
  record: DaemonRecord,
  settings: DaemonClientSettings,
  { documents, functions, call }: SandboxRequest,
  signal: AbortSignal,
): Promise<RunnerProcess> {
  signal.throwIfAborted()
  const line = await leaseWorker(folder, record, Math.ceil(settings.timeoutSeconds) + 60)
  const packed = packDensely(documents)
  const setup = describeSession(packed, functions)
  try {
    return await takeRunner(line, { setup, pack: readPack(documents), call })
  } catch (error) {
    if (signal.aborted || error instanceof DaemonLost) throw error
    throw new DaemonLost((error as Error).message)
  }
}

/** The daemon of this very program and interpreter. */
function findDaemon(folder: string, bundle: string): DaemonRecord | undefined {
  const record = readRecord(folder)
  if (!record) return undefined
  try {
    return record.build === buildOf(bundle) && record.python === findPython().path ? record : undefined
  } catch {
    return undefined // whoever starts without a daemon says what is wrong
  }
}

/** The documents end to end and nothing else: of other ones, of the same pack, a worker sees nothing. */
function packDensely({ list }: Documents): Pick<Documents, 'list' | 'packSize'> {
  let packSize = 0
  const packed = list.map((document) => {
    const offset = packSize
    packSize += document.length
    return { ...document, offset }
  })
  return { list: packed, packSize }
}

function* readPack(documents: Documents): Generator<Buffer> {
  for (const document of documents.list) {
    for (let at = 0; at < document.length; ) {
      const bytes = documents.readBytes(document, at, 1 << 20)
      if (bytes.length === 0) throw new Error(`the snapshot lacks a part of ${document.name}`)
      yield bytes
      at += bytes.length
    }
  }
}

function contextBytes({ list }: Documents): number {
  return list.reduce((sum, { length }) => sum + length, 0)
}

/** One that was stopped has left no record; one that still has its record has died. */
function replaceDaemon(folder: string, bundle: string, lost: DaemonRecord): void {
  if (readRecord(folder)?.pid === lost.pid) spawnDaemon(bundle, { ...lost, folder }, 'ignore')
}
