// rlm list: the runs under the state folder.
import { formatUsd } from '../../rlm/budget.ts'
import { type KnownRun, listRuns } from '../../runs/run-store.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { readChoice, readNumber, usage } from '../flags.ts'
import { printValue } from '../print-value.ts'
import { outputFormats } from '../settings/table.ts'

const spec: CommandSpec = {
  name: 'rlm list',
  summary: 'the runs there were, the newest first',
  operands: '',
  examples: ['rlm list', 'rlm list --format json | jq -r \'.[] | select(.state == "broken off").id\''],
  flags: [
    { name: 'format', value: 'WORD', choices: outputFormats, help: 'text, json or yaml (default text)' },
    { name: 'limit', value: 'N', help: 'at most so many (default 20)' },
  ],
}

export const list = specify(spec, async ({ values, positionals }) => {
  if (positionals.length > 0) throw usage('rlm list takes no words', 'See rlm status RUN for one run.')
  const format = readChoice('--format', String(values.format ?? 'text'), outputFormats)
  const limit = readNumber('--limit', String(values.limit ?? '20'), { min: 1 })
  const runs = listRuns(process.env).slice(0, limit).map(describeRun)
  if (format !== 'text') await printValue(runs, format)
  else if (runs.length === 0) process.stderr.write('rlm: there are no runs yet\n')
  else process.stdout.write(runs.map(showRun).join(''))
  return 0
})

/** A run as list and status tell it. */
export function describeRun({ record, state, result }: KnownRun) {
  return {
    id: record.id,
    state,
    task: record.task,
    started_at: record.started_at,
    folder: record.folder,
    model: record.settings.model ?? null,
    error_code: result?.error_code ?? null,
    usage: result?.usage ?? null,
    elapsed_seconds: result?.stats.elapsed_seconds ?? null,
  }
}

function showRun({ id, state, task, error_code: code, usage: used }: ReturnType<typeof describeRun>): string {
  const cost =
    used === null
      ? ''
      : used.cost_usd === null
        ? `${used.input_tokens + used.output_tokens} tokens`
        : formatUsd(used.cost_usd)
  const line = task.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, ' ')
  return `${id}  ${(code ?? state).padEnd(23)}  ${cost.padStart(14)}  ${line.length > 60 ? `${line.slice(0, 59)}…` : line}\n`
}
