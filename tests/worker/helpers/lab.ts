// Whole runs without processes: closures as code, models in memory, a real journal and a real snapshot.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Limits } from '../../../src/worker/contract/result.ts'
import { openJournal } from '../../../src/worker/rlm/journal.ts'
import type { AnswerShape, OpenSandbox, RunEvent } from '../../../src/worker/rlm/ports.ts'
import { chooseRoute } from '../../../src/worker/rlm/route.ts'
import { runTree, type TreeEnd } from '../../../src/worker/rlm/run-tree.ts'
import { type Closure, type ClosureSandboxes, closureSandboxes } from './closure-sandbox.ts'
import { fenced, type MemoryModel, memoryModel, type Replies } from './memory-model.ts'
import { type Contents, openSnapshot } from './snapshot.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Experiment {
  /** Code by name: what a reply with this name in a fence runs. */
  readonly closures?: Record<string, Closure>
  /** Names of closures, one a step; or replies of any kind. */
  readonly steps?: readonly string[]
  readonly root?: MemoryModel | Replies
  readonly sub?: MemoryModel | Replies
  readonly documents?: Contents
  readonly limits?: Partial<Limits>
  readonly task?: string
  /** Holds the journal; a new one where it is left out. */
  readonly folder?: string
  readonly resume?: boolean
  readonly signal?: AbortSignal
  readonly openSandbox?: OpenSandbox
  /** The size of the context decides how the question is answered. */
  readonly autoDepth?: boolean
  readonly answerShape?: AnswerShape
}

export interface LabRun {
  readonly end: TreeEnd
  readonly events: readonly RunEvent[]
  readonly root: MemoryModel
  readonly sub: MemoryModel
  readonly sandboxes: ClosureSandboxes['opened']
  readonly folder: string
  /** The records of the journal. */
  readonly journal: ReadonlyArray<Record<string, unknown>>
  /** What is left in the folder for packs of child runs. */
  readonly leftInWorkDir: readonly string[]
}

export const limits: Limits = {
  max_steps: 20,
  max_depth: 2,
  timeout_seconds: 20,
  max_subcalls: 40,
  max_errors: 3,
  concurrency: 8,
  max_tokens: null,
  max_usd: null,
}

/** Runs the tree to its end. */
export async function runLab(experiment: Experiment): Promise<LabRun> {
  const { folder = temporaryFolder(), task = 'What is asked?', resume = false } = experiment
  const workDir = join(folder, 'calls')
  mkdirSync(workDir, { recursive: true })
  const journalFile = join(folder, 'journal.jsonl')
  const root = asModel(experiment.root ?? experiment.steps?.map(fenced) ?? [])
  const sub = asModel(experiment.sub ?? (({ prompt }) => `re: ${prompt}`))
  const sandboxes = closureSandboxes(experiment.closures ?? {})
  const events: RunEvent[] = []
  const journal = openJournal(journalFile, { task_sha256: task, documents_sha256: 'd' }, resume)
  try {
    const documents = openSnapshot(experiment.documents ?? { 'a.txt': 'one\ntwo\nthree\n' })
    const end = await runTree({
      task,
      documents,
      ...(experiment.autoDepth ? { route: chooseRoute(documents, root, 'auto') } : {}),
      answerShape: experiment.answerShape ?? null,
      limits: { ...limits, ...experiment.limits },
      models: { root, sub },
      openSandbox: experiment.openSandbox ?? sandboxes.open,
      language: 'python',
      journal,
      emit: (event) => void events.push(event),
      workDir,
      stepLimitMs: 5000,
      signal: experiment.signal ?? new AbortController().signal,
    })
    return {
      end,
      events,
      root,
      sub,
      folder,
      sandboxes: sandboxes.opened,
      journal: readJournal(journalFile),
      leftInWorkDir: readdirSync(workDir),
    }
  } finally {
    journal.close()
  }
}

/** What the root model was shown of a step. */
export function observation({ root }: LabRun, step: number): string | undefined {
  const shown = new RegExp(`<observation step="${step}">\\n([\\s\\S]*?)\\n</observation>`)
  return shown.exec(root.requests.at(-1)?.prompt ?? '')?.[1]
}

export function readJournal(file: string): Array<Record<string, unknown>> {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

function asModel(given: MemoryModel | Replies): MemoryModel {
  return 'complete' in given ? given : memoryModel(given)
}
