// One run of an agent program: its output bounded and whole, its end waited for or brought about, nothing left behind.
import { ChildProcess, type SpawnOptions } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import { findProgram } from '../../lib/find-program.ts'
import { guardedTag, guardGroup } from '../../lib/orphan-guard.ts'
import { namespacePrefix } from '../../lib/pid-namespace.ts'
import { endGroup, startGroup, tagVariable } from '../../lib/process-group.ts'

export type SpawnFn = (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess

export interface AgentProgram {
  readonly argv: readonly [string, ...string[]]
  readonly cwd?: string | undefined
  readonly env: NodeJS.ProcessEnv
  /** Null: closed, since programs wait for the end of one that is left open. */
  readonly stdin: string | null
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Takes what it says while it works, whole characters at a time. */
  readonly onStderr?: ((text: string) => void) | undefined
  /** In place of a start with all precautions. */
  readonly spawnFn?: SpawnFn | undefined
}

export interface ProgramEnd {
  readonly why: 'exit' | 'timeout' | 'cancelled' | 'too_large'
  /** An exit status, or the name of a signal. */
  readonly status: number | string | null
  readonly stdout: string
  readonly stderr: string
}

/** Standard output beyond this is no answer. */
export const maxOutputMiB = 16
const maxStderrBytes = 65_536
const graceMs = 2000
/** How long pipes may stay open behind the end of their program. */
const lingerMs = 500

/** Rejects when the program can't be started; every end of one that was is a value. */
export async function runAgentProgram(program: AgentProgram): Promise<ProgramEnd> {
  program.signal?.throwIfAborted()
  const { child, settle } = program.spawnFn
    ? startPlain(program, program.spawnFn)
    : await startGuarded(program)
  return new AgentProcess(child, settle, program).end
}

interface Started {
  readonly child: ChildProcess
  /** Ends what is left of it; must be called. */
  settle(grace: number): Promise<void>
}

async function startGuarded({ argv, cwd = process.cwd(), env, stdin }: AgentProgram): Promise<Started> {
  const isThere = findProgram(argv[0], cwd, env.PATH) !== undefined
  const prefix = isThere ? await namespacePrefix() : []
  const tag = `${guardedTag}.${randomUUID()}`
  const command = [...prefix, ...argv] as [string, ...string[]]
  const stdio: SpawnOptions['stdio'] = [stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe']
  const guard = guardGroup()
  try {
    // The end of a namespace is the end of all in it; nobody needs to be looked for.
    const child =
      prefix.length > 0
        ? startGroup(command, { cwd, env: { ...env, [tagVariable]: tag }, stdio })
        : startGroup(command, { cwd, env, stdio, tag })
    const { pid } = child
    if (pid !== undefined) guard.started(pid)
    return {
      child,
      async settle(grace) {
        if (pid !== undefined) await endGroup(pid, grace)
        guard.release()
      },
    }
  } catch (error) {
    guard.release()
    throw error
  }
}

function startPlain({ argv: [command, ...args], cwd, env, stdin }: AgentProgram, spawnFn: SpawnFn): Started {
  const child = spawnFn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    stdio: [stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  return {
    child,
    async settle(grace) {
      if (child instanceof ChildProcess && child.pid !== undefined) await endGroup(child.pid, grace)
    },
  }
}

class AgentProcess {
  readonly end: Promise<ProgramEnd>
  private readonly child: ChildProcess
  private readonly settle: (grace: number) => Promise<void>
  private readonly stop: () => void
  private stdout: Buffer[] = []
  private stdoutBytes = 0
  private stderr = Buffer.alloc(0)
  private why: ProgramEnd['why'] = 'exit'
  private status: ProgramEnd['status'] = null
  private finish: (end: ProgramEnd) => void = () => {}

  constructor(child: ChildProcess, settle: Started['settle'], program: AgentProgram) {
    this.child = child
    let settled: Promise<void> | undefined
    this.settle = (grace) => {
      settled ??= settle(grace)
      return settled
    }
    const { signal, timeoutMs, onStderr } = program
    const timer = setTimeout(() => void this.abandon('timeout'), Math.min(timeoutMs, 2 ** 31 - 1))
    const onAbort = () => void this.abandon('cancelled')
    signal?.addEventListener('abort', onAbort, { once: true })
    this.stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    this.end = new Promise((resolve, reject) => {
      this.finish = resolve
      child.once('error', (error) => {
        this.stop()
        void this.settle(0).then(() => reject(error))
      })
    })
    child.once('exit', (code, name) => void this.clear(code ?? name))
    child.once('close', (code: number | null, name: string | null) => void this.close(code ?? name))
    this.listen(onStderr)
    child.stdin?.on('error', () => {}) // it ended without reading; its exit says why
    if (program.stdin !== null) child.stdin?.end(program.stdin)
    if (signal?.aborted) onAbort()
  }

  private listen(onStderr: AgentProgram['onStderr']): void {
    const decoder = new StringDecoder('utf8')
    this.child.stdout?.on('data', (chunk: Buffer | string) => this.take(Buffer.from(chunk)))
    this.child.stderr?.on('data', (chunk: Buffer | string) => {
      const bytes = Buffer.from(chunk)
      this.stderr = Buffer.concat([this.stderr, bytes]).subarray(-maxStderrBytes)
      const text = decoder.write(bytes)
      if (text !== '') onStderr?.(text)
    })
  }

  private take(bytes: Buffer): void {
    if (this.why === 'too_large') return
    this.stdoutBytes += bytes.length
    if (this.stdoutBytes <= maxOutputMiB << 20) this.stdout.push(bytes)
    else {
      this.stdout = []
      void this.abandon('too_large')
    }
  }

  /** Asks the program to end, then insists. What it still says counts. */
  private async abandon(why: ProgramEnd['why']): Promise<void> {
    if (this.why !== 'exit') return
    this.why = why
    this.stop()
    if (why === 'too_large') this.child.stdout?.destroy?.()
    this.child.kill('SIGTERM')
    await this.settle(graceMs)
    if (this.status === null) this.child.kill('SIGKILL')
    // What it said last may still be in its pipes, which close when that is read.
    setTimeout(() => void this.close(this.status ?? 'SIGKILL'), lingerMs)
  }

  /** What the program left running holds its pipes open; the end is there when they close, or soon. */
  private async clear(status: ProgramEnd['status']): Promise<void> {
    this.status = status
    if (this.why === 'exit') await this.settle(graceMs)
    setTimeout(() => void this.close(status), lingerMs).unref()
  }

  private async close(status: ProgramEnd['status']): Promise<void> {
    this.stop()
    const { why, stdout, stderr } = this
    await this.settle(0)
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.destroy?.()
    this.finish({ why, status, stdout: Buffer.concat(stdout).toString('utf8'), stderr: textOf(stderr) })
  }
}

/** From the first whole character on: the beginning may have been cut. */
function textOf(bytes: Buffer): string {
  let start = 0
  while (start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return bytes.toString('utf8', start)
}
