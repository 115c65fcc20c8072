// A turn as the host noted it, and what it cost: from what the runner printed, the session that it keeps, or the result
// of an analysis.
import { type Fields, fieldsOf, numberOf, parseFields, textOf } from '../lib/fields.ts'
import { parseReply, readDetails } from '../models/replies/formats.ts'
import { readText } from './read-text.ts'
import { readSession } from './sessions.ts'
import type { ModelShare, UsageEntry } from './usage-entry.ts'

/** A line that src/usage.sh wrote: who took a turn, and the files that tell what it cost. */
export interface TurnNote {
  readonly who: Omit<UsageEntry, 'usage' | 'cost_usd' | 'models'>
  /** Standard output of a runner, or result.json of an analysis. Empty when a later turn has overwritten it. */
  readonly file: string
  /** Standard error of a runner. */
  readonly errors: string
  /** Whether an analysis went on with an earlier one, whose usage its result counts as well. */
  readonly resumed: boolean
}

export function readNote(line: Fields): TurnNote {
  return {
    who: {
      id: textOf(line.id),
      timestamp: textOf(line.timestamp),
      run_id: textOf(line.run_id),
      iteration: numberOf(line.iteration),
      role: textOf(line.role),
      source: line.source === 'rlms' ? 'rlms' : 'runner',
      runner: textOf(line.runner).split('/').at(-1) ?? '',
      model: textOf(line.model) || null,
      session_id: textOf(line.session_id) || null,
      duration_ms: numberOf(line.duration_ms),
    },
    file: textOf(line.file),
    errors: textOf(line.errors),
    resumed: line.resumed === true,
  }
}

export interface TurnSurroundings {
  readonly repo: string
  readonly env: NodeJS.ProcessEnv
}

/** Never throws: a file that cannot be read tells nothing. */
export function measureTurn({ who, file, errors }: TurnNote, surroundings: TurnSurroundings): UsageEntry {
  if (who.source === 'rlms') return { ...who, ...readAnalysis(file) }
  const output = readText(file)
  const { usage } = parseReply(output)
  const { session, models } = readDetails(output)
  const session_id = session ?? who.session_id ?? bannerField(readText(errors), 'session id')
  if (usage !== null) {
    const shares = models.map(({ model, inputTokens, outputTokens, costUsd }) => ({
      model,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cost_usd: costUsd,
    }))
    return {
      ...who,
      session_id,
      ...named(who.model, shares),
      usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
      cost_usd: usage.costUsd,
    }
  }
  const kept = session_id === null ? [] : readSession(who.runner, session_id, surroundings)
  return {
    ...who,
    session_id,
    ...named(who.model, kept),
    usage: kept.length > 0 ? sumShares(kept) : null,
    cost_usd: null,
  }
}

/** The result of an analysis tells its usage, not its models. */
function readAnalysis(file: string): Pick<UsageEntry, 'usage' | 'cost_usd'> {
  const usage = parseFields(readText(file))?.usage
  if (usage === undefined) return { usage: null, cost_usd: null }
  const { input_tokens, output_tokens, cost_usd } = fieldsOf(usage)
  return {
    usage: { input_tokens: numberOf(input_tokens), output_tokens: numberOf(output_tokens) },
    cost_usd: typeof cost_usd === 'number' ? numberOf(cost_usd) : null,
  }
}

function named(model: string | null, shares: readonly ModelShare[]): Pick<UsageEntry, 'model' | 'models'> {
  const models = shares.map((share) => ({ ...share, model: share.model || model || 'unknown' }))
  if (models.length === 0) return { model }
  return { model: models.length === 1 ? models[0]!.model : model, models }
}

function sumShares(shares: readonly ModelShare[]): NonNullable<UsageEntry['usage']> {
  return {
    input_tokens: shares.reduce((sum, share) => sum + share.input_tokens, 0),
    output_tokens: shares.reduce((sum, share) => sum + share.output_tokens, 0),
  }
}

/** Codex tells its session in the banner on standard error: `session id: …`. */
function bannerField(text: string, name: string): string | null {
  return new RegExp(`^${name}: *(\\S+)$`, 'm').exec(text)?.[1] ?? null
}
