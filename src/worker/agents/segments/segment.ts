// One append-only file of record lines. Its writer alone appends to it; everybody may read it.
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { type LineListener, lineAt, scanLines } from './record-line.ts'

/** Where a line stands, in bytes. */
export interface Place {
  readonly segment: Segment
  readonly at: number
  readonly length: number
}

export class Segment {
  /** Its name without an ending: the same before and after a compaction has taken it. */
  readonly id: string
  readonly path: string
  /** Bytes of the lines that are read, or written. */
  size = 0
  /** Bytes of the lines that still count. */
  live = 0
  isDamaged = false
  /** Whether its name was removed: what counts of it, only this instance has. */
  isGone = false
  /** Whether this instance alone appends to it. */
  readonly isOwn: boolean
  readonly #descriptor: number

  /** `isOwn` makes the file, which must not be there yet. Throws the system error. */
  constructor(id: string, path: string, isOwn = false) {
    this.id = id
    this.path = path
    this.isOwn = isOwn
    this.#descriptor = openSync(path, isOwn ? 'ax+' : 'r', 0o644)
  }

  /** Hands over the lines that were added since it was last read. */
  readOn(listener: LineListener): void {
    const from = this.size
    const length = fstatSync(this.#descriptor).size - from
    if (length <= 0) return
    this.size += scanLines(this.#read(from, length), {
      line: (payload, at, size) => listener.line(payload, from + at, size),
      damage: (at, end) => listener.damage(from + at, from + end),
    })
  }

  /** Bytes as they stand in the file. */
  bytesAt({ at, length }: Place): Buffer {
    return this.#read(at, length)
  }

  /** The payload of a line; undefined when it is damaged. */
  payloadAt(place: Place): string | undefined {
    return lineAt(this.bytesAt(place), 0)?.payload.toString('utf8')
  }

  /** Appends whole lines in one write, or nothing: throws the system error (ENOSPC, EFBIG, …). */
  append(lines: Buffer): Place {
    const at = this.size
    try {
      for (let written = 0; written < lines.length; )
        written += writeSync(this.#descriptor, lines, written, lines.length - written)
    } catch (error) {
      ftruncateSync(this.#descriptor, at)
      throw error
    }
    this.size += lines.length
    return { segment: this, at, length: lines.length }
  }

  /** False when a compaction has taken it: what is appended from now on, nobody may read. */
  isInPlace(): boolean {
    return existsSync(this.path)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    let got = 0
    while (got < length) {
      const count = readSync(this.#descriptor, bytes, got, length - got, at + got)
      if (count === 0) break
      got += count
    }
    return bytes.subarray(0, got)
  }
}
