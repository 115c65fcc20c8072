// The documents of a run: one read-only file that holds them end to end, and an index into it. Sandboxes map the file,
// child runs get parts of it, citations are read from it; nothing else copies a context.
import { closeSync, openSync, readSync } from 'node:fs'
import { findLine, lineAt, type ReadAt, scanText, type TextShape } from './text-scan.ts'

export interface Document extends TextShape {
  /** What model code calls it: the path relative to the repository; `path:10-20` for a part. */
  readonly name: string
  /** The document that a part was cut from; `name` itself for a whole one. */
  readonly source: string
  /** Of the whole source document, hexadecimal. */
  readonly sha256: string
  /** Where its bytes are in the pack. */
  readonly offset: number
  readonly length: number
  /** The 1-based number, in the source, of its first line. */
  readonly firstLine: number
  /** A text that model code made for a child run: nothing in it can be cited. */
  readonly made?: boolean
}

export interface DocumentIndex {
  /** Bytes of the pack file, all of it. */
  readonly packSize: number
  readonly list: readonly Document[]
}

export interface Documents extends DocumentIndex {
  /** Of the pack, open for reading; a sandbox inherits it. */
  readonly descriptor: number
  find(name: string): Document | undefined
  /** Lines `start` to `end` in the source's numbering, both included, line ends kept; empty outside the document. */
  readLines(document: Document, start: number, end: number): string
  /** How many bytes those lines have. */
  countBytes(document: Document, start: number, end: number): number
  /** At most `maxBytes` from byte `position` on, decoded. */
  readText(document: Document, position: number, maxBytes: number): string
  /** The same bytes as they are. */
  readBytes(document: Document, position: number, maxBytes: number): Buffer
  close(): void
}

/** Opens a pack that `packDocuments` wrote. Close it. */
export function openDocuments(packFile: string, index: DocumentIndex): Documents {
  const descriptor = openSync(packFile, 'r')
  return createDocuments(index, descriptor, () => closeSync(descriptor))
}

/** Other documents of the same pack: those of a child run. The parent's must stay open; closing these closes nothing. */
export function sliceDocuments(
  parent: Pick<Documents, 'packSize' | 'descriptor'>,
  list: readonly Document[],
): Documents {
  return createDocuments({ packSize: parent.packSize, list }, parent.descriptor, () => {})
}

/** Lines `start` to `end` (source numbering, both included, clamped) as a document of its own. */
export function cutLines(documents: Documents, document: Document, start: number, end: number): Document {
  const read = readAtIn(documents.descriptor, document)
  const first = findLine(document.lineOffsets, Math.max(0, start - document.firstLine), read)
  const behind = findLine(document.lineOffsets, Math.max(0, end - document.firstLine + 1), read)
  return cutBytes(documents, document, first, behind)
}

/** Bytes `start` to `end` (excluded) as a document of its own, with its source's line numbers. */
export function cutBytes(documents: Documents, document: Document, start: number, end: number): Document {
  const from = Math.min(Math.max(0, start), document.length)
  const to = Math.min(Math.max(from, end), document.length)
  if (from === 0 && to === document.length) return document
  const read = readAtIn(documents.descriptor, document)
  const scan = scanText()
  for (let at = from; at < to; ) {
    const bytes = read(at, Math.min(1 << 20, to - at))
    if (bytes.length === 0) break
    scan.push(bytes)
    at += bytes.length
  }
  const shape = scan.finish()
  const firstLine = document.firstLine + lineAt(document.lineOffsets, from, read)
  const lastLine = firstLine + Math.max(0, shape.lineCount - 1)
  return {
    ...shape,
    name: `${document.source}:${firstLine}-${lastLine}`,
    source: document.source,
    sha256: document.sha256,
    offset: document.offset + from,
    length: to - from,
    firstLine,
    ...(document.made ? { made: true } : {}),
  }
}

/** Invalid UTF-8 is shown as U+FFFD, as the sandboxes show it; a byte order mark is kept. */
function decode(bytes: Buffer): string {
  return decoder.decode(bytes)
}
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function createDocuments(index: DocumentIndex, descriptor: number, close: () => void): Documents {
  const byName = new Map(index.list.map((document) => [document.name, document]))
  return {
    ...index,
    descriptor,
    find: (name) => byName.get(name),
    readLines(document, start, end) {
      const { first, length } = findSpan(descriptor, document, start, end)
      return decode(readAtIn(descriptor, document)(first, length))
    },
    countBytes: (document, start, end) => findSpan(descriptor, document, start, end).length,
    readText: (document, position, maxBytes) => decode(readAtIn(descriptor, document)(position, maxBytes)),
    readBytes: (document, position, maxBytes) => readAtIn(descriptor, document)(position, maxBytes),
    close,
  }
}

function findSpan(
  descriptor: number,
  document: Document,
  start: number,
  end: number,
): { first: number; length: number } {
  const read = readAtIn(descriptor, document)
  const first = findLine(document.lineOffsets, Math.max(0, start - document.firstLine), read)
  const behind = findLine(document.lineOffsets, Math.max(0, end - document.firstLine + 1), read)
  return { first, length: Math.max(0, behind - first) }
}

function readAtIn(descriptor: number, document: Document): ReadAt {
  return (position, length) => {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, document.length - position)))
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, document.offset + position))
  }
}
