// One runner process and the strict conversation with it: a step is sent, then calls come one at a time, then the step
// is done. Anything else ends the process. Every pending step settles, however the process ends.
import { randomBytes } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import * as z from 'zod/mini'
import { endGroup, startGroup } from '../lib/process-group.ts'
import { type HostCall, HostCallError, type Json } from '../rlm/ports.ts'
import { createFrameReader, encodeFrame, secretBytes } from './frames.ts'
import { startStepClock } from './step-clock.ts'

export interface RunnerStart {
  readonly argv: readonly [string, ...string[]]
  /** The documents' pack, inherited as descriptor 5. */
  readonly pack: number
  readonly setup: object
  readonly call: HostCall
}

const stepErrorCodes = [
  'code_error',
  'sandbox_violation',
  'limit_exceeded',
  'model_invocation_failed',
] as const

const doneSchema = z.object({
  op: z.literal('done'),
  output: z.string(),
  length: z.int().check(z.nonnegative()),
  error: z.nullable(
    z.object({ code: z.enum(stepErrorCodes), message: z.string(), line: z.nullable(z.int()) }),
  ),
})
const callSchema = z.object({
  op: z.literal('call'),
  id: z.int(),
  name: z.string(),
  args: z.array(z.unknown()),
})
const readySchema = z.object({
  op: z.literal('ready'),
  kernel: z.object({ seccomp: z.boolean(), landlock: z.int(), reason: z.optional(z.string()) }),
  python: z.string(),
})

export type Done = z.infer<typeof doneSchema>
type Ready = z.infer<typeof readySchema>

/** Why a runner is gone: what it did wrong, or how its process ended. */
export interface Death {
  readonly op: 'died'
  readonly why: 'violation' | 'overrun' | 'exit'
  readonly detail: string
}

export interface RunnerProcess {
  readonly ready: Ready
  /** Rejects with the signal's reason, or with what a host call threw that is not for the code. */
  run(code: string, limitMs: number, signal: AbortSignal): Promise<Done | Death>
  end(): Promise<void>
}

const maxFrameBytes = 64 << 20
const startMs = 20_000
/** How long a step may go on after it was interrupted. */
const graceMs = 1000

interface Step {
  readonly signal: AbortSignal
  readonly clock: { pause(): void; resume(): void; stop(): void }
  settle(end: Done | Death): void
  fail(error: unknown): void
  /** A call is being answered. */
  pending: boolean
  /** Its time is up: it may end by itself, but calls nothing any more. */
  expired: boolean
}

const timeIsUp = {
  ok: false,
  code: 'code_error',
  error: "TimeoutError: the step's time limit is reached",
  final: true,
}

/** Starts a runner and waits until it is locked down. Rejects with an Error that says what it printed. */
export async function startRunner(start: RunnerStart, signal: AbortSignal): Promise<RunnerProcess> {
  signal.throwIfAborted()
  const secret = randomBytes(secretBytes)
  const child = startGroup(start.argv, {
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', start.pack],
  })
  const input = child.stdio[3] as Writable
  const output = child.stdio[4] as Readable
  let printed = ''
  let death: Death | undefined
  let step: Step | undefined
  let lastCall = 0
  let onReady: ((ready: Ready) => void) | undefined

  const send = (message: unknown) => input.write(encodeFrame(secret, message))
  const die = (why: Death['why'], detail: string) => {
    if (death) return
    death = { op: 'died', why, detail }
    if (child.pid !== undefined) killNow(child.pid)
    step?.settle(death)
  }
  const receive = (message: unknown) => {
    const ready = onReady && readySchema.safeParse(message)
    if (ready?.success) return onReady?.(ready.data)
    const call = callSchema.safeParse(message)
    if (call.success && step && !step.pending && call.data.id === lastCall + 1) {
      lastCall = call.data.id
      if (step.expired) return void send(timeIsUp)
      return void answer(step, call.data.name, call.data.args as Json[])
    }
    const done = doneSchema.safeParse(message)
    if (done.success && step && !step.pending) return step.settle(done.data)
    die('violation', 'it sent a message that does not belong here')
  }
  const answer = async (current: Step, name: string, args: Json[]) => {
    current.pending = true
    current.clock.pause()
    try {
      const value = await start.call(name, args, current.signal)
      send({ ok: true, value })
    } catch (error) {
      if (!(error instanceof HostCallError)) return current.fail(error)
      send({ ok: false, code: error.code, error: error.message, final: !error.swallowable })
    }
    current.pending = false
    if (!death) current.clock.resume()
  }

  const reader = createFrameReader(secret, maxFrameBytes, receive, (what) =>
    die('violation', `it sent ${what}`),
  )
  output.on('data', (bytes: Buffer) => reader.push(bytes))
  input.on('error', () => {}) // a runner that died; its exit says why
  output.on('error', () => {})
  child.stderr?.on('data', (bytes: Buffer) => {
    if (printed.length < 65_536) printed += bytes.toString()
  })
  child.on('error', (error) => die('exit', error.message))
  child.on('exit', (status, name) => die('exit', name ? `signal ${name}` : `exit status ${status}`))

  const ready = new Promise<Ready>((resolve, reject) => {
    const timer = setTimeout(
      () => finish(() => reject(new Error(`it was not ready after ${startMs / 1000} s`))),
      startMs,
    )
    const onAbort = () => finish(() => reject(signal.reason))
    const onExit = () =>
      finish(() =>
        reject(new Error(`${death?.detail ?? 'it ended'}: ${printed.trim() || 'it printed nothing'}`)),
      )
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      child.removeListener('close', onExit)
      onReady = undefined
      settle()
    }
    onReady = (message) => finish(() => resolve(message))
    signal.addEventListener('abort', onAbort, { once: true })
    child.once('close', onExit)
    child.once('error', onExit)
  })
  send(start.setup)
  const end = async () => {
    die('exit', 'ended by the host')
    if (child.pid !== undefined) await endGroup(child.pid, 0)
  }
  try {
    await ready
  } catch (error) {
    await end()
    throw error
  }

  return {
    ready: await ready,
    end,
    run(code, limitMs, runSignal) {
      if (death) return Promise.resolve(death)
      return new Promise<Done | Death>((resolve, reject) => {
        let grace: NodeJS.Timeout | undefined
        const clock = startStepClock(limitMs, () => {
          current.expired = true
          if (child.pid !== undefined) interrupt(child.pid)
          grace = setTimeout(
            () => die('overrun', `it did not stop at its limit of ${limitMs / 1000} s`),
            graceMs,
          )
        })
        const finish = (settle: () => void) => {
          clock.stop()
          clearTimeout(grace)
          runSignal.removeEventListener('abort', onAbort)
          step = undefined
          settle()
        }
        const onAbort = () => current.fail(runSignal.reason)
        const current: Step = {
          signal: runSignal,
          clock,
          settle: (outcome) => finish(() => resolve(outcome)),
          fail(error) {
            finish(() => reject(error))
            die('exit', 'ended by the host')
          },
          pending: false,
          expired: false,
        }
        step = current
        runSignal.addEventListener('abort', onAbort, { once: true })
        if (runSignal.aborted) return onAbort()
        send({ code })
      })
    },
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

function interrupt(pid: number): void {
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    // it has ended
  }
}
