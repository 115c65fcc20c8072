// For superloop.sh: what a loop's turns said and cost.

import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseReply } from '../../models/replies/formats.ts'
import { findRateLimit } from '../../models/replies/rate-limit.ts'
import { readText } from '../../records/read-text.ts'
import { readUsage, recordUsage } from '../../records/usage-log.ts'
import { type Budget, budgetBlindSpot, budgetExceeded, sumUsage } from '../../records/usage-totals.ts'
import { usageJson, usageText } from '../../records/usage-view.ts'
import { type FlagTable, parseFlags, readNumber, usage } from '../flags.ts'
import type { Command } from '../main.ts'

const flags: FlagTable = {
  repo: 'text',
  'loop-dir': 'text',
  run: 'text',
  'max-usd': 'text',
  'max-tokens': 'text',
  file: 'text',
  errors: 'text',
  message: 'text',
  status: 'text',
  json: 'switch',
}

/**
 * `record` moves noted turns into usage.jsonl and prints two lines, each empty where there is nothing to say: why the budget
 * of --run is used up, and which turns it cannot count. `show` prints sums, as a table or JSON. `turn` reads the output of a runner that ended with --status: it writes the answer to --message
 * where the runner left none, and when the runner met a rate limit prints the second of the epoch at which that ends (an
 * empty line if nothing told it) and what the runner said.
 */
export const hostUsage: Command = async (argv) => {
  const [action, ...rest] = argv
  const { values } = parseFlags(rest, flags)
  const text = (name: string) => (typeof values[name] === 'string' ? (values[name] as string) : undefined)
  if (action === 'turn') {
    readTurn(text('file') ?? '', text('errors') ?? '', text('message') ?? '', Number(text('status')))
    return 0
  }
  const loopDir = text('loop-dir')
  if (loopDir === undefined || (action !== 'record' && action !== 'show'))
    throw usage('host-usage record|show --loop-dir DIR, or host-usage turn --file FILE --message FILE')
  const surroundings = { repo: text('repo') ?? '.', env: process.env }
  if (action === 'show') {
    const entries = readUsage(loopDir, surroundings)
    const loop = basename(loopDir)
    process.stdout.write(values.json ? usageJson(loop, entries) : usageText(loop, entries))
    return 0
  }
  const budget = {
    maxUsd: readLimit('--max-usd', text('max-usd')),
    maxTokens: readLimit('--max-tokens', text('max-tokens')),
  }
  record(loopDir, surroundings, text('run') ?? '', budget)
  return 0
}

function readTurn(file: string, errors: string, messageFile: string, status: number): void {
  const [stdout, stderr, message] = [file, errors, messageFile].map(readText) as [string, string, string]
  if (message === '' && stdout !== '') writeFileSync(messageFile, parseReply(stdout).text)
  const limit = findRateLimit({ status, stdout, stderr, message }, new Date())
  if (limit === null) return
  const epoch = limit.resetsAt === null ? '' : Math.ceil(limit.resetsAt.getTime() / 1000)
  process.stdout.write(`${epoch}\n${limit.message}\n`)
}

function record(
  loopDir: string,
  surroundings: Parameters<typeof recordUsage>[1],
  run: string,
  budget: Budget,
): void {
  const totals = sumUsage(recordUsage(loopDir, surroundings).filter(({ run_id }) => run_id === run))
  process.stdout.write(`${budgetExceeded(totals, budget) ?? ''}\n${budgetBlindSpot(totals, budget) ?? ''}\n`)
}

function readLimit(name: string, text: string | undefined): number | null {
  return text === undefined ? null : readNumber(name, text, { min: 0, whole: false })
}
