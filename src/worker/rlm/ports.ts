// What the recursive loop needs from outside. It imports no model and no sandbox; compose.ts brings them together.
import { RlmsError } from '../contract/errors.ts'
import type { SandboxReport } from '../contract/result.ts'
import type { Documents } from './documents.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Language = 'python' | 'javascript'

export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars; null when the model did not say. */
  readonly costUsd: number | null
}

export interface ModelRequest {
  readonly purpose: 'root' | 'sub'
  readonly prompt: string
  /** What the run is to find out; models that need no prompt parsing (offline) use it directly. */
  readonly task: string
  readonly language: Language
  /** 0-based: the turn of its run for a root request, the number of the sub-call in its run otherwise. */
  readonly sequence: number
  /**
   * A name for this question that is the same in a resumed run and safe as a file name. A model whose work outlives
   * a killed worker keeps it under this name, and answers from it instead of asking again.
   */
  readonly id: string
  readonly signal: AbortSignal
  /** An attempt failed and another would follow; it throws where the budget has no room for one. */
  readonly onRetry?: (failure: ModelFailure) => void
}

export interface ModelReply {
  readonly text: string
  readonly usage: Usage
}

/** US dollars per million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
  /** null: as any other input. */
  readonly cachedInput: number | null
}

export interface ModelProfile {
  /** What one call takes; null when that is not known. */
  readonly contextTokens: number | null
  readonly maxOutputTokens: number
  /** null: unknown. */
  readonly price: Price | null
  /** Whether it asks sub-models too rarely or too often when nothing is said about it. */
  readonly subcalls: 'shy' | 'plain' | 'greedy'
}

export interface Model {
  /** For messages, e.g. `claude` or `offline`. */
  readonly name: string
  readonly profile?: ModelProfile
  /** Its replies are programs, whatever is asked: there is no answering without code. */
  readonly writesCodeOnly?: boolean
  /** Rejects with an RlmsError `model_invocation_failed`, or with the signal's reason. */
  complete(request: ModelRequest): Promise<ModelReply>
  /** The reply of this request is in the journal: what was kept to survive a crash can go. */
  settled?(request: Pick<ModelRequest, 'id'>): void
}

/** What the final value must be like. */
export interface AnswerShape {
  /** For the prompt. */
  readonly schema: string
  /** What is wrong with a value; null when it fits. */
  check(value: Json): string | null
}

/** A model that could not be asked or answered with an error; what it cost all the same is in `usage`. */
export class ModelFailure extends RlmsError {
  readonly usage: Usage | null
  /** Asking again may help: a rate limit, an overload, a server's error. */
  readonly retryable: boolean
  /** How long the other side asked us to wait. */
  readonly retryAfterMs: number | null

  constructor(
    message: string,
    details: { fix?: string; usage?: Usage | null; retryable?: boolean; retryAfterMs?: number | null } = {},
  ) {
    super('model_invocation_failed', message, details.fix)
    this.usage = details.usage ?? null
    this.retryable = details.retryable ?? false
    this.retryAfterMs = details.retryAfterMs ?? null
  }

  /** The other side has too many calls of ours, or of all: fewer at once get further. */
  get rateLimited(): boolean {
    return this.retryable && /\b(?:429|529)\b|rate.?limit|too many requests|overloaded/i.test(this.message)
  }
}

/** Why code did not finish: the model can repair it. `line` is 1-based in the code as it was given. */
export interface CodeError {
  readonly code:
    | 'code_error'
    | 'sandbox_violation'
    | 'sandbox_lost'
    | 'limit_exceeded'
    | 'model_invocation_failed'
  readonly message: string
  readonly line: number | null
  /** The run's variables are gone: the runner had to be replaced. */
  readonly stateLost: boolean
}

/** What executing one piece of code gave. `output` may be cut in the middle; `outputLength` is its true length in characters. */
export interface Outcome {
  readonly output: string
  readonly outputLength: number
  readonly error: CodeError | null
}

/** Answers a host function that model-written code called. Rejects with a HostCallError to raise it in the code. */
export type HostCall = (name: string, args: Json[], signal: AbortSignal) => Promise<Json>

export interface Sandbox {
  readonly report: SandboxReport
  /**
   * Runs code; variables stay for the next call, also after an error. `limitMs` counts execution only: the clock stops
   * while a host call is answered. Rejects with an RlmsError (`sandbox_lost`) or the signal's reason.
   */
  execute(code: string, limitMs: number, signal: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}

export interface Parameter {
  readonly name: string
  /** Absent: the caller must give it. */
  readonly default?: Json
}

/** A function that model-written code may call. */
export interface FunctionSpec {
  readonly name: string
  /** Other names that models know for it. */
  readonly aliases?: readonly string[]
  readonly parameters: readonly Parameter[]
  /** How the signature reads where the parameters alone do not say it. */
  readonly signature?: Readonly<Record<Language, string>>
  readonly help: string
}

export interface SandboxRequest {
  readonly documents: Documents
  /** What the code may ask the host for through `call`. */
  readonly functions: readonly FunctionSpec[]
  readonly call: HostCall
  readonly signal: AbortSignal
}

export type OpenSandbox = (request: SandboxRequest) => Promise<Sandbox>

/** What happens in a run, as it happens. Listeners print or record; the loop never does. */
export type RunEvent =
  | {
      type: 'context'
      run: string
      documents: number
      bytes: number
      tokens: number
      /** How many documents have each file ending. */
      kinds: Record<string, number>
      /** How many listed files are none, by reason. */
      skipped: Record<string, number>
    }
  | { type: 'route'; run: string; kind: 'direct' | 'loop'; max_depth: number; reason: string }
  | { type: 'run_start'; run: string; depth: number; task: string; documents: number }
  | { type: 'step_start'; run: string; step: number }
  | { type: 'code'; run: string; step: number; code: string }
  | { type: 'step_end'; run: string; step: number; ok: boolean; output: string; error: string | null }
  | { type: 'call_start'; run: string; id: string; purpose: 'root' | 'sub'; inFlight: number }
  | {
      type: 'call_end'
      run: string
      id: string
      ok: boolean
      replayed: boolean
      durationMs: number
      inFlight: number
      /** Tree-wide, this call included. */
      spent: { tokens: number; costUsd: number | null }
    }
  | { type: 'run_end'; run: string; ok: boolean }

export type EventSink = (event: RunEvent) => void

/** Raised in model-written code by a host function. `swallowable` false: no `except` of the code can catch it. */
export class HostCallError extends Error {
  override readonly name = 'HostCallError'
  readonly code: CodeError['code']

  constructor(code: CodeError['code'], message: string) {
    super(message)
    this.code = code
  }

  get swallowable(): boolean {
    return this.code === 'code_error' || this.code === 'model_invocation_failed'
  }
}
