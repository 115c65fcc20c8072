import { lineAt, lineStarts } from './line-starts.ts'
import type { RecordFormat } from './split-text.ts'

/** Where records begin; the header of CSV is none. */
export function recordStarts(
  text: string,
  format: RecordFormat = formatOf(text),
): { starts: number[]; header?: string } {
  if (format === 'csv') return rowStarts(text)
  const lines = lineStarts(text)
  const isBlank = lines.map((start) => lineAt(text, start).trim() === '')
  const begins = (at: number) => !isBlank[at] && (format === 'jsonl' || isBlank[at - 1]!)
  // What is blank before the first record belongs to it.
  const [, ...others] = lines.filter((_, at) => begins(at) || (at === 0 && !isBlank[0]))
  return { starts: [0, ...others] }
}

// RFC 4180: a line end inside quotes is none.
function rowStarts(text: string): { starts: number[]; header?: string } {
  const starts: number[] = []
  let isQuoted = false
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 34) isQuoted = !isQuoted
    if (unit !== 10 || isQuoted) continue
    starts.push(start)
    start = at + 1
  }
  if (start < text.length || starts.length === 0) starts.push(start)
  const [, first = text.length, ...others] = starts
  return { starts: [first, ...others], header: text.slice(0, first).replace(/\r?\n$/, '') }
}

function formatOf(text: string): RecordFormat {
  const lines = text.split('\n', 50).filter((line) => line.trim() !== '')
  if (lines.length > 0 && lines.slice(0, 2).every(isJson)) return 'jsonl'
  const looksLikeRows = [',', '\t', ';'].some((separator) => {
    const counts = lines.slice(0, 2).map((line) => line.split(separator).length)
    return counts.length === 2 && counts[0]! > 1 && counts[0] === counts[1]
  })
  return looksLikeRows ? 'csv' : 'paragraphs'
}

function isJson(line: string): boolean {
  if (!/^\s*[{[]/.test(line)) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
