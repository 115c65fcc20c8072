// The daemon: a pool of warm workers behind one socket, for one user, until it is stopped or nobody has used it for long.
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { RlmsError } from '../contract/errors.ts'
import { version } from '../contract/version.ts'
import { takeLock } from '../lib/process-lock.ts'
import { keepBytecode } from '../sandboxes/compile-runner.ts'
import type { Python } from '../sandboxes/find-python.ts'
import { runnerFolder } from '../sandboxes/native-python.ts'
import { Connection, type Host } from './connection.ts'
import { closeInherited } from './descriptors.ts'
import { type Nursery, openNursery } from './nursery.ts'
import { Pool } from './pool.ts'
import { addresses, lockFile, makeFolder, newToken, removeRecord, writeRecord } from './record.ts'

export interface DaemonSettings {
  readonly folder: string
  readonly build: string
  readonly python: Python
  /** That wait for a session. */
  readonly workers: number
  readonly idleSeconds: number
}

/** Leased at a time; more of them would not run any faster. */
const mostLeased = 256

/**
 * Serves until the signal, a client or idleness ends it, then leaves nothing behind. Rejects with `invalid_config` when
 * another daemon serves this folder, with `sandbox_unavailable` when no worker can be had.
 */
export async function serve(
  settings: DaemonSettings,
  signal: AbortSignal,
  onReady: () => void,
): Promise<void> {
  const { folder, python } = settings
  closeInherited()
  makeFolder(folder)
  process.umask(0o177)
  const unlock = lockFolder(folder)
  const { clients, workers } = addresses(folder)
  for (const path of [clients, workers]) rmSync(path, { force: true }) // of one that was killed
  removeRecord(folder)
  keepBytecode(python, runnerFolder)
  const nursery = await openNursery(python, workers)
  try {
    await serveClients(settings, nursery, signal, onReady)
  } finally {
    removeRecord(folder)
    await nursery.close()
    rmSync(workers, { force: true })
    unlock()
  }
}

async function serveClients(
  settings: DaemonSettings,
  nursery: Nursery,
  signal: AbortSignal,
  onReady: () => void,
): Promise<void> {
  const ending = new AbortController()
  const fail = (error: Error) => ending.abort(error)
  const stop = () => ending.abort()
  void nursery.ended.then(fail)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const token = newToken()
  const pool = new Pool(nursery, { idle: settings.workers, leased: mostLeased }, fail)
  const host = openHost(settings, pool, token, stop)
  const sockets = new Set<Socket>()
  const idleness = watchIdleness(pool, settings.idleSeconds * 1000, stop)
  const server = createServer((socket) => {
    sockets.add(socket)
    idleness.note()
    socket.on('close', () => {
      sockets.delete(socket)
      idleness.note()
    })
    new Connection(socket, host)
  })
  try {
    await Promise.race([pool.ready, rejection(ending.signal)])
    await listen(server, addresses(settings.folder).clients)
    const { build, python, workers, idleSeconds } = settings
    writeRecord(settings.folder, {
      pid: process.pid,
      build,
      python: python.path,
      token,
      workers,
      idle_seconds: idleSeconds,
    })
    onReady()
    await rejection(ending.signal)
  } catch (error) {
    if (error instanceof RlmsError) throw error
  } finally {
    idleness.stop()
    removeRecord(settings.folder) // before its clients see it go: they would replace it
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

function lockFolder(folder: string): () => void {
  const path = lockFile(folder)
  const holder = takeLock(path)
  if (holder === null) return () => rmSync(path, { force: true })
  throw new RlmsError(
    'invalid_config',
    `another daemon (pid ${holder.pid}) serves ${folder}`,
    'Use it, or end it: rlm daemon stop.',
  )
}

function openHost(settings: DaemonSettings, pool: Pool, token: string, stop: () => void): Host {
  const startedAt = new Date().toISOString()
  return {
    pool,
    token: Buffer.from(token, 'hex'),
    stop,
    status: () => ({
      pid: process.pid,
      version,
      python: settings.python.path,
      started_at: startedAt,
      idle: pool.idle,
      leased: pool.leased,
      served: pool.served,
      memory_bytes: process.memoryUsage.rss(),
    }),
  }
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, 511, resolve)
  })
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function watchIdleness(pool: Pool, limitMs: number, onIdle: () => void) {
  let timer: NodeJS.Timeout | undefined
  const note = () => {
    clearTimeout(timer)
    timer = setTimeout(() => (pool.unused ? onIdle() : note()), limitMs)
  }
  note()
  return { note, stop: () => clearTimeout(timer) }
}
