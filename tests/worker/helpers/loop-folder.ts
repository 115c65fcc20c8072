// A loop's folder as the host leaves it, without running one: events, usage, results and messages of a run.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'

type Fields = Record<string, unknown>

export interface LoopFolder {
  readonly repo: string
  readonly loopDir: string
  /** Appends an event; a minute passes before the next one. */
  event(event: string, fields?: Fields): void
  write(path: string, ...values: readonly unknown[]): void
}

export const runId = '2026-01-02T03:00:00Z'

export function makeLoopFolder(): LoopFolder {
  const repo = temporaryFolder()
  const loopDir = join(repo, '.superloop', 'loops', 'work')
  mkdirSync(loopDir, { recursive: true })
  let minutes = 0
  const write = (path: string, ...values: readonly unknown[]) => {
    const texts = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    const file = join(loopDir, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, `${texts.join('\n')}\n`)
  }
  return {
    repo,
    loopDir,
    write,
    event(event, fields = {}) {
      const timestamp = new Date(Date.parse(runId) + 60_000 * minutes++).toISOString().replace('.000Z', 'Z')
      const line = { timestamp, event, loop_id: 'work', run_id: runId, iteration: 1, ...fields }
      appendFileSync(join(loopDir, 'events.jsonl'), `${JSON.stringify(line)}\n`)
    },
  }
}

const roles = ['planner', 'implementer', 'tester', 'reviewer'] as const

/** One iteration of four roles, an analysis for the reviewer. */
export function addIteration(folder: LoopFolder, iteration: number, gates: Fields = {}): void {
  folder.event('iteration_start', { iteration })
  for (const role of roles) {
    if (role === 'reviewer') addAnalysis(folder, iteration)
    folder.event('role_start', { iteration, role, data: { log_file: logFile(folder, iteration, role) } })
    folder.event('role_end', { iteration, role, status: 'ok', data: {} })
  }
  const data = {
    promise: true,
    tests: 'ok',
    validation: 'skipped',
    checklist: 'ok',
    evidence: 'ok',
    ...gates,
  }
  folder.event('gates_evaluated', { iteration, data })
  const completion = data.promise && data.tests === 'ok' && data.checklist === 'ok'
  folder.event('iteration_end', { iteration, data: { completion } })
}

export function addAnalysis(
  folder: LoopFolder,
  iteration: number,
  result: Fields = {},
  role = 'reviewer',
): void {
  const metrics = { file_count: 12, line_count: 3410, char_count: 160_000, estimated_tokens: 40_000 }
  const data = { role, mode: 'hybrid', reason: 'hybrid_auto', should_run: true, metrics }
  folder.event('rlms_decision', { iteration, role, data })
  folder.write(`rlms/iter-${iteration}/${role}/result.json`, { ...analysisResult, ...result })
  const status = result.ok === false ? 'failed' : 'ok'
  folder.event('rlms_end', { iteration, role, status, data: { role, status } })
}

const analysisResult = {
  ok: true,
  partial: false,
  task: 'Help the reviewer.',
  highlights: ['The counter counts.', 'Its tests cover zero.'],
  citations: [
    citation({
      path: 'src/counter.ts',
      start_line: 3,
      end_line: 5,
      snippet: 'export function count() {\n  n += 1\n}',
    }),
    citation({ path: 'src/none.ts', verified: false, reason: 'there is no such document' }),
  ],
  stats: { file_count: 12, step_count: 4, subcall_count: 2, elapsed_seconds: 31.4 },
  usage: { input_tokens: 9000, output_tokens: 800, cost_usd: 0.05 },
  sandbox: { backend: 'native-python', language: true, process: true, kernel: true },
  metadata: { run_id: runId },
}

export function citation(fields: Fields): Fields {
  const whole = {
    path: 'a.ts',
    start_line: 1,
    end_line: 1,
    signal: 'definition',
    snippet: 'text',
    verified: true,
  }
  return { ...whole, sha256: '', ...fields }
}

function logFile({ loopDir }: LoopFolder, iteration: number, role: string): string {
  return join(loopDir, 'logs', `iter-${iteration}`, `${role}.log`)
}
