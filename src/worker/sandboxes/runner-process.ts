// One runner process and the strict conversation with it: a step is sent, then calls come one at a time, then the step
// is done. Anything else ends the process. Every pending step settles, however the process ends.
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import { openDeadline } from '../lib/deadline.ts'
import { endGroup, startGroup } from '../lib/process-group.ts'
import { type HostCall, HostCallError, type Json } from '../rlm/ports.ts'
import { createFrameReader, encodeFrame, secretBytes } from './frames.ts'
import { type Call, type Done, type Ready, readMessage } from './runner-messages.ts'
import { type Death, openStep, type Step } from './step.ts'

export interface RunnerStart {
  readonly argv: readonly [string, ...string[]]
  /** All that its environment has. */
  readonly env: Readonly<Record<string, string>>
  /** The documents' pack, inherited as descriptor 5. */
  readonly pack: number
  readonly setup: object
  readonly call: HostCall
}

export interface RunnerProcess {
  readonly ready: Ready
  /** Rejects with the signal's reason, or with what a host call threw that is not for the code. */
  run(code: string, limitMs: number, signal: AbortSignal): Promise<Done | Death>
  end(): Promise<void>
}

const maxFrameBytes = 64 << 20
const startMs = 20_000
const printedChars = 65_536
const timeIsUp = {
  ok: false,
  code: 'code_error',
  error: "TimeoutError: the step's time limit is reached",
  final: true,
}

/** Starts a runner and waits until it is locked down. Rejects with an Error that says what it printed. */
export async function startRunner(start: RunnerStart, signal: AbortSignal): Promise<RunnerProcess> {
  signal.throwIfAborted()
  const child = startGroup(start.argv, {
    cwd: '/',
    env: start.env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', start.pack],
  })
  const limit = openDeadline(startMs, signal, () => new Error(`it was not ready after ${startMs / 1000} s`))
  const runner = new Runner(child, start.call)
  try {
    const ready = await runner.start(start.setup, limit.signal)
    return {
      ready,
      run: (code, limitMs, runSignal) => runner.run(code, limitMs, runSignal),
      end: () => runner.end(),
    }
  } catch (error) {
    await runner.end()
    throw error
  } finally {
    limit.close(new Error('the start is over'))
  }
}

class Runner {
  private readonly child: ChildProcess
  private readonly call: HostCall
  private readonly secret = randomBytes(secretBytes)
  private readonly input: Writable
  private readonly output: Readable
  private printed = ''
  private onReady: ((ready: Ready) => void) | undefined
  private death: Death | undefined
  private step: Step | undefined
  private lastCall = 0

  constructor(child: ChildProcess, call: HostCall) {
    this.child = child
    this.call = call
    this.input = child.stdio[3] as Writable
    this.output = child.stdio[4] as Readable
    const reader = createFrameReader(
      this.secret,
      maxFrameBytes,
      (message) => this.receive(message),
      (what) => this.die('violation', `it sent ${what}`),
    )
    this.output.on('data', (bytes: Buffer) => reader.push(bytes))
    this.input.on('error', () => {}) // a runner that died; its exit says why
    this.output.on('error', () => {})
    child.stderr?.on('data', (bytes: Buffer) => {
      if (this.printed.length < printedChars) this.printed += bytes.toString()
    })
    child.on('error', (error) => this.die('exit', error.message))
    child.on('exit', (status, name) => this.die('exit', name ? `signal ${name}` : `exit status ${status}`))
  }

  /** Sends the setup; resolves when the runner is ready, rejects when it is not and will not be. */
  start(setup: object, signal: AbortSignal): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(
          new Error(`${this.death?.detail ?? 'it ended'}: ${this.printed.trim() || 'it printed nothing'}`),
        )
      this.child.once('close', fail)
      this.child.once('error', fail)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.onReady = resolve
      this.send(setup)
    })
  }

  async run(code: string, limitMs: number, signal: AbortSignal): Promise<Done | Death> {
    if (this.death) return this.death
    const step = openStep(
      limitMs,
      () => this.signal('SIGINT'),
      () => this.die('overrun', `it did not stop at its limit of ${limitMs / 1000} s`),
    )
    const cancel = () => this.fail(signal.reason)
    this.step = step
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    else this.send({ code, limit_ms: limitMs })
    try {
      return await step.end
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  async end(): Promise<void> {
    this.die('exit', 'ended by the host')
    if (this.child.pid !== undefined) await endGroup(this.child.pid, 0)
  }

  private receive(message: unknown): void {
    if (this.death) return
    const said = readMessage(message)
    const { step, onReady } = this
    if (said?.op === 'ready' && onReady) {
      this.onReady = undefined
      onReady(said)
    } else if (said?.op === 'call' && step && !step.pending && said.id === this.lastCall + 1) {
      this.lastCall = said.id
      if (step.expired) this.send(timeIsUp)
      else void this.answer(step, said)
    } else if (said?.op === 'done' && step && !step.pending) {
      this.step = undefined
      step.settle(said)
    } else this.die('violation', 'it sent a message that does not belong here')
  }

  private async answer(step: Step, { name, args }: Call): Promise<void> {
    step.startCall()
    try {
      this.send({ ok: true, value: await this.call(name, args as Json[], step.signal) })
    } catch (error) {
      if (!(error instanceof HostCallError)) return this.fail(error, step)
      this.send({ ok: false, code: error.code, error: error.message, final: !error.swallowable })
    }
    step.endCall()
  }

  private send(message: unknown): void {
    if (this.death) return
    const frame = encodeFrame(this.secret, message)
    if (frame.length > maxFrameBytes)
      throw new HostCallError(
        'code_error',
        `more than ${maxFrameBytes >> 20} MiB cannot enter the sandbox at once`,
      )
    this.input.write(frame)
  }

  /** Ends the process, and its step with what is not for the code. */
  private fail(error: unknown, step = this.step): void {
    if (step !== this.step) return
    this.step = undefined
    step?.fail(error)
    this.die('exit', 'ended by the host')
  }

  private die(why: Death['why'], detail: string): void {
    if (this.death) return
    this.death = { op: 'died', why, detail }
    this.signal('SIGKILL')
    this.output.destroy()
    this.step?.settle(this.death)
    this.step = undefined
  }

  private signal(name: 'SIGINT' | 'SIGKILL'): void {
    try {
      if (this.child.pid !== undefined) process.kill(this.child.pid, name)
    } catch {
      // it has ended
    }
  }
}
