// Writes the snapshot: reads every document once and appends its bytes, unchanged, to one file.
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { isSystemError } from '../contract/errors.ts'
import type { Document, DocumentIndex } from './documents.ts'
import { scanText } from './text-scan.ts'

export interface SourceFile {
  readonly name: string
  /** Bytes, since a path need not be UTF-8. */
  readonly path: string | Buffer
}

/** How many listed files are no documents, by reason. */
type Skipped = Record<'missing' | 'repeated' | 'not_a_file' | 'unreadable' | 'binary', number>

export interface PackReport extends DocumentIndex {
  readonly skipped: Skipped
}

const chunkBytes = 1 << 20

/** Packs the files in their order. A file that is gone, no regular file, unreadable or binary is counted, not packed. */
export function packDocuments(sources: Iterable<SourceFile>, packFile: string): PackReport {
  const skipped: Skipped = { missing: 0, repeated: 0, not_a_file: 0, unreadable: 0, binary: 0 }
  const list: Document[] = []
  const chunk = Buffer.allocUnsafe(chunkBytes)
  const pack = openSync(packFile, 'w', 0o600)
  let packSize = 0
  try {
    for (const { name, path } of sources) {
      const file = openRegularFile(path)
      if (typeof file === 'string') {
        skipped[file]++
        continue
      }
      try {
        const document = appendDocument(name, file, pack, packSize, chunk)
        if (typeof document === 'string') skipped[document]++
        else {
          list.push(document)
          packSize += document.length
        }
      } finally {
        closeSync(file)
      }
    }
    ftruncateSync(pack, packSize) // a file that could not be read to its end has left a part of it
  } finally {
    closeSync(pack)
  }
  return { packSize, list, skipped }
}

/** Bytes for a child run's pack: a text that code made, or a copy of a document that goes with it. */
export interface PackPart {
  readonly base: Pick<Document, 'name' | 'source' | 'firstLine'> & Partial<Document>
  readonly bytes: Buffer
}

export function packParts(parts: readonly PackPart[], packFile: string): DocumentIndex {
  const pack = openSync(packFile, 'w', 0o600)
  const list: Document[] = []
  let packSize = 0
  try {
    for (const { base, bytes } of parts) {
      const scan = scanText()
      scan.push(bytes)
      writeAll(pack, bytes, packSize)
      const sha256 = base.sha256 ?? createHash('sha256').update(bytes).digest('hex')
      list.push({ ...base, ...scan.finish(), sha256, offset: packSize, length: bytes.length })
      packSize += bytes.length
    }
  } finally {
    closeSync(pack)
  }
  return { packSize, list }
}

function appendDocument(
  name: string,
  file: number,
  pack: number,
  offset: number,
  chunk: Buffer,
): Document | 'binary' | 'unreadable' {
  const hash = createHash('sha256')
  const scan = scanText()
  let length = 0
  for (;;) {
    const count = readChunk(file, chunk)
    if (count === undefined) return 'unreadable'
    if (count === 0) break
    const bytes = chunk.subarray(0, count)
    if (length === 0 && looksBinary(bytes)) return 'binary'
    hash.update(bytes)
    scan.push(bytes)
    writeAll(pack, bytes, offset + length)
    length += bytes.length
  }
  return { ...scan.finish(), name, source: name, sha256: hash.digest('hex'), offset, length, firstLine: 1 }
}

function readChunk(file: number, chunk: Buffer): number | undefined {
  try {
    return readSync(file, chunk, 0, chunk.length, null)
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

// Git's rule: a NUL among the first 8000 bytes.
function looksBinary(head: Buffer): boolean {
  return head.subarray(0, 8000).includes(0)
}

// O_NONBLOCK: opening a named pipe must not wait for a writer.
function openRegularFile(path: string | Buffer): number | 'missing' | 'not_a_file' | 'unreadable' {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (!isSystemError(error)) throw error
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'missing'
    if (error.code === 'ENXIO' || error.code === 'EISDIR') return 'not_a_file'
    return 'unreadable'
  }
  if (fstatSync(descriptor).isFile()) return descriptor
  closeSync(descriptor)
  return 'not_a_file'
}

function writeAll(descriptor: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written)
}
