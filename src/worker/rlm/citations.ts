// Citations, checked against the snapshot: the path is a document, the lines exist, the snippet stands there.
import type { Citation } from '../contract/result.ts'
import { cutText } from '../lib/whole-text.ts'
import type { Document, Documents } from './documents.ts'

export interface CitationClaim {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly signal: string
  /** Empty: filled in from the lines. */
  readonly snippet: string
  /** The lines are those of a text that model code made, whatever its name: no evidence. */
  readonly ofMadeText?: boolean
}

export interface CitationList {
  /** Checks and keeps a claim; one that was made before is kept once. */
  add(claim: CitationClaim): Citation
  all(): Citation[]
}

/** Characters of a snippet that are kept; a longer one is checked whole first. */
const snippetChars = 500
/** A claim over more lines than this is not evidence for anything. */
const maxLines = 2000
/** Nor is one over more bytes, as of a minified file of one line. */
const maxMiB = 1
const maxCitations = 1000

export function createCitationList(documents: Documents): CitationList {
  const kept = new Map<string, Citation>()
  return {
    add(claim) {
      const citation = checkCitation(documents, claim)
      const key = JSON.stringify([
        citation.path,
        claim.startLine,
        claim.endLine,
        citation.signal,
        citation.snippet,
      ])
      const before = kept.get(key)
      if (before === undefined && kept.size < maxCitations) kept.set(key, citation)
      return before ?? citation
    },
    all: () => [...kept.values()],
  }
}

export function checkCitation(documents: Documents, claim: CitationClaim): Citation {
  const document = claim.ofMadeText ? undefined : findDocument(documents, claim.path)
  const citation: Citation = {
    path: document?.source ?? claim.path,
    start_line: Math.max(0, claim.startLine),
    end_line: Math.max(0, claim.endLine),
    signal: claim.signal,
    snippet: cutText(claim.snippet, snippetChars),
    verified: false,
    sha256: document?.sha256 ?? '',
  }
  if (!document) return { ...citation, reason: 'no document has this path' }
  const first = document.firstLine
  const last = first + document.lineCount - 1
  if (document.lineCount === 0) return { ...citation, reason: 'the document is empty' }
  if (claim.startLine < first || claim.endLine > last || claim.endLine < claim.startLine) {
    return { ...citation, reason: `the document has lines ${first} to ${last}` }
  }
  if (claim.endLine - claim.startLine >= maxLines)
    return { ...citation, reason: `more than ${maxLines} lines are no reference` }
  if (documents.countBytes(document, claim.startLine, claim.endLine) > maxMiB << 20)
    return { ...citation, reason: `lines of more than ${maxMiB} MiB are no reference` }
  const lines = documents.readLines(document, claim.startLine, claim.endLine)
  if (foldSpace(claim.snippet) === '')
    return { ...citation, snippet: cutText(lines.trim(), snippetChars), verified: true }
  if (standsIn(lines, claim.snippet)) return { ...citation, verified: true }
  return { ...citation, reason: 'the snippet does not stand in these lines' }
}

/** By name; `./a.py` and a part's name (`a.py:10-20`) count as the document they mean. */
function findDocument(documents: Documents, path: string): Document | undefined {
  const plain = path.replace(/^(?:\.\/)+/, '')
  const whole = /^(.*):\d+-\d+$/.exec(plain)?.[1]
  return (
    documents.find(path) ?? documents.find(plain) ?? (whole === undefined ? undefined : documents.find(whole))
  )
}

function standsIn(lines: string, snippet: string): boolean {
  const text = foldSpace(lines)
  const wanted = foldSpace(snippet)
  // Models cut a long line and mark it; what stands before the mark must still be there.
  const uncut = wanted.replace(/\s?(?:…|\.\.\.)$/, '')
  return text.includes(wanted) || (uncut.length >= 8 && text.includes(uncut))
}

function foldSpace(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
