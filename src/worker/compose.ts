// The only file that chooses implementations: models, sandbox, files. Every caller of the recursive loop comes through
// here.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { asRlmsError, isSystemError } from './contract/errors.ts'
import type { Limits, Result } from './contract/result.ts'
import { writeJsonWhole } from './lib/atomic-file.ts'
import { createModel, type ModelChoice } from './models/create-model.ts'
import type { PriceTable } from './models/profiles.ts'
import { describeContext, requireText } from './rlm/context-survey.ts'
import { type DocumentIndex, type Documents, openDocuments } from './rlm/documents.ts'
import { openJournal, sha256 } from './rlm/journal.ts'
import { packDocuments, type SourceFile } from './rlm/pack.ts'
import type { AnswerShape, EventSink, Language, OpenSandbox } from './rlm/ports.ts'
import { buildFailure, buildResult, type Occasion } from './rlm/result-builder.ts'
import { chooseRoute, type Route } from './rlm/route.ts'
import { runTree } from './rlm/run-tree.ts'
import { makeRunFolder, noteDefect, type RunPaths, runPaths, writeArtifacts } from './runs/artifacts.ts'
import { lockRun } from './runs/run-lock.ts'
import type { SandboxProbe } from './sandboxes/probe.ts'

export const sandboxBackends = ['auto', 'python', 'javascript', 'pyodide'] as const
type SandboxBackend = (typeof sandboxBackends)[number]
export const sandboxLayers = ['kernel', 'process', 'language'] as const
type SandboxLayer = (typeof sandboxLayers)[number]

export interface AnalysisRequest {
  readonly repo: string
  readonly outputDir: string
  readonly sources: readonly SourceFile[]
  /** Listed more than once. */
  readonly repeated: number
  readonly occasion: Omit<Occasion, 'skipped'>
  readonly root: ModelChoice
  readonly sub: ModelChoice
  readonly sandbox: SandboxBackend
  readonly sandboxRequire: SandboxLayer
  readonly stepLimitMs: number
  readonly resume: boolean
  /** The size of the context decides between one direct call and the loop, and how deep the loop may go. */
  readonly autoDepth?: boolean
  readonly answerShape?: AnswerShape | null
  /** A context without a word is an error. */
  readonly needsDocuments?: boolean
  /** The caller has the lock of `outputDir`. */
  readonly isLocked?: boolean
  /** What the user says that models cost. */
  readonly prices?: PriceTable
}

/**
 * Runs an analysis and writes its artifacts. Rejects only when there is nowhere to write them; every other failure is in
 * the result.
 */
export async function analyse(
  request: AnalysisRequest,
  emit: EventSink,
  signal: AbortSignal,
): Promise<Result> {
  const paths = runPaths(request.outputDir)
  makeRunFolder(request.outputDir)
  const unlock = request.isLocked ? () => {} : lockRun(request.outputDir)
  let occasion: Occasion = { ...request.occasion, skipped: { repeated: request.repeated } }
  try {
    const { documents, skipped } = openSnapshot(request, paths)
    occasion = { ...occasion, skipped: { ...skipped, repeated: request.repeated } }
    try {
      if (request.needsDocuments) requireText(documents, skipped)
      emit(describeContext(documents, skipped))
      const result = await run(request, occasion, documents, paths, emit, signal)
      writeArtifacts(paths, result)
      return result
    } finally {
      documents.close()
    }
  } catch (cause) {
    const error = asRlmsError(cause)
    if (error.code === 'worker_failure' && !isSystemError(cause)) noteQuietly(paths, cause)
    const result = buildFailure(occasion, error)
    writeArtifacts(paths, result)
    return result
  } finally {
    rmSync(paths.pack, { force: true })
    rmSync(paths.index, { force: true })
    if (existsSync(paths.calls) && readdirSync(paths.calls).length === 0)
      rmSync(paths.calls, { recursive: true })
    unlock()
  }
}

async function run(
  request: AnalysisRequest,
  occasion: Occasion,
  documents: Documents,
  paths: RunPaths,
  emit: EventSink,
  signal: AbortSignal,
): Promise<Result> {
  const { task } = occasion
  if (!request.resume) await discardCalls(paths)
  const { prices = {} } = request
  const surroundings = { repo: request.repo, callsDir: paths.calls, prices }
  const models = {
    root: await createModel(request.root, surroundings),
    sub: await createModel(request.sub, surroundings),
  }
  const route = request.autoDepth ? chooseRoute(documents, models.root, 'auto') : undefined
  const limits = route ? { ...occasion.limits, max_depth: route.maxDepth } : occasion.limits
  if (route)
    emit({ type: 'route', run: 'r', kind: route.kind, max_depth: route.maxDepth, reason: route.reason })
  const { language, openSandbox } = await chooseSandbox(request, limits)
  const journal = openJournal(
    paths.journal,
    { task_sha256: sha256(task), documents_sha256: hashOf(documents), language },
    request.resume,
  )
  mkdirSync(paths.calls, { recursive: true, mode: 0o700 })
  try {
    const end = await runTree({
      task,
      documents,
      limits,
      models,
      openSandbox,
      journal,
      emit,
      signal,
      language,
      workDir: paths.calls,
      stepLimitMs: request.stepLimitMs,
      ...(route ? { route } : {}),
      answerShape: request.answerShape ?? null,
    })
    return {
      ...buildResult({ ...occasion, limits }, documents, end),
      ...(route ? { route: tellRoute(route) } : {}),
    }
  } finally {
    journal.close()
  }
}

// A run that was killed left its snapshot behind; going on with it, the resumed run reads what the first part read.
function openSnapshot(
  request: AnalysisRequest,
  paths: RunPaths,
): { documents: Documents; skipped: Record<string, number> } {
  if (request.resume && existsSync(paths.pack) && existsSync(paths.index)) {
    const { skipped, ...index } = JSON.parse(readFileSync(paths.index, 'utf8')) as DocumentIndex & {
      skipped: Record<string, number>
    }
    return { documents: openDocuments(paths.pack, index), skipped }
  }
  const sorted = request.sources.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  rmSync(paths.index, { force: true }) // an older one is not of the snapshot that is written now
  const report = packDocuments(sorted, paths.pack)
  writeJsonWhole(paths.index, report)
  return { documents: openDocuments(paths.pack, report), skipped: report.skipped }
}

function tellRoute({ kind, maxDepth, reason }: Route): Result['route'] {
  return { kind, max_depth: maxDepth, reason }
}

async function chooseSandbox(
  { sandbox, sandboxRequire }: AnalysisRequest,
  limits: Limits,
): Promise<{ language: Language; openSandbox: OpenSandbox }> {
  const settings = { require: sandboxRequire, timeoutSeconds: limits.timeout_seconds }
  if (sandbox === 'javascript') {
    const { javascript } = await import('./sandboxes/javascript.ts')
    return { language: 'javascript', openSandbox: javascript(settings) }
  }
  if (sandbox === 'pyodide' || (sandbox === 'auto' && (await onlyPyodideIsHere()))) {
    const { pyodide } = await import('./sandboxes/pyodide.ts')
    return { language: 'python', openSandbox: pyodide(settings) }
  }
  const { nativePython } = await import('./sandboxes/native-python.ts')
  const native = nativePython(settings)
  if (sandbox === 'python') return { language: 'python', openSandbox: native }
  const { daemonPython } = await import('./daemon/sandbox.ts')
  return { language: 'python', openSandbox: daemonPython(settings, native) }
}

async function onlyPyodideIsHere(): Promise<boolean> {
  const { hasPython } = await import('./sandboxes/find-python.ts')
  const { findPyodide } = await import('./sandboxes/pyodide.ts')
  return !hasPython() && findPyodide() !== undefined
}

/** What this machine gives to each sandbox. */
export async function probeSandboxes(): Promise<SandboxProbe[]> {
  const probe = await import('./sandboxes/probe.ts')
  return probe.probeSandboxes()
}

async function discardCalls(paths: RunPaths): Promise<void> {
  if (!existsSync(paths.calls)) return
  const { callFolder, discardProgram } = await import('./models/call-folder.ts')
  for (const name of readdirSync(paths.calls)) await discardProgram(callFolder(join(paths.calls, name)))
}

function hashOf(documents: Documents): string {
  return sha256(JSON.stringify(documents.list.map(({ name, sha256: hash }) => [name, hash])))
}

// The disk may be the very thing that failed.
function noteQuietly(paths: RunPaths, cause: unknown): void {
  try {
    noteDefect(paths, cause)
  } catch {
    // the error itself is in the result
  }
}
