// For the prerequisites gate of superloop.sh: judges the checks of a loop.
import { readFileSync } from 'node:fs'
import { judgePrerequisites, type Prerequisite } from '../../gates/prerequisites.ts'
import { parseFlags, usage } from '../flags.ts'
import type { Command } from '../main.ts'

/** The checks, a JSON array, on standard input; the report on standard output, `ok` first. */
export const prerequisites: Command = async (argv) => {
  const { repo } = parseFlags(argv, { repo: 'text' }).values
  if (typeof repo !== 'string') throw usage('prerequisites --repo DIR <CHECKS')
  const checks: readonly Prerequisite[] = JSON.parse(readFileSync(0, 'utf8'))
  process.stdout.write(`${JSON.stringify(judgePrerequisites(checks, repo))}\n`)
  return 0
}
