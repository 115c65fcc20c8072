// The functions that read documents: list_files, read_file, peek, chunks. (grep has a file of its own.)
import type { Document, Documents } from '../../rlm/documents.ts'
import { lineAt } from '../../rlm/text-scan.ts'
import { type Cuttable, cutPieces, cuttableBytes, cuttableText } from './cuts.ts'

/** Pieces of a text, by where they are cut: starts and ends, one after the other. */
interface Pieces {
  /** null for a text that is no document. */
  readonly path: string | null
  readonly cuts: readonly number[]
}

export interface Reading {
  listFiles(): string[]
  find(path: unknown): Document
  readFile(path: unknown, startLine: unknown, endLine: unknown): string
  peek(path: unknown, count: unknown): string
  cut(textOrPath: unknown, size: unknown, overlap: unknown): Pieces
  /** `text[start:end]` in characters. */
  sliceText(text: unknown, start: unknown, end: unknown): string
  /** Bytes of a document, to its end for null. */
  bytes(path: unknown, start: number, end: number | null): Buffer
  /** The first and the last line that these bytes are on. */
  linesOf(path: unknown, start: number, end: number): { start_line: number; end_line: number }
}

export function createReading(documents: Documents): Reading {
  const find = (path: unknown) => {
    const document = typeof path === 'string' ? documents.find(path) : undefined
    if (!document) throw new Error(unknownDocument(documents, path))
    return document
  }
  return {
    find,
    listFiles: () => documents.list.map(({ name }) => name),
    readFile(path, startLine, endLine) {
      const document = find(path)
      const last = document.firstLine + document.lineCount - 1
      const end = endLine === null ? last : wholeNumber(endLine, 'end_line')
      return withoutLineEnd(documents.readLines(document, wholeNumber(startLine, 'start_line'), end))
    },
    peek(path, count) {
      const document = find(path)
      const wanted = wholeNumber(count, 'n')
      const text = documents.readText(document, 0, 4 * Math.max(0, wanted))
      return text.slice(0, cuttableText(text).skip(0, wanted))
    },
    cut(textOrPath, size, overlap) {
      const [atMost, shared] = [wholeNumber(size, 'size'), wholeNumber(overlap, 'overlap')]
      if (atMost < 1 || shared < 0 || shared >= atMost)
        throw new RangeError('chunks needs a size from 1 up and an overlap from 0 to size - 1')
      if (typeof textOrPath !== 'string')
        throw new TypeError('chunks takes a text, or the path of a document')
      const document = documents.find(textOrPath)
      const text = document ? cuttableDocument(documents, document) : cuttableText(textOrPath)
      return { path: document?.name ?? null, cuts: cutPieces(text, atMost, shared) }
    },
    sliceText(text, start, end) {
      if (typeof text !== 'string') throw new TypeError('slice_text takes a text')
      const from = start === null ? 0 : wholeNumber(start, 'start')
      const to = end === null ? undefined : wholeNumber(end, 'end')
      if (!/[\ud800-\udfff]/.test(text)) return text.slice(from, to)
      return [...text].slice(from, to).join('')
    },
    bytes(path, start, end) {
      const document = find(path)
      const [from, to] = [placeIn(document, start), placeIn(document, end ?? document.length)]
      return documents.readBytes(document, from, Math.max(0, to - from))
    },
    linesOf(path, start, end) {
      const document = find(path)
      const line = (offset: number) =>
        document.firstLine +
        lineAt(document.lineOffsets, placeIn(document, offset), readAtIn(documents, document))
      return { start_line: line(start), end_line: line(Math.max(start, end - 1)) }
    },
  }
}

function cuttableDocument(documents: Documents, document: Document): Cuttable {
  return cuttableBytes(document.length, document.ascii, readAtIn(documents, document))
}

/** The engine's word is not taken for it: what lies beside a document is another one of the pack. */
function placeIn(document: Document, offset: number): number {
  if (Number.isInteger(offset) && offset >= 0 && offset <= document.length) return offset
  throw new RangeError(`there is no place ${JSON.stringify(offset)} in ${document.name}`)
}

export function readAtIn(documents: Documents, document: Document) {
  return (position: number, length: number) => documents.readBytes(document, position, length)
}

/** A whole number, also written as a text, as `int()` takes it. */
export function wholeNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new TypeError(`${name} must be a whole number, not ${JSON.stringify(value)}`)
  return Math.trunc(number)
}

function withoutLineEnd(text: string): string {
  if (!text.endsWith('\n')) return text
  return text.slice(0, text.endsWith('\r\n') ? -2 : -1)
}

function unknownDocument(documents: Documents, path: unknown): string {
  const near = typeof path === 'string' ? nearest(documents, path) : []
  const hint = near.length > 0 ? ` (there is ${near.join(', ')})` : ''
  return `there is no document ${JSON.stringify(path)}${hint}; list_files() names them`
}

function nearest(documents: Documents, path: string): string[] {
  const lastPart = (name: string) => name.slice(name.lastIndexOf('/') + 1).toLowerCase()
  const tail = lastPart(path)
  if (tail === '') return []
  const names = documents.list.map(({ name }) => name)
  const same = names.filter((name) => lastPart(name) === tail)
  return (same.length > 0 ? same : names.filter((name) => name.toLowerCase().includes(tail))).slice(0, 3)
}
