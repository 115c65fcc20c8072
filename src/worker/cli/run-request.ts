// What settings mean for a run: its models, its limits, its contexts.
import { join, resolve } from 'node:path'
import type { AnalysisRequest } from '../compose.ts'
import type { Limits } from '../contract/result.ts'
import type { ModelChoice } from '../models/create-model.ts'
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

/** The whole request of a run that is recorded. Standard input is read here, where it is a context and not yet saved. */
export async function buildRequest(
  record: RunRecord,
  { settings, prices }: Resolved,
  models: RunModels,
  resume: boolean,
  signal: AbortSignal,
): Promise<AnalysisRequest> {
  const stdinFile = resolve(record.folder, 'stdin.txt')
  if (record.contexts.includes('-') && !resume) await saveStandardInput(stdinFile, signal)
  const paths = expandContexts(
    record.contexts.map((context) => (context === '-' ? context : fromHere(record.cwd, context))),
    stdinFile,
  )
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
    resume,
    autoDepth: settings.max_depth === 'auto',
    answerShape: record.schema === null ? null : await readAnswerShape(record.schema),
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
