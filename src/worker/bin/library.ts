// What `import … from 'superloop-rlms'` gives: the agents library, and its command line as a function.
import { createRequire } from 'node:module'

export * from '../agents/index.ts'

type Command = (argv: readonly string[], signal: AbortSignal) => Promise<number | { exit: number }>

/** `rlm agents` with these arguments; a task alone is run. Prints the answer; resolves to the exit status. */
export async function main(args: string[]): Promise<number> {
  const { agents } = createRequire(`${import.meta.dirname}/`)('./agents.cjs') as { agents: Command }
  const isTask = args[0] !== undefined && !/^(?:run|tree|list|-h|--help)$/.test(args[0])
  const status = await agents(isTask ? ['run', ...args] : args, new AbortController().signal)
  return typeof status === 'number' ? status : status.exit
}
