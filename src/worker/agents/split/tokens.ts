// Tokens are estimated as everywhere where nobody counts them: four characters (code points) are one.
import { countPairs, wholeAt } from '../../lib/whole-text.ts'

const charactersPerToken = 4
/** How much of a part may be left to the next one for the sake of a better cut. */
const givenUp = 0.25
/** Longer clusters of code points than this are rare enough to be cut. */
const clusterUnits = 64

export function countTokens(text: string): number {
  return Math.ceil((text.length - countPairs(text)) / charactersPerToken)
}

/**
 * Where parts of at most `tokens` tokens begin: after a blank line, a line end or a space where the last quarter of a part
 * has one, and always between two characters as a reader sees them.
 */
export function tokenCuts(text: string, tokens: number): number[] {
  const cuts = [0]
  const characters = tokens * charactersPerToken
  for (;;) {
    const from = cuts.at(-1)!
    const limit = forward(text, from, characters)
    if (limit >= text.length) return cuts
    cuts.push(betweenClusters(text, from, goodCut(text, from, limit)))
  }
}

/** The index `tokens` tokens before `from`. */
export function backTokens(text: string, from: number, tokens: number): number {
  let at = from
  for (let left = tokens * charactersPerToken; left > 0 && at > 0; left--)
    at -= isPairAt(text, at - 2) ? 2 : 1
  return clusterAt(text, at)[0]
}

function forward(text: string, from: number, characters: number): number {
  let at = from
  for (let left = characters; left > 0 && at < text.length; left--) at += isPairAt(text, at) ? 2 : 1
  return at
}

function goodCut(text: string, from: number, limit: number): number {
  const least = limit - Math.floor((limit - from) * givenUp)
  const tail = text.slice(least, limit)
  for (const end of ['\n\n', '\n', ' ', '\t']) {
    const at = tail.lastIndexOf(end)
    if (at >= 0) return least + at + end.length
  }
  return limit
}

const segmenter = new Intl.Segmenter()

// Where the cluster that a cut would divide begins, or where it ends when a part must not end before that.
function betweenClusters(text: string, from: number, cut: number): number {
  const [start, end] = clusterAt(text, cut)
  return start > from ? start : end
}

/** The cluster of code points that holds `at`, or begins there. */
function clusterAt(text: string, at: number): [start: number, end: number] {
  const base = wholeAt(text, Math.max(0, at - clusterUnits))
  const cluster = segmenter.segment(text.slice(base, at + clusterUnits)).containing(at - base)
  if (!cluster) return [at, at]
  const start = base + cluster.index
  return start === base && base > 0 ? [at, at] : [start, start + cluster.segment.length]
}

function isPairAt(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff
}
