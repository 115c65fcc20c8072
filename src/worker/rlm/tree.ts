// What all runs of one tree share, and what one run is.
import type { RlmsError } from '../contract/errors.ts'
import type { Limits, TraceEntry } from '../contract/result.ts'
import type { Semaphore } from '../lib/semaphore.ts'
import type { Budget } from './budget.ts'
import type { CallSlots } from './call-slots.ts'
import type { CitationClaim } from './citations.ts'
import type { Documents } from './documents.ts'
import type { Journal } from './journal.ts'
import type { AnswerShape, EventSink, Json, Language, Model, OpenSandbox } from './ports.ts'
import type { Route } from './route.ts'

export interface Tree {
  readonly limits: Limits
  readonly budget: Budget
  readonly journal: Journal
  readonly models: { readonly root: Model; readonly sub: Model }
  readonly openSandbox: OpenSandbox
  readonly language: Language
  readonly route: Route
  /** Of the root run's final value. */
  readonly answerShape: AnswerShape | null
  readonly emit: EventSink
  /** Milliseconds that the code of one step may execute. */
  readonly stepLimitMs: number
  /** Model calls in flight, tree-wide. */
  readonly callSlots: CallSlots
  /** Held by the only call in flight while a price is capped but unknown. */
  readonly priceProbe: Semaphore
  /** Child runs alive at once, for each depth: a parent waiting for its children must not hold their places. */
  readonly runSlots: (depth: number) => Semaphore
  /** Calls in flight; the tree is over when they are. */
  readonly pending: Set<Promise<unknown>>
  /** How calls ended that the end of the run interrupted: a model may say there that it had not answered. */
  readonly interrupted: RlmsError[]
  /** Where texts that model code made are packed for child runs; they are removed as soon as they are open. */
  readonly workDir: string
  readonly trace: TraceEntry[]
  /** Runs a child to its answer. */
  startRun(spec: RunSpec, signal: AbortSignal): Promise<Json>
}

export interface RunSpec {
  /** Names the run in journal and trace: `r`, `r.3f2a.1`, … */
  readonly id: string
  readonly task: string
  readonly documents: Documents
  readonly model: Model
  /** How many levels of models stand above: 0 for the root. */
  readonly depth: number
  /** How many levels of models its code may use. */
  readonly levelsLeft: number
  /** The run that asked for this one. */
  readonly parent: Run | undefined
}

export interface Run extends RunSpec {
  readonly tree: Tree
  /** The last value that set_final was given. */
  final: { value: Json } | null
  addHighlight(text: string): void
  /** Checks and keeps a citation; whether it is verified. */
  addCitation(claim: CitationClaim): boolean
  /** The next name for a question that has this hash: the same in a resumed run. */
  nextId(hash: string): string
  /** How many model calls its code has made. */
  subcallSequence: number
}
