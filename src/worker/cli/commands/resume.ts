// rlm resume: a run that ended early goes on from its journal; nothing that was paid for is asked again.
import { findRun } from '../../runs/run-store.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { usage } from '../flags.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { settingFlags } from '../settings/table.ts'
import { perform, runNotes } from './run.ts'

const spec: CommandSpec = {
  name: 'rlm resume',
  summary: 'go on with a run that was interrupted or hit a limit',
  operands: 'RUN',
  examples: ['rlm resume last --max-usd 2', 'rlm resume 20260131-101500-123-3f9a'],
  flags: [...settingFlags],
  notes: [
    'RUN is the id of a run, how it begins, or last; rlm list names them. Without one, the goal of this repository is meant: see rlm goal --help. Flags change what the run was started with; what it has spent counts towards its limits.',
    ...runNotes,
  ],
}

/** How a run shows itself is for whoever looks now, not for who started it. */
const ofTheMoment = ['format', 'progress', 'quiet', 'verbose']

export const resume = specify(spec, async ({ values, positionals }, signal) => {
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usage('rlm resume takes one run', 'See rlm list.')
  const { record, state } = findRun(process.env, name)
  if (state === 'running') throw usage(`run ${record.id} is running`, 'Wait for it, or interrupt it.')
  if (state === 'replaced')
    throw usage(
      `another run was given the folder of run ${record.id}: ${record.folder}`,
      'Ask again with rlm run.',
    )
  const earlier = Object.fromEntries(
    Object.entries(record.settings).filter(([key]) => !ofTheMoment.includes(key)),
  )
  const resolved = await resolveSettings({ cwd: record.cwd, env: process.env, flags: values, earlier })
  return perform({ ...record, started_at: new Date().toISOString() }, resolved, true, signal)
})
