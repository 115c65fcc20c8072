// rlm goal GOAL: finds out what is to be reached and who works and judges, then begins.
import { checkAgent } from '../../goal/agents/create-agent.ts'
import { detectValidator } from '../../goal/detection/detect.ts'
import { GoalError } from '../../goal/errors.ts'
import type { Goal } from '../../goal/goal.ts'
import { beginRun } from '../../goal/open-run.ts'
import { defaultTask, excludeRuns, findRepository } from '../../goal/repository.ts'
import type { ParsedFlags } from '../flags.ts'
import { type Answer, chooseValidator } from '../goal/ask-validator.ts'
import { carryOut } from '../goal/carry-out.ts'
import { contextsFrom, takeContexts } from '../goal/contexts.ts'
import { readGoalFlags } from '../goal/flags.ts'
import { type GoalOptions, goalFlags, readGoalOptions } from '../goal/options.ts'

export async function startGoal(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const flags = readGoalFlags(argv, goalFlags, 1)
  const repository = await findRepository(process.cwd(), signal)
  const options = readGoalOptions(flags, process.env, repository.root)
  const wanted = await readWanted(flags, options, repository.root, signal)
  checkAgent(options.agent, options.mode, repository.root)
  refuseEndless(wanted.validator, options)
  const { task, agent, mode, roles, contexts, protect, limits, given } = options
  const work: Goal = {
    root: repository.root,
    task: task ?? defaultTask(repository),
    goal: wanted.goal,
    validator: wanted.validator,
    validatorReason: wanted.reason,
    agent,
    mode,
    roles,
    contexts: contextsFrom(process.cwd(), contexts),
    protect,
    limits,
  }
  excludeRuns(repository)
  const run = await beginRun(work, given)
  await takeContexts(run, signal)
  const notice =
    options.agentFound && agent[0] === 'rlms:offline'
      ? 'no agent is named and no agent program was found: the offline agent tries small repairs'
      : null
  return carryOut(run, { repository, json: flags.values.json === true, notice }, signal)
}

/** What to reach and who judges it: as given, from a loop, or found. */
async function readWanted(
  { positionals }: ParsedFlags,
  options: GoalOptions,
  root: string,
  signal: AbortSignal,
): Promise<Answer & { readonly goal: string }> {
  const loop = options.fromLoop === null ? null : await loopGoal(root, options.fromLoop)
  const goal = positionals[0]?.trim() || loop?.goal
  if (!goal)
    throw new GoalError('goal_usage', 'the goal is missing', 'Say it: rlm goal "make the tests pass".')
  const { validator } = options
  if (validator !== 'auto') return { goal, validator, reason: `given by ${givenBy(options)}` }
  if (loop?.validator) return { goal, validator: loop.validator, reason: loop.source }
  return { goal, ...(await chooseValidator(detectValidator(root), signal)) }
}

async function loopGoal(root: string, id: string) {
  const { readLoopGoal } = await import('../../goal/from-loop.ts')
  return readLoopGoal(root, id)
}

function givenBy({ given }: GoalOptions): string {
  return given.validator?.from === 'environment' ? 'RLM_VALIDATOR' : '--validator'
}

/** Nothing would ever end such a run. */
function refuseEndless(validator: string | null, { limits }: GoalOptions): void {
  if (validator !== null || limits.iterations !== null || limits.minutes !== null) return
  throw new GoalError(
    'goal_config',
    'without a validator, without a limit of iterations and without a limit of time the run would never end',
    'Give --validator "<command>", or --max-iterations N, or --max-minutes X.',
  )
}
