// Many results become one. What failed and what contradicts stays visible in every merge. Adding one: a function and a row.
import { isFields } from '../../lib/fields.ts'
import type { MergeStrategy } from '../agent-types.ts'

export interface MergeInput {
  readonly key: string
  readonly value: unknown
}

export interface Merged {
  readonly value: unknown
  /** Keys of results of agents that failed. */
  readonly failed: readonly string[]
  /** Answers that a vote could not choose between. */
  readonly tied: readonly unknown[]
}

/** Has a model make one text of many; null where there is none. */
export type Summarize = ((prompt: string) => Promise<string>) | null

const mergeTypes: ReadonlyArray<MergeStrategy['type']> = [
  'concatenate',
  'summarize',
  'structured',
  'vote',
  'custom',
]

export async function mergeResults(
  inputs: readonly MergeInput[],
  strategy: MergeStrategy,
  summarize: Summarize,
): Promise<Merged> {
  const failed = inputs.filter(({ value }) => isFailure(value)).map(({ key }) => key)
  const plain = (value: unknown) => ({ value, failed, tied: [] })
  switch (strategy.type) {
    case 'concatenate':
      return plain(inputs.map(({ value }) => textOf(value)).join('\n---\n'))
    case 'structured':
      return plain(Object.fromEntries(inputs.map(({ key, value }) => [key, value])))
    case 'vote':
      return vote(inputs, failed)
    case 'summarize':
      return plain(await summarizeAll(inputs, summarize))
    case 'custom':
      if (!strategy.customMergeFn) throw new Error('Custom merge strategy requires customMergeFn')
      return plain(await strategy.customMergeFn(inputs.map(({ value }) => value)))
    default:
      throw new TypeError(
        `There is no merge ${JSON.stringify(strategy.type)}; there are ${mergeTypes.join(', ')}.`,
      )
  }
}

/** The result of an agent that failed or ran out of time. */
export function isFailure(value: unknown): value is { error: string } {
  return isFields(value) && typeof value.error === 'string' && Object.keys(value).length === 1
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null')
}

// An agent that failed has no vote; that it failed, and that a choice was none, is told beside the winner.
function vote(inputs: readonly MergeInput[], failed: readonly string[]): Merged {
  const votes: Record<string, { count: number; value: unknown }> = Object.create(null)
  for (const { value } of inputs) {
    if (isFailure(value)) continue
    const name = JSON.stringify(value) ?? 'null'
    votes[name] = { count: (votes[name]?.count ?? 0) + 1, value }
  }
  const ranked = Object.values(votes).sort((a, b) => b.count - a.count)
  const first = ranked.filter(({ count }) => count === ranked[0]?.count).map(({ value }) => value)
  const tied = first.length > 1 ? first : []
  const value = {
    winner: first[0] ?? null,
    votes: { ...votes },
    ...(failed.length > 0
      ? {
          failed: Object.fromEntries(
            inputs.filter(({ value }) => isFailure(value)).map(({ key, value }) => [key, value]),
          ),
        }
      : {}),
    ...(tied.length > 0 ? { tied } : {}),
  }
  return { value, failed, tied }
}

const instruction = `Below are the results of several agents that worked on parts of one task. Write one answer that keeps what matters of each.
Where results contradict each other, say so and name both. A result {"error": …} is of an agent that failed: say what is missing because of it.`

/** Where the model fails, the results themselves are the answer, with why. */
async function summarizeAll(inputs: readonly MergeInput[], summarize: Summarize): Promise<string> {
  const blocks = inputs.map(({ key, value }, at) => `[Result ${at + 1} from ${key}]:\n${textOf(value)}`)
  const text = blocks.join('\n\n')
  if (summarize === null || inputs.length === 0) return text
  try {
    return await summarize(`${instruction}\n\n${text}`)
  } catch (error) {
    return `[not summarized: ${(error as Error).message}]\n\n${text}`
  }
}
