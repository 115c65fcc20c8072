// Whether two iterations ended the same: the same work tree and the same output, but for what changes by itself.
import { createHash } from 'node:crypto'

/** So many times in a row, and the run has stalled. */
export const stallAfter = 3

export function stallKey(tree: string, verdict: string, excerpt: string): string {
  return createHash('sha256')
    .update(`${tree}\n${verdict}\n${withoutTimes(excerpt)}`)
    .digest('hex')
}

/** Durations, clock times, dates, process ids and the names of temporary files differ from run to run. */
function withoutTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>')
    .replace(/\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b/g, '<time>')
    .replace(/\b(duration\w*|time|elapsed|took|pid)([ :=]+)[\d.,]+/gi, '$1$2<n>')
    .replace(/\b\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|s|secs?|seconds?|m|min|minutes?)\b/g, '<time>')
    .replace(/\(\d+\)(?= (?:node|DeprecationWarning))|0x[0-9a-f]{6,}/gi, '<n>')
    .replace(/(?:\/var)?\/(?:tmp|var\/folders)\/[\w./-]+/g, '<temporary>')
}
