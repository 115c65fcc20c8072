// How a goal can be refused or break down: a stable code, the exit status, what it means and what to do about it.
// docs/errors.md is checked against this table.
import { isSystemError, RlmsError } from '../contract/errors.ts'

export const goalErrors = {
  goal_usage: {
    exit: 1,
    meaning: 'The command line cannot be understood: an unknown flag, a missing goal, a word too many.',
    fix: 'See `rlm goal --help`.',
  },
  validator_missing: {
    exit: 2,
    meaning: 'No command that judges the repository was found, and nobody could be asked.',
    fix: 'Give `--validator "<command>"`, or `--validator none` to run to the budget.',
  },
  validator_ambiguous: {
    exit: 2,
    meaning: 'Several commands could judge the repository, and nobody could be asked.',
    fix: 'Choose one with `--validator "<command>"`.',
  },
  validator_unusable: {
    exit: 4,
    meaning: 'The validator cannot run: no such program or script, or it may not be executed.',
    fix: 'Install what it needs, or correct `--validator`; nothing was spent.',
  },
  goal_config: {
    exit: 5,
    meaning: 'An option of a goal, or a variable that stands for one, has a value that cannot be used.',
    fix: 'Correct the option that the message names.',
  },
  goal_busy: {
    exit: 5,
    meaning: 'Another run works in this repository, or the run that is to be resumed still goes on.',
    fix: 'Wait for it or end it; or use a work tree of its own (`git worktree add`).',
  },
  run_unknown: {
    exit: 5,
    meaning: 'There is no run of that id in this repository.',
    fix: 'See `rlm goal list`.',
  },
  agent_failed: {
    exit: 10,
    meaning: 'The agent failed again and again without having changed anything.',
    fix: 'Read agent.log of the last iteration; mend its login, network or arguments, then `rlm goal resume`.',
  },
  goal_failed: {
    exit: 10,
    meaning:
      'The runner itself failed: a full disk, a record that cannot be read or written, git, or a defect.',
    fix: 'Mend what the message names, then `rlm goal resume`; the last good state is kept.',
  },
} as const satisfies Record<string, { exit: number; meaning: string; fix: string }>

export type GoalErrorCode = keyof typeof goalErrors

/** A refusal or breakdown with a stable code. `message` says what and why; `fix` what to do. */
export class GoalError extends Error {
  override readonly name = 'GoalError'
  readonly code: GoalErrorCode
  readonly fix: string

  constructor(code: GoalErrorCode, message: string, fix?: string) {
    super(message)
    this.code = code
    this.fix = fix ?? goalErrors[code].fix.replaceAll('`', '')
  }
}

/** The failure as a GoalError; anything unforeseen is a `goal_failed` that keeps its message. */
export function asGoalError(error: unknown): GoalError {
  if (error instanceof GoalError) return error
  if (isSystemError(error) && error.syscall === 'uv_cwd')
    return new GoalError('goal_config', 'the working directory is no longer there', 'Change to one that is.')
  if (error instanceof RlmsError && error.code === 'invalid_config')
    return new GoalError('goal_config', error.message, error.fix)
  return new GoalError('goal_failed', error instanceof Error ? error.message : String(error))
}

/** Does `work` on a file; a failure of the system is told with the file's path. */
export function withPath<T>(path: string, what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isSystemError(error)) throw error
    const full = error.code === 'ENOSPC' || error.code === 'EDQUOT'
    throw new GoalError(
      'goal_failed',
      `${path} cannot be ${what}: ${full ? 'the disk is full' : error.message}`,
      full
        ? 'Free some space, then continue with rlm goal resume; the last good state is kept.'
        : 'Correct its permissions, then continue with rlm goal resume; the last good state is kept.',
    )
  }
}
