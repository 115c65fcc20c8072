// Values that are not to outlive the process, and for which memory has no room: a file without a name.
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface Span {
  /** Changes when the file is packed. */
  at: number
  readonly length: number
}

const wasteBytes = 64 << 20

export class SpillFile {
  readonly #folder: string
  readonly #name: string
  #descriptor: number | undefined
  #end = 0
  #live = 0
  readonly #spans = new Set<Span>()

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
  }

  /** Throws the system error (ENOSPC, …). */
  put(json: string): Span {
    this.#descriptor ??= this.#open()
    if (this.#end > 2 * this.#live + wasteBytes) this.#pack()
    const bytes = Buffer.from(json, 'utf8')
    const span = { at: this.#end, length: bytes.length }
    this.#write(bytes, span.at)
    this.#spans.add(span)
    this.#end += bytes.length
    this.#live += bytes.length
    return span
  }

  get(span: Span): string {
    return this.#read(span).toString('utf8')
  }

  /** Gives the room of a span back; the file shrinks when nothing is left in it. */
  free(span: Span): void {
    if (!this.#spans.delete(span)) return
    this.#live -= span.length
    if (this.#live === 0) this.#cut(0)
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    this.#end = 0
    this.#live = 0
    this.#spans.clear()
  }

  // Each span moves down, so no value is overwritten before it is read.
  #pack(): void {
    let end = 0
    for (const span of [...this.#spans].sort((a, b) => a.at - b.at)) {
      this.#write(this.#read(span), end)
      span.at = end
      end += span.length
    }
    this.#cut(end)
  }

  #cut(end: number): void {
    ftruncateSync(this.#descriptor!, end)
    this.#end = end
  }

  #write(bytes: Buffer, at: number): void {
    for (let written = 0; written < bytes.length; )
      written += writeSync(this.#descriptor!, bytes, written, bytes.length - written, at + written)
  }

  #read({ at, length }: Span): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    for (let got = 0; got < length; ) {
      const count = readSync(this.#descriptor!, bytes, got, length - got, at + got)
      if (count === 0) throw new Error(`The spill file under ${this.#folder} was cut by another program.`)
      got += count
    }
    return bytes
  }

  // Its name goes at once: the system takes the room back when the process ends, however it does.
  #open(): number {
    mkdirSync(this.#folder, { recursive: true })
    const path = join(this.#folder, this.#name)
    const descriptor = openSync(path, 'wx+', 0o600)
    rmSync(path)
    return descriptor
  }
}
