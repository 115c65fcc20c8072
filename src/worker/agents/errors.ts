// How work with agents can be refused or fail on the command line: a stable code, the exit status, what it means and what
// to do about it. docs/errors.md is checked against this table.

export const agentErrors = {
  channel_missing: {
    exit: 2,
    meaning: 'The command was used outside of an agent, or its orchestrator is gone.',
    fix: 'Use `rlm agent` in a program that `rlm agents run` or a RecursiveSpawner has started.',
  },
  request_refused: {
    exit: 1,
    meaning:
      'The orchestrator could not do what an agent asked: no such variable or function, or a value it cannot take.',
    fix: 'Correct what the message names; `rlm agent list` shows the variables.',
  },
  agent_limit: {
    exit: 3,
    meaning: 'An agent may not start: the tree is as deep as it may be, or a budget is used up.',
    fix: 'Raise `--max-depth`, `--max-tokens` or `--max-usd` of the run; what was answered so far is kept.',
  },
  agent_gave_nothing: {
    exit: 1,
    meaning: 'The agent failed, or all of them did; what each said is in the tree.',
    fix: 'See `rlm agents tree last`; mend the login, the network or the arguments of its program.',
  },
  task_failed: {
    exit: 1,
    meaning: 'A task of `rlm dev` was not done.',
    fix: 'Read what its agent said in the report, then run again: tasks that are ticked off are left out.',
  },
} as const satisfies Record<string, { exit: number; meaning: string; fix: string }>

export type AgentErrorCode = keyof typeof agentErrors

/** A refusal or failure with a stable code. `message` says what and why; `fix` what to do. */
export class AgentsError extends Error {
  override readonly name = 'AgentsError'
  readonly code: AgentErrorCode
  readonly fix: string

  constructor(code: AgentErrorCode, message: string, fix?: string) {
    super(message)
    this.code = code
    this.fix = fix ?? agentErrors[code].fix.replaceAll('`', '')
  }
}

/** Whether the message is that of an agent that may not start. */
export function isLimit(message: string): boolean {
  return /^(?:Maximum recursion depth \(|(?:Token|USD) budget exhausted \()/.test(message)
}
