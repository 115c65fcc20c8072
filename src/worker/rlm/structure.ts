// What the documents are made of, by plain patterns: the counts in result.json's `signals`, and places to point at when
// a run that must cite has cited nothing.
import type { CitationClaim } from './citations.ts'
import type { Documents } from './documents.ts'

const patterns = {
  class: /^\s*(?:export\s+)?(?:abstract\s+|default\s+)?(?:class|interface|struct|trait|enum)\s+[A-Za-z_]/,
  function:
    /^\s*(?:(?:export|pub|public|private|protected|static|async|default)\s+)*(?:def|function|func|fn)\s+[A-Za-z_]/,
  heading: /^#{1,6}\s+\S/,
  test: /\b(?:describe|it|test)\s*\(|^\s*@test\b|^\s*def test_/,
  todo: /\b(?:TODO|FIXME)\b/,
  error: /\b(?:error|exception|fatal|panic|traceback|fail(?:ed|ure)?)\b/i,
}
type Signal = keyof typeof patterns

export interface Structure {
  readonly signals: Record<string, number>
  /** The first telling line of each document, at most `maxReferences`. */
  readonly references: readonly CitationClaim[]
}

/** Bytes looked at in all: counts describe the start of a very large context, and cost a fraction of a second. */
const scanBytes = 4 << 20
const maxReferences = 8

export function surveyStructure(documents: Documents): Structure {
  const signals: Record<string, number> = Object.fromEntries(Object.keys(patterns).map((name) => [name, 0]))
  const references: CitationClaim[] = []
  let left = scanBytes
  for (const document of documents.list) {
    if (left <= 0) break
    const lines = documents.readText(document, 0, left).split('\n')
    left -= Math.min(left, document.length)
    const telling = countSignals(lines, signals)
    if (document.lineCount === 0 || references.length >= maxReferences) continue
    const line = document.firstLine + telling
    references.push({
      path: document.name,
      startLine: line,
      endLine: line,
      signal: 'file_reference',
      snippet: '',
    })
  }
  return { signals, references }
}

/** Adds to the counts; returns the first line (0-based) that defines something, else the first that is not blank. */
function countSignals(lines: readonly string[], signals: Record<string, number>): number {
  let defining = -1
  for (const [at, line] of lines.entries()) {
    for (const name of Object.keys(patterns) as Signal[]) {
      if (!patterns[name].test(line)) continue
      signals[name] = (signals[name] ?? 0) + 1
      if (defining < 0 && (name === 'class' || name === 'function' || name === 'heading')) defining = at
    }
  }
  return defining >= 0
    ? defining
    : Math.max(
        0,
        lines.findIndex((line) => line.trim() !== ''),
      )
}
