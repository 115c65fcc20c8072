// The sections of Markdown (CommonMark 0.31: ATX and setext headings; none inside fenced code or front matter).
import { lineAt, lineStarts } from './line-starts.ts'

/** Where sections begin: at each heading, of any level, and at the start of the text. */
export function sectionStarts(text: string): number[] {
  const starts = [0]
  const lines = lineStarts(text)
  let fence: string | undefined
  let paragraphStart: number | undefined
  for (const start of lines.slice(linesOfFrontMatter(text, lines))) {
    const line = lineAt(text, start)
    const marker = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line)
    if (fence !== undefined) {
      if (marker && closes(marker[1]!, marker[2]!, fence)) fence = undefined
    } else if (marker && !(marker[1]!.startsWith('`') && marker[2]!.includes('`'))) {
      fence = marker[1]!
      paragraphStart = undefined
    } else if (/^ {0,3}#{1,6}(?:[ \t]|$)/.test(line)) {
      starts.push(start)
      paragraphStart = undefined
    } else if (paragraphStart !== undefined && /^ {0,3}(?:=+|-+)[ \t]*$/.test(line)) {
      starts.push(paragraphStart)
      paragraphStart = undefined
    } else paragraphStart = isParagraph(line) ? (paragraphStart ?? start) : undefined
  }
  return [...new Set(starts)]
}

function closes(marker: string, rest: string, fence: string): boolean {
  return marker[0] === fence[0] && marker.length >= fence.length && rest.trim() === ''
}

// What can be underlined as a heading: text that is no list item, quote, table or indented code.
function isParagraph(line: string): boolean {
  return /\S/.test(line) && !/^(?: {4}|\t| {0,3}(?:[-+*>|]|\d+[.)]\s))/.test(line)
}

function linesOfFrontMatter(text: string, lines: readonly number[]): number {
  if (lineAt(text, 0) !== '---') return 0
  const end = lines.findIndex((start, at) => at > 0 && /^(?:---|\.\.\.)[ \t]*$/.test(lineAt(text, start)))
  return end < 0 ? 0 : end + 1
}
