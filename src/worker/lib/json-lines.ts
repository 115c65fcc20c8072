// Append-only files of one JSON value a line. Node's readline is not used: it also splits at U+2028 and U+2029,
// which JSON strings may hold.
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

export interface JsonLinesWriter {
  /** Appends one value. Throws the system error (ENOSPC, EACCES, …); a line is never left half-written. */
  append(value: unknown): void
  close(): void
}

export function openJsonLinesWriter(path: string): JsonLinesWriter {
  const descriptor = openSync(path, 'a+', 0o644)
  let size = dropCutLine(descriptor)
  return {
    append(value) {
      const bytes = Buffer.from(`${JSON.stringify(value)}\n`, 'utf8')
      let written = 0
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written)
        size += bytes.length
      } catch (error) {
        ftruncateSync(descriptor, size)
        throw error
      }
    },
    close: () => closeSync(descriptor),
  }
}

/** Every whole line of `text` as a value; a last line that was cut by a crash is left out. Throws on any other bad line. */
export function parseJsonLines(text: string): unknown[] {
  const lines = text.split('\n')
  lines.pop()
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown)
}

// A writer that was killed half-way leaves a line without its end; the next append must not continue it.
function dropCutLine(descriptor: number): number {
  const size = fstatSync(descriptor).size
  const chunk = Buffer.alloc(65_536)
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunk.length)
    const length = readSync(descriptor, chunk, 0, end - start, start)
    const newline = chunk.subarray(0, length).lastIndexOf(10)
    if (newline >= 0) return truncateTo(descriptor, size, start + newline + 1)
    end = start
  }
  return truncateTo(descriptor, size, 0)
}

function truncateTo(descriptor: number, size: number, wanted: number): number {
  if (wanted < size) ftruncateSync(descriptor, wanted)
  return wanted
}
