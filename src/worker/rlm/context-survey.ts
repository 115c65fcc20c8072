// What a context is made of, before anything is asked: how much, of which kinds, and whether there is a word in it.
import { extname } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import type { Documents } from './documents.ts'
import type { RunEvent } from './ports.ts'
import { estimateTokens } from './route.ts'

/** What there is to read, as an event. */
export function describeContext({ list }: Documents, skipped: Record<string, number>): RunEvent {
  const kinds: Record<string, number> = {}
  for (const { name } of list) {
    const kind = extname(name) || 'other'
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  const bytes = list.reduce((sum, { length }) => sum + length, 0)
  const tokens = estimateTokens(list)
  return { type: 'context', run: 'r', documents: list.length, bytes, tokens, kinds, skipped }
}

/** Throws `invalid_config` where there is not a word. */
export function requireText({ list }: Documents, skipped: Record<string, number>): void {
  if (list.some(({ length }) => length > 0)) return
  const reasons = Object.entries(skipped).filter(([, count]) => count > 0)
  const why = reasons.map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`)
  if (list.length > 0) why.push(`${list.length} empty`)
  throw new RlmsError(
    'invalid_config',
    `there is nothing to read in the context: ${why.length === 0 ? 'no files' : why.join(', ')}`,
    'Name files or folders with text in them: --context PATH, a glob, or - for standard input.',
  )
}
