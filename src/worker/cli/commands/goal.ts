// rlm goal: works on a repository until its validator passes. Its parts, and the exit statuses of its own.
import { asGoalError, GoalError, goalErrors } from '../../goal/errors.ts'
import { endings } from '../../goal/goal.ts'
import { renderHelp, type SpecifiedCommand } from '../command-spec.ts'
import { goalSpec } from '../goal/spec.ts'
import { type Command, printError } from '../main.ts'
import { resumeGoal } from './goal-resume.ts'
import { startGoal } from './goal-start.ts'
import { listGoals, showGoal } from './goal-status.ts'
import { validateGoal } from './goal-validate.ts'

type Part = (argv: readonly string[], signal: AbortSignal) => Promise<number>

const parts: Record<string, Part> = {
  status: showGoal,
  list: listGoals,
  resume: resumeGoal,
  validate: validateGoal,
}

const runGoalCommand: Command = async (argv, signal) => {
  const [first = '', ...rest] = argv
  const part = Object.hasOwn(parts, first) ? parts[first] : undefined
  try {
    if (argv.includes('--help') || argv.includes('-h')) return { exit: showHelp() }
    return { exit: await (part === undefined ? startGoal(argv, signal) : part(rest, signal)) }
  } catch (cause) {
    return { exit: tell(cause, signal) }
  }
}

export const goal: SpecifiedCommand = Object.assign(runGoalCommand, { spec: goalSpec })

function showHelp(): number {
  process.stdout.write(`${renderHelp(goalSpec)}\n`)
  return 0
}

function tell(cause: unknown, signal: AbortSignal): number {
  if (signal.aborted && !(cause instanceof GoalError)) {
    process.stderr.write(`rlm: ${(signal.reason as Error).message}, before anything had begun\n`)
    return endings.interrupted
  }
  const error = asGoalError(cause)
  printError('rlm', error)
  return goalErrors[error.code].exit
}
