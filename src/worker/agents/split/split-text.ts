// A text in parts, for agents that read one each. A part is a piece of the text as it stands, and says where it stands.
import { lineStarts } from './line-starts.ts'
import { recordStarts } from './record-starts.ts'
import { sectionStarts } from './section-starts.ts'
import { spansOf, type TextSpan } from './spans.ts'
import { backTokens, countTokens, tokenCuts } from './tokens.ts'

export type SplitUnit = 'lines' | 'tokens' | 'headings' | 'records'
export type RecordFormat = 'jsonl' | 'csv' | 'paragraphs'

export interface SplitOptions {
  /** `headings` are the sections of Markdown; `records` what `format` says. */
  readonly by: SplitUnit
  /** In how many parts, of about the same size; there are fewer when the text has not as many units. */
  readonly parts?: number
  /** Instead: how many lines, tokens, sections or records each part has. */
  readonly size?: number
  /** How many of these units each part repeats from the end of the one before it; default 0. */
  readonly overlap?: number
  /** What records are; default: what the first lines look like. */
  readonly format?: RecordFormat
}

export interface TextPart {
  /** The bytes of its span. The line end between two parts belongs to neither, except by tokens. */
  readonly text: string
  readonly span: TextSpan
  /** The first row of CSV, which no part repeats. */
  readonly header?: string
}

/**
 * Splits a text, never inside a character. A token is estimated as four characters. Throws a RangeError unless exactly one
 * of `parts` and `size` is given, as a whole number above 0, and `overlap` is one from 0.
 */
export function splitText(text: string, options: SplitOptions): TextPart[] {
  check(options)
  const { starts, header } = unitsOf(text, options)
  const groups = options.by === 'tokens' ? starts : groupStarts(text, starts, options)
  const ranges = groups.map((from, at): [number, number] => {
    const to = groups[at + 1] ?? text.length
    const end = options.by === 'tokens' ? to : Math.max(from, beforeLineEnd(text, to))
    return [withOverlap(text, starts, from, options), end]
  })
  const spans = spansOf(text, ranges)
  return ranges.map(([from, to], at) => ({
    text: text.slice(from, to),
    span: spans[at]!,
    ...(header === undefined ? {} : { header }),
  }))
}

function check({ parts, size, overlap = 0 }: SplitOptions): void {
  if ((parts === undefined) === (size === undefined))
    throw new RangeError('A text is split into a number of parts or by a size: give one of the two.')
  const given = parts ?? size!
  if (!Number.isInteger(given) || given < 1)
    throw new RangeError(
      `${parts === undefined ? 'size' : 'parts'} must be a whole number above 0: ${given}.`,
    )
  if (!Number.isInteger(overlap) || overlap < 0)
    throw new RangeError(`overlap must be a whole number from 0: ${overlap}.`)
}

/** Where units begin; by tokens, where parts do. There is always one. */
function unitsOf(
  text: string,
  { by, parts, size, format }: SplitOptions,
): { starts: number[]; header?: string } {
  if (by === 'lines') return { starts: lineStarts(text) }
  if (by === 'headings') return { starts: sectionStarts(text) }
  if (by === 'records') return recordStarts(text, format)
  const tokens = size ?? Math.max(1, Math.ceil(countTokens(text) / parts!))
  return { starts: tokenCuts(text, tokens) }
}

// Sections differ much in size: they are shared out by their characters, lines and records by their number.
function groupStarts(text: string, starts: readonly number[], { by, parts, size }: SplitOptions): number[] {
  if (parts === undefined || by !== 'headings') {
    const each = size ?? Math.ceil(starts.length / parts!)
    return starts.filter((_, at) => at % each === 0)
  }
  const partOf = (at: number) => {
    const middle = (starts[at]! + (starts[at + 1] ?? text.length)) / 2
    return Math.min(parts - 1, Math.floor((middle / Math.max(1, text.length)) * parts))
  }
  return starts.filter((_, at) => at === 0 || partOf(at) !== partOf(at - 1))
}

function withOverlap(
  text: string,
  starts: readonly number[],
  from: number,
  { by, overlap = 0 }: SplitOptions,
): number {
  if (overlap === 0) return from
  if (by === 'tokens') return backTokens(text, from, overlap)
  return starts[Math.max(0, starts.indexOf(from) - overlap)]!
}

function beforeLineEnd(text: string, at: number): number {
  if (text[at - 1] !== '\n') return at
  return text[at - 2] === '\r' ? at - 2 : at - 1
}
