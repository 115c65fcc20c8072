// rlm status: one run, while it goes on and after.
import { readFileSync } from 'node:fs'
import { objectLines, textOf } from '../../lib/fields.ts'
import { withoutSteering } from '../../lib/terminal-text.ts'
import { formatUsd } from '../../rlm/budget.ts'
import { runPaths } from '../../runs/artifacts.ts'
import { findRun } from '../../runs/run-store.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { readChoice, usage } from '../flags.ts'
import { inOwnWords } from '../own-words.ts'
import { printValue } from '../print-value.ts'
import { outputFormats } from '../settings/table.ts'
import { describeRun } from './list.ts'

const spec: CommandSpec = {
  name: 'rlm status',
  summary: 'where one run stands: its question, its calls, its cost, its answer',
  operands: '[RUN]',
  examples: ['rlm status', 'rlm status 20260131 --format json'],
  flags: [
    { name: 'format', value: 'WORD', choices: outputFormats, help: 'text, json or yaml (default text)' },
  ],
  notes: ['RUN is the id of a run, how it begins, or last (the default).'],
}

export const status = specify(spec, async ({ values, positionals }) => {
  const [name = 'last', ...more] = positionals
  if (more.length > 0) throw usage('rlm status takes one run', 'See rlm list.')
  const format = readChoice('--format', String(values.format ?? 'text'), outputFormats)
  const known = findRun(process.env, name)
  const { id, state, ...rest } = describeRun(known)
  const told = {
    id,
    state,
    ...rest,
    journal: readJournal(runPaths(known.record.folder).journal),
    final: known.result?.final ?? null,
    error: known.result?.error ?? null,
    error_fix: inOwnWords(known.result?.error_fix ?? '') || null,
  }
  if (format !== 'text') await printValue(told, format)
  else process.stdout.write(show(told))
  return 0
})

/** What a run has done by now, from its journal. */
function readJournal(path: string) {
  let records: ReturnType<typeof objectLines> = []
  try {
    records = objectLines(readFileSync(path, 'utf8'))
  } catch {
    // it has not begun
  }
  const count = (type: string) => records.filter((record) => textOf(record.type) === type).length
  return { steps: count('step'), calls: count('call'), failed_calls: count('call_failed') }
}

type Told = ReturnType<typeof describeRun> & {
  readonly journal: ReturnType<typeof readJournal>
  readonly final: unknown
  readonly error: string | null
  readonly error_fix: string | null
}

function show({ id, state, journal, usage: used, final, error, error_fix: fix, ...told }: Told): string {
  const cost =
    used === null
      ? []
      : [
          `${used.input_tokens + used.output_tokens} tokens, ${used.cost_usd === null ? 'price unknown' : formatUsd(used.cost_usd)}`,
        ]
  const rows = [
    ['run', `${id}, ${state}`],
    ['asked', told.task],
    ['model', String(told.model)],
    ['started', told.started_at],
    ['folder', told.folder],
    ['done', `${journal.steps} steps, ${journal.calls} calls, ${journal.failed_calls} failed calls`],
    ...cost.map((text) => ['used', text]),
    ...(error === null
      ? []
      : [
          ['error', error],
          ['fix', String(fix)],
        ]),
    ...(final === null
      ? []
      : [['answer', typeof final === 'string' ? final : JSON.stringify(final, null, 2)]]),
  ]
  return rows
    .map(
      ([name = '', text = '']) =>
        `${name.padEnd(9)}${withoutSteering(text).replaceAll('\n', '\n         ')}\n`,
    )
    .join('')
}
