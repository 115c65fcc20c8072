// What Claude Code and Codex keep of a session under the user's home: the tokens of a turn whose output tells none.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Fields, fieldsOf, numberOf, objectLines, textOf } from '../lib/fields.ts'
import { readText } from './read-text.ts'
import type { TurnSurroundings } from './turn.ts'
import type { ModelShare } from './usage-entry.ts'

/** Tokens by model; empty when there is no record of the session. */
export function readSession(runner: string, session: string, surroundings: TurnSurroundings): ModelShare[] {
  if (!/^[\w-]+$/.test(session)) return []
  const find = runner.startsWith('codex')
    ? findCodexFile
    : runner.startsWith('claude')
      ? findClaudeFile
      : undefined
  const file = find?.(session, surroundings)
  if (file === undefined) return []
  const lines = objectLines(readText(file))
  return runner.startsWith('codex') ? sumCodex(lines) : sumClaude(lines)
}

function findClaudeFile(session: string, { repo, env }: TurnSurroundings): string | undefined {
  const projects = join(env.CLAUDE_CONFIG_DIR || join(env.HOME ?? '', '.claude'), 'projects')
  const own = repo.replace(/[^A-Za-z0-9]/g, '-')
  return [own, ...namesIn(projects)]
    .map((project) => join(projects, project, `${session}.jsonl`))
    .find((path) => existsSync(path))
}

/** Sessions lie in a folder of their day; a session of this run is among the newest. */
function findCodexFile(session: string, { env }: TurnSurroundings): string | undefined {
  const sessions = join(env.CODEX_HOME || join(env.HOME ?? '', '.codex'), 'sessions')
  const newest = (folder: string) =>
    namesIn(folder)
      .sort()
      .reverse()
      .map((name) => join(folder, name))
  const days = newest(sessions).flatMap((year) => newest(year).flatMap(newest))
  for (const day of days.slice(0, daysToSearch)) {
    const name = namesIn(day).find((entry) => entry.endsWith(`-${session}.jsonl`))
    if (name !== undefined) return join(day, name)
  }
  return undefined
}

const daysToSearch = 31

/** A message is written again as it grows: its last line counts. */
function sumClaude(lines: readonly Fields[]): ModelShare[] {
  const messages = new Map<string, Fields>()
  for (const [at, { type, message }] of lines.entries()) {
    const { id, usage } = fieldsOf(message)
    if (type === 'assistant' && usage !== undefined) messages.set(textOf(id) || String(at), fieldsOf(message))
  }
  const shares = new Map<string, ModelShare>()
  for (const { model, usage } of messages.values()) {
    const name = textOf(model)
    const before = shares.get(name)
    const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } =
      fieldsOf(usage)
    const input =
      numberOf(input_tokens) + numberOf(cache_read_input_tokens) + numberOf(cache_creation_input_tokens)
    shares.set(name, {
      model: name,
      input_tokens: (before?.input_tokens ?? 0) + input,
      output_tokens: (before?.output_tokens ?? 0) + numberOf(output_tokens),
      cost_usd: null,
    })
  }
  return [...shares.values()]
}

/** Each count holds all before it, cached input and reasoning included. */
function sumCodex(lines: readonly Fields[]): ModelShare[] {
  const payloads = lines.map(({ payload }) => fieldsOf(payload))
  const counts = payloads
    .filter(({ type }) => type === 'token_count')
    .map(({ info }) => fieldsOf(info).total_token_usage)
  const total = counts.findLast((count) => count !== undefined)
  if (total === undefined) return []
  const { input_tokens, output_tokens } = fieldsOf(total)
  const model = lines.findLast(({ type }) => type === 'turn_context')?.payload
  return [
    {
      model: textOf(fieldsOf(model).model),
      input_tokens: numberOf(input_tokens),
      output_tokens: numberOf(output_tokens),
      cost_usd: null,
    },
  ]
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
