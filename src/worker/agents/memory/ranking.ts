// How well entries fit a query. First how many of its terms an entry holds; among those that hold as many, BM25 (Robertson
// and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) times recency, which halves every week.
import type { MemoryEntry } from '../types.ts'

/** BM25's usual parameters: how soon more of a term counts less, and how much the length of a text counts. */
const saturation = 1.2
const lengthWeight = 0.75
const halfLifeMs = 7 * 86_400_000

interface Scored {
  readonly entry: MemoryEntry
  readonly hits: number
  readonly score: number
  readonly time: number
}

/** The entries that hold a term of `query`, the best first, at most `limit`. A term may stand inside a word. */
export function rank(entries: readonly MemoryEntry[], query: string, limit: number): MemoryEntry[] {
  const terms = [...new Set(folded(query).match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [])]
  const texts = entries.map(({ content }) => folded(content))
  const counts = texts.map((text) => terms.map((term) => countOf(term, text)))
  const times = entries.map(timeOf)
  const newest = times.reduce((latest, time) => Math.max(latest, time), 0)
  const meanLength = texts.reduce((sum, { length }) => sum + length, 0) / texts.length
  const weights = terms.map((_, term) => rarity(counts.filter((of) => of[term]! > 0).length, entries.length))
  const scored = entries.map((entry, at): Scored => {
    const damping = saturation * (1 - lengthWeight + (lengthWeight * texts[at]!.length) / meanLength)
    const weigh = (count: number, term: number) =>
      (weights[term]! * count * (saturation + 1)) / (count + damping)
    const score = counts[at]!.reduce((sum, count, term) => sum + (count > 0 ? weigh(count, term) : 0), 0)
    const time = times[at]!
    const hits = counts[at]!.filter((count) => count > 0).length
    return { entry, hits, score: score * 2 ** ((time - newest) / halfLifeMs), time }
  })
  return scored
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits || b.score - a.score || b.time - a.time)
    .slice(0, Math.max(0, limit))
    .map(({ entry }) => entry)
}

// Of the texts that hold a term: the fewer, the more it says.
function rarity(holding: number, all: number): number {
  return Math.log(1 + (all - holding + 0.5) / (holding + 0.5))
}

function countOf(term: string, text: string): number {
  let count = 0
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) count++
  return count
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function timeOf({ timestamp }: MemoryEntry): number {
  const time = new Date(timestamp).getTime()
  return Number.isNaN(time) ? 0 : time
}
