// What the session's code asks for: documents are read here, all else is asked of the host.
import type { Documents } from '../../rlm/documents.ts'
import { type CodeError, HostCallError } from '../../rlm/ports.ts'
import { grep } from './grep.ts'
import { createReading } from './reading.ts'
import type { Wire } from './wire.ts'

/** Answers a call of the code; bytes are a text. Throws a HostCallError for what the host could not do. */
export type Answer = (name: string, args: readonly unknown[]) => unknown

/** `checkTime` is called now and then in long work and may throw. */
export function readingAnswers(documents: Documents, checkTime: () => void): ReadonlyMap<string, Answer> {
  const reading = createReading(documents)
  const rows: Record<string, (...args: readonly unknown[]) => unknown> = {
    list_files: () => reading.listFiles(),
    read_file: (path, start, end) => reading.readFile(path, start, end),
    peek: (path, count) => reading.peek(path, count),
    chunks: (text, size, overlap) => reading.cut(text, size, overlap),
    grep(pattern, path, maxMatches, flags) {
      const list = path === null ? documents.list : [reading.find(path)]
      return grep(documents, { pattern, maxMatches, flags, in: list }, checkTime)
    },
    slice_text: (text, start, end) => reading.sliceText(text, start, end),
    $text: (path, start, end) => reading.bytes(path, start as number, end as number | null),
    $lines: (path, start, end) => reading.linesOf(path, start as number, end as number),
  }
  return new Map(Object.entries(rows).map(([name, answer]) => [name, (_name, args) => answer(...args)]))
}

interface Reply {
  readonly ok: boolean
  readonly value?: unknown
  readonly code?: CodeError['code']
  readonly error?: string
  readonly final?: boolean
}

/** Asks the host, and waits. */
export function hostAnswers(wire: Wire): Answer {
  let calls = 0
  return (name, args) => {
    wire.send({ op: 'call', id: calls + 1, name, args })
    calls++
    const reply = wire.receive() as Reply
    if (reply.ok) return reply.value
    throw new Refused(reply.code ?? 'code_error', reply.error ?? '', reply.final === true)
  }
}

/** The host's answer to a call that it did not do. `final`: nothing of the step may run on. */
export class Refused extends HostCallError {
  readonly final: boolean

  constructor(code: CodeError['code'], message: string, final: boolean) {
    super(code, message)
    this.final = final || code === 'sandbox_violation'
  }
}
