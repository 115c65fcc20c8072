// The Python process that forks the workers (sandboxes/python/nursery.py), and the workers as they come out of it: locked
// down, each on a connection of its own, known by a key that is used once.
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { RlmsError } from '../contract/errors.ts'
import { endGroup, startGroup } from '../lib/process-group.ts'
import type { Python } from '../sandboxes/find-python.ts'
import { pythonEnv, runnerFolder } from '../sandboxes/native-python.ts'
import { isLocked, type Ready, readMessage } from '../sandboxes/runner-messages.ts'

export interface Worker {
  readonly pid: number
  /** What it said when it had locked itself. */
  readonly ready: Ready
  /** To the worker's protocol descriptors. Paused: nothing has been said on it since the worker was locked. */
  readonly socket: Socket
  /** How its process ended. */
  readonly ended: Promise<string>
  /** Tells it that a client is coming; before anything of the client's. */
  wake(): void
  limitCpu(seconds: number): void
  signal(name: 'interrupt' | 'kill'): void
}

interface Birth {
  readonly key: string
  readonly ended: Promise<string>
  readonly onEnded: (how: string) => void
  readonly resolve: (worker: Worker) => void
  readonly reject: (error: Error) => void
  pid?: number
  connected?: { readonly socket: Socket; readonly ready: Ready }
}

const entry = 'import sys; sys.path[0] = sys.argv[1]; import nursery; nursery.main()'
const maxReportBytes = 4096
const wakingByte = Buffer.from('\n')
const printedChars = 65_536

/** Starts the parent of the workers, which connect to `address`. */
export async function openNursery(python: Python, address: string): Promise<Nursery> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  const argv = [python.path, '-s', '-S', '-B', '-X', 'utf8', '-c', entry, runnerFolder, address] as const
  const child = startGroup(argv, {
    cwd: '/',
    env: pythonEnv, // as every runner's: a session goes on elsewhere as it began here
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return new Nursery(child, server)
}

export class Nursery {
  /** Why it can make no more workers. */
  readonly ended: Promise<RlmsError>
  private readonly child: ChildProcess
  private readonly server: Server
  private readonly births = new Map<string, Birth>()
  private readonly living = new Map<number, Birth>()
  private readonly connections = new Set<Socket>()
  private printed = ''

  constructor(child: ChildProcess, server: Server) {
    this.child = child
    this.server = server
    server.on('connection', (socket) => this.welcome(socket))
    const orders = child.stdin as Writable
    orders.on('error', () => {}) // its exit says why
    readLines(child.stdout as Readable, (line) => this.hear(line))
    child.stderr?.on('data', (bytes: Buffer) => {
      if (this.printed.length < printedChars) this.printed += bytes.toString()
    })
    this.ended = new Promise((resolve) => {
      const end = (how: string) => resolve(this.fail(how))
      child.on('error', (error) => end(error.message))
      child.on('close', (status, name) => end(name ? `signal ${name}` : `exit status ${status}`))
    })
  }

  /** Forks a worker; resolves when it is locked down. Rejects with `sandbox_unavailable` when it can't be. */
  fork(): Promise<Worker> {
    const key = randomBytes(16).toString('hex')
    return new Promise((resolve, reject) => {
      let onEnded!: (how: string) => void
      const ended = new Promise<string>((settle) => {
        onEnded = settle
      })
      this.births.set(key, { key, ended, onEnded, resolve, reject })
      this.order(`fork ${key}`)
    })
  }

  /** Ends it and all its workers. */
  async close(): Promise<void> {
    this.server.close()
    for (const socket of this.connections) socket.destroy()
    if (this.child.pid !== undefined) await endGroup(this.child.pid, 0)
  }

  private order(line: string): void {
    this.child.stdin?.write(`${line}\n`)
  }

  private hear(line: string): void {
    const [what, subject = '', ...rest] = line.split(' ')
    const birth = what === 'ended' ? this.living.get(Number(subject)) : this.births.get(subject)
    if (!birth) return
    if (what === 'forked') {
      birth.pid = Number(rest[0])
      this.living.set(birth.pid, birth)
      this.deliver(birth)
    } else if (what === 'failed') {
      this.miscarry(birth, rest.join(' '))
    } else if (what === 'ended') {
      this.living.delete(Number(subject))
      const how = describeEnd(rest)
      birth.onEnded(how)
      this.miscarry(birth, how)
    }
  }

  // The first line of a connection says whose it is, and whether the lock holds.
  private welcome(socket: Socket): void {
    this.connections.add(socket)
    socket.on('close', () => this.connections.delete(socket))
    socket.on('error', () => {})
    let report = Buffer.alloc(0)
    const read = (bytes: Buffer) => {
      report = Buffer.concat([report, bytes])
      const end = report.indexOf('\n')
      if (end < 0 && report.length <= maxReportBytes) return
      socket.off('data', read)
      socket.pause()
      const { key, ready } = readReport(report)
      const birth = this.births.get(key)
      if (!birth || !ready) return socket.destroy()
      birth.connected = { socket, ready }
      const { reason = 'seccomp is missing' } = ready.kernel
      if (isLocked(ready)) this.deliver(birth)
      else this.miscarry(birth, reason)
    }
    socket.on('data', read)
  }

  private deliver({ key, pid, connected, ended, resolve }: Birth): void {
    if (pid === undefined || connected === undefined) return
    this.births.delete(key)
    resolve({
      ...connected,
      pid,
      ended,
      wake: () => void connected.socket.write(wakingByte),
      limitCpu: (seconds) => this.order(`limit ${pid} ${seconds}`),
      signal: (name) => this.order(`${name} ${pid}`),
    })
  }

  private miscarry(birth: Birth, why: string): void {
    if (!this.births.delete(birth.key)) return
    birth.connected?.socket.destroy()
    birth.reject(unavailable(why))
  }

  private fail(how: string): RlmsError {
    const why = `${how}: ${this.printed.trim().split('\n').at(-1) || 'it printed nothing'}`
    for (const birth of this.births.values()) this.miscarry(birth, why)
    this.living.clear() // they end with their parent; the daemon hangs up on their clients, which then go on elsewhere
    return unavailable(why)
  }
}

function unavailable(why: string): RlmsError {
  return new RlmsError(
    'sandbox_unavailable',
    `the daemon can have no locked-down workers here: ${why}`,
    'Go without a daemon: each run then starts its own sandbox, and says what is missing.',
  )
}

// A key, a blank, a message of JSON, and nothing behind the end of the line.
function readReport(line: Buffer): { key: string; ready?: Ready } {
  const text = line.toString()
  const blank = text.indexOf(' ')
  const key = text.slice(0, Math.max(blank, 0))
  try {
    const said = readMessage(JSON.parse(text.slice(blank)))
    return said?.op === 'ready' && text.indexOf('\n') === text.length - 1 ? { key, ready: said } : { key }
  } catch {
    return { key }
  }
}

function describeEnd([kind, number]: readonly string[]): string {
  if (kind !== 'signal') return `exit status ${number}`
  const name = Object.entries(constants.signals).find(([, value]) => value === Number(number))?.[0]
  return `signal ${name ?? number}`
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
