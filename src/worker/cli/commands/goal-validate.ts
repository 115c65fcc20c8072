// rlm goal validate: the validator by itself, so that others (a gate of superloop.sh, a hook, CI) judge as a goal does.
import { constants } from 'node:os'
import { detectValidator } from '../../goal/detection/detect.ts'
import { GoalError } from '../../goal/errors.ts'
import { findRun, readManifest } from '../../goal/registry.ts'
import { findRepository } from '../../goal/repository.ts'
import { endGroup, startGroup } from '../../lib/process-group.ts'
import { chooseValidator } from '../goal/ask-validator.ts'
import { readGoalFlags } from '../goal/flags.ts'

const graceMs = 500

/** Prints what the validator prints, and gives its exit status. */
export async function validateGoal(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readGoalFlags(argv, { run: 'text' }, 1)
  const { root } = await findRepository(process.cwd(), signal)
  const run = typeof values.run === 'string' ? values.run : positionals[0]
  const command =
    run === undefined
      ? process.env.RLM_VALIDATOR || (await chooseValidator(detectValidator(root), signal)).validator
      : readManifest(findRun(root, run)).validator
  if (command === null || command === 'none')
    throw new GoalError(
      'validator_missing',
      run === undefined ? 'there is none' : `run ${run} has no validator`,
    )
  return runHere(command, root, signal)
}

async function runHere(command: string, root: string, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  const child = startGroup(['/bin/sh', '-c', command], {
    cwd: root,
    env: process.env,
    stdio: ['ignore', 'inherit', 'inherit'],
    tag: `rlm-goal-validate-${process.pid}`,
  })
  const { pid } = child
  try {
    return await new Promise<number>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      child.once('error', reject)
      child.once('exit', (status, name) => resolve(status ?? 128 + (name ? constants.signals[name] : 0)))
    })
  } finally {
    if (pid !== undefined) await endGroup(pid, graceMs)
  }
}
