// Endings of runs and what their callers gave, for tests of what is made of them.
import { type Citation, type Result, resultSchema } from '../../../src/worker/contract/result.ts'
import { buildResult, type Occasion } from '../../../src/worker/rlm/result-builder.ts'
import type { TreeEnd } from '../../../src/worker/rlm/run-tree.ts'
import { limits } from './lab.ts'
import { type Contents, openSnapshot } from './snapshot.ts'

export const occasion = (change: Partial<Occasion> = {}): Occasion => ({
  loopId: 'loop-1',
  role: 'reviewer',
  iteration: 3,
  format: 'json',
  task: 'Find it.',
  limits,
  requireCitations: true,
  metadata: { from: 'host' },
  skipped: { missing: 2, binary: 1 },
  ...change,
})

export const treeEnd = (change: Partial<TreeEnd> = {}): TreeEnd => ({
  error: null,
  final: 'the answer',
  highlights: ['found'],
  citations: [],
  spent: { steps: 4, subcalls: 5, depthReached: 2, inputTokens: 100, outputTokens: 20, costUsd: 0.5 },
  trace: [],
  sandbox: { backend: 'python', language: true, process: true, kernel: true },
  elapsedSeconds: 1.23456,
  ...change,
})

export const citation = (change: Partial<Citation> = {}): Citation => ({
  path: 'a.md',
  start_line: 1,
  end_line: 1,
  signal: 'reference',
  snippet: '# Title',
  verified: true,
  sha256: 'hash',
  ...change,
})

export const contents = { 'a.md': '# Title\ntext\n', 'b.py': '\n\ndef run():\n    pass\n', 'empty.txt': '' }

/** What is written to result.json, as its readers get it. */
export function build(
  end: Partial<TreeEnd> = {},
  change: Partial<Occasion> = {},
  documents: Contents = contents,
): Result {
  const result = buildResult(occasion(change), openSnapshot(documents), treeEnd(end))
  return resultSchema.parse(JSON.parse(JSON.stringify(result)))
}
