// Commands of the bundle for agents. Errors do not cross between bundles as classes, so they are told here.
import { AgentsError, agentErrors, isLimit } from '../../agents/errors.ts'
import { asRlmsError, errorTable } from '../../contract/errors.ts'
import { type CommandSpec, type SpecifiedCommand, specify } from '../command-spec.ts'
import type { ParsedFlags } from '../flags.ts'
import { type Command, printError } from '../main.ts'
import { printValue } from '../print-value.ts'

type Act = (flags: ParsedFlags, signal: AbortSignal) => Promise<number>

export function specifyForAgents(spec: CommandSpec, act: Act): SpecifiedCommand {
  const specified = specify(spec, async (flags, signal) => {
    try {
      return await act(flags, signal)
    } catch (cause) {
      const error = asAgentsError(cause)
      if (error === null) throw cause
      return tell(error, flags.values.format)
    }
  })
  const command: Command = async (argv, signal) => {
    try {
      return await specified(argv, signal)
    } catch (cause) {
      const error = asRlmsError(cause)
      printError('rlm', error)
      return errorTable[error.code].exit
    }
  }
  return Object.assign(command, { spec })
}

function asAgentsError(cause: unknown): AgentsError | null {
  if (cause instanceof AgentsError) return cause
  return cause instanceof Error && isLimit(cause.message)
    ? new AgentsError('agent_limit', cause.message)
    : null
}

async function tell(error: AgentsError, format: unknown): Promise<number> {
  const { code, message, fix } = error
  if (format === 'json' || format === 'yaml')
    await printValue({ ok: false, error: message, error_code: code, error_fix: fix }, format)
  return printAgentsError(error)
}

/** The exit status. */
export function printAgentsError(error: AgentsError): number {
  printError('rlm', error)
  return agentErrors[error.code].exit
}
