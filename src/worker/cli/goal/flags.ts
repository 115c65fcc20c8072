// Flags of `rlm goal` and its parts: mistakes on the command line are of the goal's own kind, with its own exit status.
import { RlmsError } from '../../contract/errors.ts'
import { GoalError } from '../../goal/errors.ts'
import { type FlagTable, type ParsedFlags, parseFlags } from '../flags.ts'

/** Throws `goal_usage`; `words` is how many words may stand beside the flags. */
export function readGoalFlags(argv: readonly string[], table: FlagTable, words: number): ParsedFlags {
  let flags: ParsedFlags
  try {
    flags = parseFlags(argv, table)
  } catch (error) {
    throw error instanceof RlmsError ? new GoalError('goal_usage', error.message, error.fix) : error
  }
  const extra = flags.positionals[words]
  if (extra === undefined) return flags
  const fix = words === 1 ? 'Put what belongs together into quotes.' : 'See rlm goal --help.'
  throw new GoalError('goal_usage', `${JSON.stringify(extra)} is a word too many`, fix)
}
