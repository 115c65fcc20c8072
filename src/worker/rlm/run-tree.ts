// A whole analysis: the root run and all runs below it, under one budget and one deadline. It never rejects for what a
// model or its code did; every ending leaves the best partial answer.
import { asRlmsError, RlmsError } from '../contract/errors.ts'
import type { Citation, Limits, SandboxReport, TraceEntry } from '../contract/result.ts'
import { openDeadline } from '../lib/deadline.ts'
import { createSemaphore, type Semaphore } from '../lib/semaphore.ts'
import { cutText } from '../lib/whole-text.ts'
import { createBudget, type Spent } from './budget.ts'
import { createCallSlots } from './call-slots.ts'
import { type CitationList, createCitationList } from './citations.ts'
import { answerDirectly } from './direct.ts'
import type { Documents } from './documents.ts'
import { readClaim } from './host-functions.ts'
import type { Journal } from './journal.ts'
import type { AnswerShape, EventSink, Json, Language, Model, OpenSandbox } from './ports.ts'
import { chooseRoute, type Route } from './route.ts'
import { runToFinal } from './run.ts'
import type { Run, RunSpec, Tree } from './tree.ts'

export interface TreeOptions {
  readonly task: string
  readonly documents: Documents
  readonly limits: Limits
  readonly models: { readonly root: Model; readonly sub: Model }
  readonly openSandbox: OpenSandbox
  readonly language: Language
  readonly journal: Journal
  readonly emit: EventSink
  readonly workDir: string
  readonly stepLimitMs: number
  /** Left out: the loop, to the depth of the limits. */
  readonly route?: Route
  readonly answerShape?: AnswerShape | null
  readonly signal: AbortSignal
}

export interface TreeEnd {
  /** Null when the root run gave its final value. */
  readonly error: RlmsError | null
  /** The final value, or the best partial answer; null when there is none. */
  readonly final: Json
  readonly highlights: string[]
  readonly citations: Citation[]
  readonly spent: Spent
  readonly trace: TraceEntry[]
  /** Null when no sandbox could be opened. */
  readonly sandbox: SandboxReport | null
  readonly elapsedSeconds: number
}

export async function runTree(options: TreeOptions): Promise<TreeEnd> {
  const { limits, documents, journal } = options
  const seconds = limits.timeout_seconds
  const deadline = openDeadline(seconds * 1000, options.signal, () => timeIsUp(seconds))
  const citations = createCitationList(documents)
  const highlights = new Set<string>()
  let sandbox: SandboxReport | null = null
  const tree: Tree = {
    ...options,
    route: options.route ?? chooseRoute(documents, options.models.root, limits.max_depth),
    answerShape: options.answerShape ?? null,
    budget: createBudget(limits),
    callSlots: createCallSlots(limits.concurrency),
    priceProbe: createSemaphore(1),
    runSlots: perDepth(() => createSemaphore(limits.concurrency)),
    pending: new Set(),
    interrupted: [],
    trace: [],
    async openSandbox(request) {
      const opened = await options.openSandbox(request)
      sandbox ??= opened.report
      return opened
    },
    startRun(spec, signal) {
      const child = runToFinal(createRun(tree, spec, highlights, citations), signal)
      tree.pending.add(child)
      return child.finally(() => tree.pending.delete(child))
    },
  }
  for (const { model, usage } of journal.earlierUsage) tree.budget.count(usage, { name: model })
  const root = createRun(tree, rootSpec(options, tree.route), highlights, citations)
  let error: RlmsError | null = null
  try {
    await (tree.route.kind === 'direct' ? answerDirectly : runToFinal)(root, deadline.signal)
  } catch (cause) {
    error = asRlmsError(deadline.signal.aborted ? deadline.signal.reason : cause)
  } finally {
    // What is still in flight has nobody left to answer to.
    deadline.close(new RlmsError('cancelled', 'the run is over'))
    await Promise.allSettled(tree.pending)
  }
  error = tree.interrupted.find(({ code }) => code === error?.code) ?? error
  const final = root.final?.value ?? null
  takeFromFinal(final, highlights, citations)
  journal.append({ type: 'end', ok: error === null, error_code: error?.code ?? null })
  return {
    error,
    final: error && final === null ? bestPartial([...highlights], tree.trace) : final,
    highlights: [...highlights],
    citations: citations.all(),
    spent: tree.budget.spent(),
    trace: tree.trace,
    sandbox,
    elapsedSeconds: deadline.elapsedMs() / 1000,
  }
}

function rootSpec({ task, documents, models }: TreeOptions, { maxDepth }: Route): RunSpec {
  return { id: 'r', task, documents, model: models.root, depth: 0, levelsLeft: maxDepth, parent: undefined }
}

function createRun(tree: Tree, spec: RunSpec, highlights: Set<string>, citations: CitationList): Run {
  const seen = new Map<string, number>()
  return {
    ...spec,
    tree,
    final: null,
    subcallSequence: 0,
    // What a child finds worth a highlight is its parent's to judge; its citations stand for themselves.
    addHighlight: spec.parent ? () => {} : (text) => keepHighlight(highlights, text),
    addCitation(claim) {
      const document = spec.documents.find(claim.path)
      const path = document?.source ?? claim.path
      return citations.add({ ...claim, path, ofMadeText: document?.made ?? false }).verified
    },
    nextId(hash) {
      const count = (seen.get(hash) ?? 0) + 1
      seen.set(hash, count)
      return `${spec.id}.${hash}.${count}`
    },
  }
}

const maxHighlights = 200
const highlightChars = 2000

function keepHighlight(highlights: Set<string>, text: string): void {
  const kept = cutText(text.trim(), highlightChars)
  if (kept !== '' && highlights.size < maxHighlights) highlights.add(kept)
}

// A final dict may carry highlights and citations, as existing root models give them.
function takeFromFinal(final: Json, highlights: Set<string>, citations: CitationList): void {
  if (typeof final !== 'object' || final === null || Array.isArray(final)) return
  if (Array.isArray(final.highlights)) {
    for (const text of final.highlights)
      keepHighlight(highlights, typeof text === 'string' ? text : JSON.stringify(text))
  }
  if (!Array.isArray(final.citations)) return
  for (const entry of final.citations) {
    const claim = readClaim(entry)
    if (claim) citations.add(claim)
  }
}

function bestPartial(highlights: readonly string[], trace: readonly TraceEntry[]): Json {
  if (highlights.length > 0) return highlights.join('\n')
  const printed = trace.filter(({ ok, output_preview: output }) => ok && output !== '').at(-1)
  return printed?.output_preview ?? null
}

function perDepth(create: () => Semaphore): (depth: number) => Semaphore {
  const made = new Map<number, Semaphore>()
  return (depth) => {
    const semaphore = made.get(depth) ?? create()
    made.set(depth, semaphore)
    return semaphore
  }
}

function timeIsUp(seconds: number): RlmsError {
  return new RlmsError(
    'limit_exceeded',
    `time limit exceeded: ${seconds} s allowed`,
    'Raise --timeout-seconds, or continue with --resume.',
  )
}
