// Processes as a test sees them: alive or gone, in which group; and node programs made from the sources.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { expect } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

/** Polls until `condition` gives a value; fails with `what` after ten seconds. */
export async function waitFor<T>(what: string, condition: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(5)) {
    const value = condition()
    if (value !== undefined && value !== false) return value
  }
  return expect.fail(`waited ten seconds for ${what}`)
}

/** The whole first line of a file that another process writes. */
export function waitForLine(path: string): Promise<string> {
  return waitFor(`a line in ${path}`, () => {
    const [line, ...more] = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
    return more.length > 0 ? line : undefined
  })
}

export async function waitForPid(path: string): Promise<number> {
  return Number(await waitForLine(path))
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !isZombie(pid)
}

export function waitUntilGone(pid: number): Promise<true> {
  return waitFor(`process ${pid} to be gone`, () => !isAlive(pid))
}

// Ended, but not yet waited for by its parent; only Linux is asked.
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const sources = fileURLToPath(new URL('../../../src/worker/', import.meta.url))

/** Bundles a program that imports from src/worker/ (`./lib/…`) into one file that node runs; returns its path. */
export function nodeProgram(source: string): string {
  const outfile = join(temporaryFolder(), 'program.mjs')
  buildSync({
    stdin: { contents: source, resolveDir: sources, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  })
  return outfile
}

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
export async function runToEnd(command: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  const child = spawn(command[0]!, command.slice(1), { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [status]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { status, stdout, stderr }
}

async function textOf(stream: ChildProcess['stdout']): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
