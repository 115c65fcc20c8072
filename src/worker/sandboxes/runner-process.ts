// The strict conversation with one runner: a step is sent, then calls come one at a time, then the step is done. Anything
// else ends the process. Every pending step settles, however the process ends.
import { randomBytes } from 'node:crypto'
import { openDeadline } from '../lib/deadline.ts'
import { type HostCall, HostCallError, type Json } from '../rlm/ports.ts'
import { startChild } from './child-line.ts'
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

/** The way to a runner's process, whoever started it. */
export interface RunnerLine {
  /** How the process ended, as a person reads it; rejects when the way to it is gone, and what became of it unknown. */
  readonly ended: Promise<string>
  /** What it printed, once it has ended. */
  readonly printed: Promise<string>
  /** Bytes for its protocol descriptor. What is sent to one that has ended goes nowhere. */
  send(bytes: Buffer): void
  /** Takes the bytes that come from it; called once. */
  listen(onBytes: (bytes: Buffer) => void): void
  /** Nothing that it says counts any more. */
  deafen(): void
  signal(name: 'SIGINT' | 'SIGKILL'): void
  /** Resolves when the process is gone, or whoever started it has been told to end it. */
  close(): Promise<void>
}

/** To a runner that is given away locked and ready: its setup and its first step are sent without waiting for it. */
export interface LeasedLine extends RunnerLine {
  /** What it is known to have said. */
  readonly ready: Ready
  /** `begin` is called when it is there, before anything that it sends is heard; at once when it is there already. */
  whenThere(begin: () => void): void
}

export interface RunnerProcess {
  readonly ready: Ready
  /** Rejects with the signal's reason, with what a host call threw that is not for the code, or with why the line is gone. */
  run(code: string, limitMs: number, signal: AbortSignal): Promise<Done | Death>
  end(): Promise<void>
}

const maxFrameBytes = 64 << 20
const startMs = 20_000
const timeIsUp = {
  ok: false,
  code: 'code_error',
  error: "TimeoutError: the step's time limit is reached",
  final: true,
}

/** Starts a runner and waits until it is locked down. Rejects with an Error that says what it printed. */
export async function startRunner(
  { argv, env, pack, setup, call }: RunnerStart,
  signal: AbortSignal,
): Promise<RunnerProcess> {
  signal.throwIfAborted()
  const limit = openDeadline(startMs, signal, () => new Error(`it was not ready after ${startMs / 1000} s`))
  const runner = new Runner(startChild(argv, env, pack), call)
  try {
    return describeRunner(runner, await runner.start(setup, limit.signal))
  } catch (error) {
    await runner.end()
    throw error
  } finally {
    limit.close(new Error('the start is over'))
  }
}

/** Gives a leased runner its session. Rejects with what reading the pack throws, and closes the line. */
export async function takeRunner(
  line: LeasedLine,
  { setup, pack, call }: { setup: object; pack: Iterable<Buffer>; call: HostCall },
): Promise<RunnerProcess> {
  const runner = new Runner(line, call)
  try {
    runner.prepare(setup, pack)
  } catch (error) {
    await runner.end()
    throw error
  }
  return describeRunner(runner, line.ready)
}

function describeRunner(runner: Runner, ready: Ready): RunnerProcess {
  return {
    ready,
    run: (code, limitMs, signal) => runner.run(code, limitMs, signal),
    end: () => runner.end(),
  }
}

class Runner {
  private readonly line: RunnerLine | LeasedLine
  private readonly call: HostCall
  private readonly secret = randomBytes(secretBytes)
  private onReady: ((ready: Ready) => void) | undefined
  private death: Death | undefined
  private lost: { readonly error: unknown } | undefined
  private step: Step | undefined
  private lastCall = 0

  constructor(line: RunnerLine | LeasedLine, call: HostCall) {
    this.line = line
    this.call = call
    const reader = createFrameReader(
      this.secret,
      maxFrameBytes,
      (message) => this.receive(message),
      (what) => this.die('violation', `it sent ${what}`),
    )
    line.listen((bytes) => reader.push(bytes))
    line.ended.then(
      (detail) => this.die('exit', detail),
      (error) => {
        this.lost = { error }
        this.fail(error)
      },
    )
  }

  /** Sends the setup, then the pack as it is. */
  prepare(setup: object, pack: Iterable<Buffer> = []): void {
    this.send(setup)
    for (const bytes of pack) this.line.send(bytes)
  }

  /** Sends the setup; resolves when the runner is ready, rejects when it will not be. */
  start(setup: object, signal: AbortSignal): Promise<Ready> {
    return new Promise((resolve, reject) => {
      this.line.printed.then((printed) => {
        const why = this.death?.detail ?? 'it ended'
        reject(new Error(`${why}: ${printed.trim() || 'it printed nothing'}`))
      }, reject)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.onReady = resolve
      this.prepare(setup)
    })
  }

  async run(code: string, limitMs: number, signal: AbortSignal): Promise<Done | Death> {
    if (this.lost) throw this.lost.error
    if (this.death) return this.death
    const step = openStep(
      limitMs,
      () => this.line.signal('SIGINT'),
      () => this.die('overrun', `it did not stop at its limit of ${limitMs / 1000} s`),
    )
    const cancel = () => this.fail(signal.reason)
    this.step = step
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    else this.send({ code, limit_ms: limitMs })
    if ('whenThere' in this.line) this.line.whenThere(step.begin)
    else step.begin()
    try {
      return await step.end
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  async end(): Promise<void> {
    this.die('exit', 'ended by the host')
    await this.line.close()
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
    const signal = step.startCall()
    try {
      this.send({ ok: true, value: await this.call(name, args as Json[], signal) })
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
    this.line.send(frame)
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
    this.line.signal('SIGKILL')
    this.line.deafen()
    this.step?.settle(this.death)
    this.step = undefined
  }
}
