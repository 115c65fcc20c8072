// What a sub-call is given to read: documents, parts of them by reference, or texts that the code made.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import { charsPerToken } from './budget.ts'
import {
  cutBytes,
  cutLines,
  type Document,
  type Documents,
  openDocuments,
  sliceDocuments,
} from './documents.ts'
import { type PackPart, packParts } from './pack.ts'
import { HostCallError, type Json } from './ports.ts'
import type { Run } from './tree.ts'

type Part = Document | { readonly text: string }

/** Characters of context that one model call is given; programs that answer prompts refuse more than about a million. */
const maxContextChars = 1_000_000

/** The documents of a child run. Close them. `id` names the pack of texts that the code made. */
export function openContext(run: Run, context: Json, id: string): Documents {
  if (context === null) return sliceDocuments(run.documents, run.documents.list)
  const parts = readParts(run, context)
  if (parts.every((part): part is Document => 'name' in part))
    return sliceDocuments(run.documents, withOwnNames(parts))
  const packFile = join(run.tree.workDir, `${id}.pack`)
  try {
    return openDocuments(packFile, packParts(toPackParts(run.documents, parts), packFile))
  } finally {
    rmSync(packFile, { force: true })
  }
}

/** The context of one model call, as text with its sources named. */
export function readContextText(run: Run, context: Json): string {
  const parts = readParts(run, context)
  const chars = countChars(parts)
  const { contextTokens = null } = run.tree.models.sub.profile ?? {}
  const room = Math.min(maxContextChars, (contextTokens ?? Infinity) * charsPerToken)
  if (chars > room) {
    throw new RlmsError(
      'code_error',
      `the context has ${chars} characters, one model call takes ${room}: cut it with chunks(), or use depth=2`,
    )
  }
  return parts
    .map((part) =>
      'name' in part ? `=== ${part.name} ===\n${run.documents.readText(part, 0, part.length)}` : part.text,
    )
    .join('\n\n')
}

/** Characters of a sub-call's context; null stands for all documents. */
export function contextChars(run: Run, context: Json): number {
  return countChars(context === null ? run.documents.list : readParts(run, context))
}

function countChars(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + ('name' in part ? part.charCount : part.text.length), 0)
}

function readParts(run: Run, context: Json): Part[] {
  const entries = Array.isArray(context) ? context : [context]
  if (entries.length === 0) throw new HostCallError('code_error', 'the context is an empty list')
  return entries.map((entry) => readPart(run.documents, entry))
}

/** `{"$span": [name, start, end]}` is how a chunk leaves the sandbox: bytes of a document. */
function readPart(documents: Documents, entry: Json): Part {
  if (typeof entry === 'string') return documents.find(entry) ?? { text: entry }
  if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) {
    const { $span: span, path, start_line: start, end_line: end } = entry
    if (Array.isArray(span)) {
      const [name, from, to] = span
      const document = documents.find(String(name))
      if (document && isCount(from) && isCount(to)) return cutBytes(documents, document, from, to)
    }
    const document = typeof path === 'string' ? documents.find(path) : undefined
    if (document && isCount(start)) return cutLines(documents, document, start, isCount(end) ? end : start)
    if (document) return document
  }
  throw new HostCallError(
    'code_error',
    'context takes a path, a chunk, a grep hit ({path, start_line, end_line}), a text, or a list of them',
  )
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

// Two parts may cover the same lines; every document needs a name of its own.
function withOwnNames<Named extends { readonly name: string }>(parts: readonly Named[]): Named[] {
  const taken = new Set(parts.map(({ name }) => name))
  const used = new Set<string>()
  return parts.map((part) => {
    let name = part.name
    for (let count = 2; used.has(name) || (name !== part.name && taken.has(name)); count++)
      name = `${part.name}#${count}`
    used.add(name)
    return name === part.name ? part : { ...part, name }
  })
}

function toPackParts(documents: Documents, parts: readonly Part[]): PackPart[] {
  const texts = parts.filter((part) => !('name' in part)).length
  let number = 0
  const named = parts.map((part) => {
    if ('name' in part) return { ...part, bytes: Buffer.from(documents.readText(part, 0, part.length)) }
    const name = texts === 1 ? 'context' : `context-${++number}`
    return { name, source: name, made: true, firstLine: 1, bytes: Buffer.from(part.text) }
  })
  return withOwnNames(named).map(({ bytes, ...base }) => ({ base, bytes }))
}
