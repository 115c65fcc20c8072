// A real daemon, as the build has made it, in a folder of one test; and sessions that it serves.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { daemonStatus, startDaemon, stopDaemon } from '../../../../src/worker/daemon/lifecycle.ts'
import type { Status } from '../../../../src/worker/daemon/protocol.ts'
import { type DaemonRecord, readRecord } from '../../../../src/worker/daemon/record.ts'
import { daemonPython } from '../../../../src/worker/daemon/sandbox.ts'
import type { OpenSandbox } from '../../../../src/worker/rlm/ports.ts'
import { findPython } from '../../../../src/worker/sandboxes/find-python.ts'
import { nativePython } from '../../../../src/worker/sandboxes/native-python.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

export const bundle = resolve(import.meta.dirname, '../../../../dist/daemon.cjs')

export interface Daemon {
  readonly folder: string
  readonly pid: number
  readonly record: DaemonRecord
  /** What it says now; it must serve. */
  status(): Promise<Status>
}

/** Starts a daemon; stopped with the test. */
export async function startLab(options: { workers?: number; idleSeconds?: number } = {}): Promise<Daemon> {
  const folder = join(temporaryFolder(), 'd')
  onTestFinished(() => stopAll(folder))
  await startIn(folder, options)
  const record = readRecord(folder)!
  return {
    folder,
    pid: record.pid,
    record,
    async status() {
      const status = await daemonStatus(folder)
      return status ?? expect.fail('the daemon does not answer')
    },
  }
}

/** Also one that has only just been spawned in place of one that died. */
async function stopAll(folder: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await stopDaemon(folder)
      expect(processesNaming(folder)).toEqual([])
    },
    { timeout: 20_000, interval: 20 },
  )
}

function processesNaming(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(folder)
      )
    } catch {
      return false // it has ended meanwhile
    }
  })
}

export function startIn(folder: string, { workers = 2, idleSeconds = 60 } = {}) {
  return startDaemon(bundle, {
    folder,
    python: findPython().path,
    workers,
    idle_seconds: idleSeconds,
  })
}

const settings = { require: 'kernel', timeoutSeconds: 60 } as const

/** A sandbox of the daemon in `folder`; `native` is what it falls back on, by default nothing. */
export function fromDaemon(folder: string, native: OpenSandbox = refuse): OpenSandbox {
  return daemonPython({ ...settings, folder, bundle }, native)
}

const refuse: OpenSandbox = async () => {
  throw new Error('the daemon was not used')
}

/** Falls back on a process of its own, and counts how often. */
export function countedNative(): { open: OpenSandbox; readonly count: number } {
  const open = nativePython(settings)
  const counted = {
    count: 0,
    open: ((request) => {
      counted.count += 1
      return open(request)
    }) as OpenSandbox,
  }
  return counted
}

/** The processes that descend from one, without those that have ended. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(Number(name))
    if (parent !== undefined) parents.set(Number(name), parent)
  }
  const below = (parent: number): number[] =>
    [...parents].filter(([, its]) => its === parent).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

/** The nursery of a daemon, and its workers. */
export function familyOf(daemon: number): { nursery: number; workers: number[] } {
  const [nursery, ...workers] = descendants(daemon)
  return { nursery: nursery!, workers }
}

function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined // it has ended meanwhile
  }
}

/** What a daemon leaves in its folder when it has ended. */
export function leftIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
