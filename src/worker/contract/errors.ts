// Every way a run can end badly: a stable code, the exit status, what it means and what to do about it.
// docs/errors.md is checked against this table.

interface ErrorEntry {
  readonly exit: number
  readonly meaning: string
  readonly fix: string
}

export const errorTable = {
  invalid_config: {
    exit: 2,
    meaning:
      'A flag, an environment variable, a configuration value or an input file cannot be used as given.',
    fix: 'Correct the value that the message names.',
  },
  missing_root_command: {
    exit: 2,
    meaning: 'No root model was configured.',
    fix: 'Give --root-command-json, for example \'["rlms:offline"]\' or \'["rlms:claude"]\'.',
  },
  limit_exceeded: {
    exit: 2,
    meaning: 'The run reached one of its limits: steps, sub-calls, depth, tokens, USD or time.',
    fix: 'Raise the limit that the message names, or continue with --resume; the best partial answer is in result.json.',
  },
  sandbox_violation: {
    exit: 1,
    meaning: 'Model-written code kept using something the sandbox does not allow.',
    fix: 'Read the rule in the message; a clearer task or a stronger root model avoids it.',
  },
  code_error: {
    exit: 1,
    meaning: 'Model-written code kept failing, or the replies held no code.',
    fix: 'See the last steps in journal.jsonl; raise --max-errors or use a stronger root model.',
  },
  model_invocation_failed: {
    exit: 1,
    meaning: 'A model could not be asked, or its answer was an error, empty or unreadable.',
    fix: 'Run the command in the message by hand, or check URL, key and model; then login, network and arguments.',
  },
  sandbox_unavailable: {
    exit: 1,
    meaning: 'This machine cannot give the sandbox that the run requires.',
    fix: 'Install what the message names, or allow less with --sandbox-require process.',
  },
  sandbox_lost: {
    exit: 1,
    meaning: 'The process that runs model-written code died and could not be replaced.',
    fix: 'Look for memory pressure or a killed process; --resume continues from the journal.',
  },
  worker_failure: {
    exit: 1,
    meaning: 'The worker itself failed: a full disk, a file that cannot be written, or a defect.',
    fix: 'Free the resource that the message names; report the message if it names none.',
  },
  cancelled: {
    exit: 130,
    meaning: 'The run was interrupted (SIGINT: exit 130, SIGTERM: 143, SIGHUP: 129).',
    fix: 'Continue with --resume; nothing that was paid for is asked again.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable
export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

/** A failure with a stable code. `message` says what and why; `fix` what to do. */
export class RlmsError extends Error {
  override readonly name = 'RlmsError'
  readonly code: ErrorCode
  readonly fix: string

  constructor(code: ErrorCode, message: string, fix: string = errorTable[code].fix) {
    super(message)
    this.code = code
    this.fix = fix
  }
}

/** The failure as an RlmsError: anything unforeseen is a `worker_failure` that keeps its message. */
export function asRlmsError(error: unknown): RlmsError {
  if (error instanceof RlmsError) return error
  if (isSystemError(error) && error.code === 'ENOSPC') {
    return new RlmsError(
      'worker_failure',
      `the disk is full: ${error.message}`,
      'Free some space, then continue with --resume.',
    )
  }
  if (isSystemError(error) && error.syscall === 'uv_cwd')
    return new RlmsError(
      'invalid_config',
      'the working directory is no longer there',
      'Change to one that is.',
    )
  return new RlmsError('worker_failure', error instanceof Error ? error.message : String(error))
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'
}
