// rlm goal: works on a repository until its validator passes.
import { checkAgent, createAgent } from '../../goal/agents/create-agent.ts'
import { detectValidator } from '../../goal/detection/detect.ts'
import { asGoalError, GoalError, goalErrors } from '../../goal/errors.ts'
import type { GoalSink } from '../../goal/events.ts'
import { endings, type Goal } from '../../goal/goal.ts'
import { beginRun, type OpenRun, resumeRun } from '../../goal/open-run.ts'
import { findRun, readManifest } from '../../goal/registry.ts'
import { defaultTask, excludeRuns, findRepository, type Repository } from '../../goal/repository.ts'
import { runGoal } from '../../goal/run-goal.ts'
import { openSnapshots } from '../../goal/snapshots.ts'
import { listSources } from '../../runs/context-list.ts'
import { type Answer, chooseValidator } from '../ask-validator.ts'
import { expandContexts } from '../context-paths.ts'
import type { ParsedFlags } from '../flags.ts'
import { readGoalFlags } from '../goal-flags.ts'
import { type GoalOptions, goalFlags, readGoalOptions } from '../goal-options.ts'
import { openGoalOutput } from '../goal-output.ts'
import { type Command, printError } from '../main.ts'
import { goalHelp } from './goal-help.ts'
import { listGoals, showGoal } from './goal-status.ts'
import { validateGoal } from './goal-validate.ts'

type Part = (argv: readonly string[], signal: AbortSignal) => Promise<number>

const parts: Record<string, Part> = {
  status: showGoal,
  list: listGoals,
  resume: resumeGoal,
  validate: validateGoal,
}

export const goal: Command = async (argv, signal) => {
  if (argv.includes('--help') || argv.includes('-h')) return print(goalHelp)
  const [first = '', ...rest] = argv
  const part = Object.hasOwn(parts, first) ? parts[first] : undefined
  try {
    return { exit: await (part === undefined ? startGoal(argv, signal) : part(rest, signal)) }
  } catch (cause) {
    if (!signal.aborted) return { exit: tell(asGoalError(cause)) }
    process.stderr.write(`rlm: ${(signal.reason as Error).message}, before anything had begun\n`)
    return { exit: endings.interrupted }
  }
}

async function startGoal(argv: readonly string[], signal: AbortSignal): Promise<number> {
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
    contexts,
    protect,
    limits,
  }
  excludeRuns(repository)
  const run = await beginRun(work, given)
  const notice =
    options.agentFound && agent[0] === 'rlms:offline'
      ? 'no agent is named and no agent program was found: the offline agent tries small repairs'
      : null
  return carryOut(run, repository, flags.values.json === true, notice, signal)
}

async function resumeGoal(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readGoalFlags(argv, { run: 'text', json: 'switch' }, 1)
  const { run: flag, json } = values
  const repository = await findRepository(process.cwd(), signal)
  const paths = findRun(repository.root, typeof flag === 'string' ? flag : positionals[0])
  const { status, reason } = readManifest(paths)
  if (status === 'passed' || status === 'budget_complete') {
    print(`run ${paths.id} has ended: ${reason}`)
    return endings[status]
  }
  excludeRuns(repository)
  return carryOut(await resumeRun(paths, repository.root), repository, json === true, null, signal)
}

async function carryOut(
  { record, close }: OpenRun,
  repository: Repository,
  json: boolean,
  notice: string | null,
  signal: AbortSignal,
): Promise<number> {
  const { state, paths } = record
  const { goal: work } = state
  const output = openGoalOutput(json)
  try {
    announce(output.emit, record, notice)
    const snapshotsIn = (signal: AbortSignal) => openSnapshots(repository, paths.snapshots, work.task, signal)
    const readContexts = (contexts: readonly string[]) =>
      listSources(expandContexts(contexts, `${paths.folder}/stdin.txt`), work.root).sources
    const openAgent = () => createAgent(record, readContexts)
    const { error, status } = await runGoal({ record, snapshotsIn, openAgent, emit: output.emit }, signal)
    output.end()
    return error === null ? endings[status] : tell(error)
  } finally {
    output.end()
    close()
  }
}

function announce(
  emit: GoalSink,
  { state, paths, manifest }: OpenRun['record'],
  notice: string | null,
): void {
  const resumed = manifest.sessions.length > 1
  const { task, validator, validatorReason } = state.goal
  const { id, folder } = paths
  emit({ type: 'run', run_id: id, task, folder, resumed_at: resumed ? state.iteration : null })
  emit({ type: 'validator', command: validator, reason: validatorReason })
  if (notice !== null) emit({ type: 'warning', message: notice })
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

function tell(error: GoalError): number {
  printError('rlm', error)
  return goalErrors[error.code].exit
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}
