// rlm run: a question about files, answered on standard output.
import { readdirSync, rmdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { type AnalysisRequest, analyse } from '../../compose.ts'
import { type ErrorCode, errorTable, isSystemError } from '../../contract/errors.ts'
import type { Result } from '../../contract/result.ts'
import { withoutSteering } from '../../lib/terminal-text.ts'
import { formatUsd } from '../../rlm/budget.ts'
import { makeRunFolder } from '../../runs/artifacts.ts'
import { lockRun } from '../../runs/run-lock.ts'
import { newRunId, type RunRecord, readRecord, recordRun, runFolder } from '../../runs/run-store.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { type ParsedFlags, usage } from '../flags.ts'
import { printError } from '../main.ts'
import { inOwnWords } from '../own-words.ts'
import { printValue } from '../print-value.ts'
import { openProgress } from '../progress.ts'
import { buildRequest, chooseModels, type RunModels, readQuestion, saveInput } from '../run-request.ts'
import { type Resolved, resolveSettings } from '../settings/resolve.ts'
import { type OutputFormat, type Settings, settingFlags } from '../settings/table.ts'

export const runNotes = [
  "Settings come from flags, else RLM_… variables, else the profile, else rlm.config.yaml and the like upwards from here, else the user's own: rlm config show tells each with its origin.",
  'Exit status: 0 ok; 1 the run failed; 2 usage or configuration; 3 a limit was hit (the partial answer is printed); 130 interrupted.',
]

const spec: CommandSpec = {
  name: 'rlm run',
  summary: 'answer a question about more than a model can read at once',
  operands: '"QUESTION" [--context PATH|GLOB|-]…',
  examples: [
    'rlm run "what fails, and why?" --context logs/',
    'rlm run "list the public functions" --context \'src/**/*.ts\' --model claude:opus --sub-model claude:haiku',
    'git log -p | rlm run "what changed in the parser?" --context -',
    'rlm run "which orders are late?" --context orders.csv --schema late.json --format json | jq .final',
    'rlm run "…" --model http://127.0.0.1:11434/v1#qwen3 --max-usd 0.50 --timeout 120',
  ],
  flags: [
    {
      name: 'context',
      value: 'PATH',
      repeated: true,
      help: 'file, folder (what git ignores is left out), glob, or - for standard input; may be repeated (default: .)',
    },
    { name: 'schema', value: 'FILE', help: 'a JSON Schema that the answer must match' },
    { name: 'out', value: 'DIR', help: "where the run's files go (default: under the state folder)" },
    { name: 'resume', help: 'go on from the journal in --out, asking nothing again; see also rlm resume' },
    ...settingFlags,
    { name: 'profile', value: 'NAME', help: 'settings under profiles.NAME of the configuration' },
    { name: 'config', value: 'FILE', help: 'this configuration in place of those found; none for none' },
  ],
  notes: runNotes,
}

export const run = specify(spec, async (flags, signal) => {
  const task = readTask(flags)
  const resolved = await resolveSettings({ cwd: process.cwd(), env: process.env, flags: flags.values })
  const record = openRecord(flags, resolved, task)
  return perform(record, resolved, flags.values.resume === true, signal)
})

function readTask({ positionals }: ParsedFlags): string {
  const [task, ...more] = positionals
  if (task !== undefined && task.trim() !== '' && more.length === 0) return task
  throw usage('rlm run takes one question', 'Put it into quotes: rlm run "what fails?" --context logs/')
}

function openRecord({ values, lists }: ParsedFlags, resolved: Resolved, task: string): RunRecord {
  const text = (name: string) => (typeof values[name] === 'string' ? (values[name] as string) : undefined)
  const out = text('out')
  if (values.resume && out === undefined)
    throw usage('--resume needs --out', 'Name the folder of the run, or use rlm resume RUN.')
  const earlier = values.resume && out !== undefined ? readRecord(out) : null
  const id = earlier?.id ?? newRunId()
  const schema = text('schema')
  return {
    schema_version: 1,
    id,
    task,
    cwd: process.cwd(),
    contexts: lists.context ?? ['.'],
    folder: resolve(out ?? runFolder(process.env, id)),
    settings: resolved.settings,
    schema: schema === undefined ? null : resolve(schema),
    started_at: new Date().toISOString(),
  }
}

/** Runs what is recorded and prints its answer; the exit status. */
export async function perform(
  record: RunRecord,
  resolved: Resolved,
  resume: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { settings } = resolved
  const models = chooseModels(resolved, process.env)
  const question = await readQuestion(record)
  const unlock = takeFolder(record)
  try {
    if (!resume) await saveInput(record, signal)
    const request = { ...buildRequest(record, resolved, models, question), resume }
    keepRecord({ ...record, settings: { ...settings, ...vectorsOf(models) } }, settings.quiet)
    return await answer(request, { id: record.id, models, settings }, signal)
  } finally {
    unlock()
  }
}

/** Nobody else writes there then. What it gives ends that, and leaves no folder of a run that did not come about. */
function takeFolder({ id, folder }: RunRecord): () => void {
  makeRunFolder(folder, 0o700)
  const unlock = lockRun(folder)
  return () => {
    unlock()
    if (folder === runFolder(process.env, id) && readdirSync(folder).length === 0) rmdirSync(folder)
  }
}

interface Asked {
  readonly id: string
  readonly models: RunModels
  readonly settings: Settings
}

async function answer(
  request: AnalysisRequest,
  { id, models, settings }: Asked,
  signal: AbortSignal,
): Promise<number> {
  const say = (text: string) => settings.quiet || process.stderr.write(`rlm: ${text}\n`)
  if (models.offlineForWant)
    say(
      'no model is configured and no agent program was found: answering offline, by patterns and word counts',
    )
  say(`run ${id}, model ${models.root.argv.join(' ')}`)
  const progress = openProgress(settings.quiet ? 'none' : settings.progress, process.stderr, {
    name: 'rlm',
    seconds: settings.timeout,
    verbose: settings.verbose,
  })
  const made = await analyse(request, progress.emit, signal).finally(() => progress.end())
  const result = made.error_fix === undefined ? made : { ...made, error_fix: inOwnWords(made.error_fix) }
  await print(result, settings.format)
  if (result.error_code !== undefined && resumable.includes(result.error_code))
    say(`go on with it: rlm resume ${id}`)
  say(describeUse(result))
  return status(result)
}

const resumable: readonly ErrorCode[] = [
  'limit_exceeded',
  'cancelled',
  'sandbox_lost',
  'model_invocation_failed',
]

// The model that was found, not that one was looked for: a resumed run goes on with it.
function vectorsOf({ root, sub }: RunModels) {
  return { model: JSON.stringify(root.argv), sub_model: JSON.stringify(sub.argv) }
}

// A run whose record cannot be kept is not listed, but can be made.
function keepRecord(record: RunRecord, quiet: boolean): void {
  try {
    recordRun(process.env, record)
  } catch (error) {
    if (!isSystemError(error)) throw error
    if (!quiet) process.stderr.write(`rlm: the run will not be listed: ${error.message}\n`)
  }
}

async function print(result: Result, format: OutputFormat): Promise<void> {
  if (format !== 'text') await printValue(result, format)
  else if (result.final !== null) {
    const shown = showFinal(result.final)
    process.stdout.write(`${process.stdout.isTTY ? withoutSteering(shown) : shown}\n`)
  }
  if (result.error_code !== undefined)
    printError('rlm', {
      code: result.error_code,
      message: result.error ?? '',
      fix: result.error_fix ?? '',
    })
}

function describeUse({ stats, usage: used }: Result): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
  const parts = [
    `${stats.elapsed_seconds.toFixed(1)} s`,
    count(stats.step_count, 'step'),
    count(stats.subcall_count, 'sub-call'),
    count(used.input_tokens + used.output_tokens, 'token'),
    used.cost_usd === null ? 'price unknown' : formatUsd(used.cost_usd),
  ]
  return parts.join(', ')
}

function showFinal(final: unknown): string {
  return typeof final === 'string' ? final : JSON.stringify(final, null, 2)
}

/** 3: a limit was hit, and the partial answer is printed. */
function status({ error_code: code }: Result): number {
  if (code === undefined) return 0
  return code === 'limit_exceeded' ? 3 : errorTable[code].exit
}
