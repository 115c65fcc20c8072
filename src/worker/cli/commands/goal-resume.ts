// rlm goal resume: goes on with a run that was interrupted, killed, or gave up.
import { endings } from '../../goal/goal.ts'
import { resumeRun } from '../../goal/open-run.ts'
import { findRun, readManifest } from '../../goal/registry.ts'
import { excludeRuns, findRepository } from '../../goal/repository.ts'
import { carryOut } from '../goal/carry-out.ts'
import { readGoalFlags } from '../goal/flags.ts'
import { openGoalOutput } from '../goal/output.ts'

/** The status is that of the resumed run, also where there is nothing left to do. */
export async function resumeGoal(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readGoalFlags(argv, { run: 'text', json: 'switch' }, 1)
  const json = values.json === true
  const repository = await findRepository(process.cwd(), signal)
  const paths = findRun(repository.root, typeof values.run === 'string' ? values.run : positionals[0])
  const { status, reason, iterations, elapsed_seconds: seconds } = readManifest(paths)
  if (status === 'passed' || status === 'budget_complete') {
    openGoalOutput(json).emit({
      type: 'end',
      run_id: paths.id,
      status,
      reason: reason ?? '',
      exit_code: endings[status],
      iterations: iterations.filter(({ iteration }) => iteration > 0).length,
      seconds,
    })
    return endings[status]
  }
  excludeRuns(repository)
  const run = await resumeRun(paths, repository.root)
  return carryOut(run, { repository, json, notice: null }, signal)
}
