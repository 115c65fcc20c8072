// What settings mean for a run: its models, its limits, its contexts.
import { join, resolve } from 'node:path'
import type { AnalysisRequest } from '../compose.ts'
import type { Limits } from '../contract/result.ts'
import type { ModelChoice } from '../models/create-model.ts'
import type { AnswerShape } from '../rlm/ports.ts'
import { listSources } from '../runs/context-list.ts'
import type { RunRecord } from '../runs/run-store.ts'
import { readAnswerShape } from './answer-shape.ts'
import { expandContexts, saveStandardInput } from './context-paths.ts'
import { chooseModel, findAgentProgram } from './model-choice.ts'
import type { Resolved } from './settings/resolve.ts'
import type { Settings } from './settings/table.ts'

export interface RunModels {
  readonly root: ModelChoice
  readonly sub: ModelChoice
  /** Nothing was configured, and no agent program was found. */
  readonly offlineForWant: boolean
}

export function chooseModels({ settings, models: named }: Resolved, env: NodeJS.ProcessEnv): RunModels {
  const words = { named, env }
  const found = settings.model ?? findAgentProgram(env) ?? 'offline'
  const root = chooseModel(found, words)
  return {
    root,
    sub: settings.sub_model === null ? root : chooseModel(settings.sub_model, words, '--sub-model'),
    offlineForWant: settings.model === null && found === 'offline',
  }
}

/** What of a question can be wrong before anything is written for it. */
interface Question {
  /** Absolute; standard input is where it will be. */
  readonly paths: readonly Buffer[]
  readonly answerShape: AnswerShape | null
}

export async function readQuestion(record: RunRecord): Promise<Question> {
  const { contexts, cwd, schema } = record
  const given = contexts.map((context) => (context === '-' ? context : fromHere(cwd, context)))
  return {
    paths: expandContexts(given, stdinOf(record)),
    answerShape: schema === null ? null : await readAnswerShape(schema),
  }
}

const stdinOf = ({ folder }: RunRecord) => resolve(folder, 'stdin.txt')

/** Where standard input is a context, a run that is not resumed saves it. */
export async function saveInput(record: RunRecord, signal: AbortSignal): Promise<void> {
  if (record.contexts.includes('-')) await saveStandardInput(stdinOf(record), signal)
}

/** The whole request of a run that is recorded. */
export function buildRequest(
  record: RunRecord,
  { settings, prices }: Resolved,
  models: RunModels,
  { paths, answerShape }: Question,
): Omit<AnalysisRequest, 'resume'> {
  const stdinFile = stdinOf(record)
  // The run's own folder may lie in a folder that it reads.
  const isNoOutput = (path: Buffer) => {
    const text = path.toString()
    return text === stdinFile || !text.startsWith(`${record.folder}/`)
  }
  const { sources, repeated } = listSources(paths.filter(isNoOutput), record.cwd)
  const limits = limitsOf(settings)
  return {
    repo: record.cwd,
    outputDir: record.folder,
    sources: sources.map((source) =>
      String(source.path) === stdinFile ? { ...source, name: 'stdin' } : source,
    ),
    repeated,
    occasion: {
      loopId: 'rlm',
      role: 'user',
      iteration: 0,
      format: 'json',
      task: record.task,
      limits,
      requireCitations: false,
      metadata: { run: record.id },
    },
    root: models.root,
    sub: models.sub,
    sandbox: settings.sandbox,
    sandboxRequire: settings.sandbox_require,
    stepLimitMs: Math.min(60, limits.timeout_seconds / 4) * 1000,
    isLocked: true,
    autoDepth: settings.max_depth === 'auto',
    answerShape,
    needsDocuments: true,
    prices,
  }
}

// As it was given where that can be, for messages.
function fromHere(cwd: string, context: string): string {
  return cwd === process.cwd() || context.startsWith('/') ? context : join(cwd, context)
}

function limitsOf(settings: Settings): Limits {
  return {
    max_steps: settings.max_steps,
    max_depth: settings.max_depth === 'auto' ? 0 : settings.max_depth,
    timeout_seconds: settings.timeout,
    max_subcalls: settings.max_subcalls || 2 * settings.max_steps,
    max_errors: settings.max_errors,
    concurrency: settings.concurrency,
    max_tokens: settings.max_tokens,
    max_usd: settings.max_usd,
  }
}
