// usage.jsonl and the turns that the host noted since it was last written.
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { objectLines } from '../lib/fields.ts'
import { openJsonLinesWriter } from '../lib/json-lines.ts'
import { readText } from './read-text.ts'
import { measureTurn, readNote, type TurnNote, type TurnSurroundings } from './turn.ts'
import { entryKey, readEntry, type UsageEntry } from './usage-entry.ts'

const logName = 'usage.jsonl'
const notesName = 'usage-notes.jsonl'
/** Notes that are being recorded; they outlive a recorder that is killed. */
const claimedName = 'usage-notes.claimed.jsonl'

/** Everything that is known of a loop's usage, noted turns included; writes nothing. */
export function readUsage(loopDir: string, surroundings: TurnSurroundings): UsageEntry[] {
  const recorded = readRecorded(loopDir)
  return [...recorded, ...measureNew(readNotes(loopDir), recorded, surroundings)]
}

/** Moves the noted turns into usage.jsonl; all entries, the new ones last. Throws the system error when it can't. */
export function recordUsage(loopDir: string, surroundings: TurnSurroundings): UsageEntry[] {
  const claimed = join(loopDir, claimedName)
  const notes = join(loopDir, notesName)
  if (!existsSync(claimed) && existsSync(notes)) renameSync(notes, claimed)
  const recorded = readRecorded(loopDir)
  const added = measureNew(readNotes(loopDir), recorded, surroundings)
  if (added.length > 0) {
    const log = openJsonLinesWriter(join(loopDir, logName))
    try {
      for (const entry of added) log.append(entry)
    } finally {
      log.close()
    }
  }
  rmSync(claimed, { force: true })
  rmSync(notes, { force: true })
  return [...recorded, ...added]
}

function readRecorded(loopDir: string): UsageEntry[] {
  return objectLines(readText(join(loopDir, logName))).map(readEntry)
}

function readNotes(loopDir: string): TurnNote[] {
  const text = [claimedName, notesName].map((name) => readText(join(loopDir, name))).join('\n')
  return objectLines(text).map(readNote)
}

function measureNew(
  notes: readonly TurnNote[],
  recorded: readonly UsageEntry[],
  surroundings: TurnSurroundings,
): UsageEntry[] {
  const known = new Set(recorded.map(entryKey))
  return notes
    .filter(({ who }) => !known.has(entryKey(who)))
    .map((note, at, fresh) =>
      isOverwritten(note, fresh.slice(at + 1)) ? { ...note, file: '', errors: '' } : note,
    )
    .map((note) => {
      const entry = measureTurn(note, surroundings)
      return note.resumed ? withoutEarlier(entry, recorded) : entry
    })
}

/** What an analysis cost that went on with earlier ones, which are recorded already. */
function withoutEarlier(entry: UsageEntry, recorded: readonly UsageEntry[]): UsageEntry {
  const { run_id, iteration, role } = entry
  const earlier = recorded.filter(
    (other) =>
      other.source === 'rlms' &&
      other.run_id === run_id &&
      other.iteration === iteration &&
      other.role === role,
  )
  const less = (total: number, part: (other: UsageEntry) => number | undefined) =>
    Math.max(0, total - earlier.reduce((sum, other) => sum + (part(other) ?? 0), 0))
  return {
    ...entry,
    usage: entry.usage && {
      input_tokens: less(entry.usage.input_tokens, ({ usage }) => usage?.input_tokens),
      output_tokens: less(entry.usage.output_tokens, ({ usage }) => usage?.output_tokens),
    },
    cost_usd: entry.cost_usd === null ? null : less(entry.cost_usd, ({ cost_usd }) => cost_usd ?? 0),
  }
}

/** A role that runs again in its iteration writes to the same log. */
function isOverwritten({ file }: TurnNote, later: readonly TurnNote[]): boolean {
  return later.some((note) => note.file === file)
}
