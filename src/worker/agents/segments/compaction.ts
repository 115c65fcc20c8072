// Compaction: segments that are mostly waste become one. A segment is taken by renaming it, then read to its end; a writer
// looks after each write whether its segment is still in place, and else writes again. So nothing needs to know who lives.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { takeLock } from '../../lib/process-lock.ts'
import type { Place, Segment } from './segment.ts'
import type { SegmentLog } from './segment-log.ts'

const manySegments = 16
const smallBytes = 1 << 20
const wasteBytes = 4 << 20
/** What one compaction reads at most, so that it takes a fraction of a second. */
const mostBytes = 64 << 20

/** Whether what a compaction can rewrite is many segments, or more waste than lines that count. */
export function isCompactionDue(log: SegmentLog): boolean {
  const segments = [...log.segments.values()].filter(isWorthIt)
  const sum = (of: (segment: Segment) => number) =>
    segments.reduce((total, segment) => total + of(segment), 0)
  return (
    segments.length > manySegments ||
    sum(wasteOf) >
      Math.max(
        wasteBytes,
        sum(({ live }) => live),
      )
  )
}

/**
 * Rewrites the segments that waste most. `livePlaces` gives the lines that count, of all segments; it is told whether all are
 * rewritten.
 * False when another process is at it. Throws the system error (a full disk); everything is then still there.
 */
export function compact(log: SegmentLog, livePlaces: (isWhole: boolean) => readonly Place[]): boolean {
  const lock = join(log.folder, 'compaction.lock')
  if (!existsSync(log.folder) || takeLock(lock) !== null) return false
  try {
    removeDrafts(log.folder)
    log.refresh()
    const taken = new Set(chooseSegments([...log.segments.values()]).filter((segment) => take(log, segment)))
    log.refresh()
    const isWhole = [...log.segments.values()].every((segment) => taken.has(segment) || segment.isGone)
    // A writer that died may have left its last record in a segment that was taken, for those alone who had it open.
    log.rewrite(livePlaces(isWhole).filter(({ segment }) => taken.has(segment) || segment.isGone))
    for (const { id } of taken) rmSync(takenPath(log, id), { force: true })
    log.refresh()
    return true
  } finally {
    rmSync(lock, { force: true })
  }
}

function chooseSegments(segments: readonly Segment[]): Segment[] {
  const worst = segments.filter(isWorthIt).sort((a, b) => wasteOf(b) - wasteOf(a))
  let bytes = 0
  return worst.filter(({ live }) => {
    bytes += live
    return bytes <= mostBytes
  })
}

// A damaged one is kept as it is, so that everybody who opens it is told what was lost.
function isWorthIt({ size, live, isDamaged, isGone }: Segment): boolean {
  return !isDamaged && !isGone && (size < smallBytes || size > 2 * live)
}

function wasteOf({ size, live }: Segment): number {
  return size - live
}

function take(log: SegmentLog, { id }: Segment): boolean {
  log.leaveOwn()
  try {
    renameSync(join(log.folder, `${id}.log`), takenPath(log, id))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return existsSync(takenPath(log, id)) // by one that died
  }
}

function takenPath(log: SegmentLog, id: string): string {
  return join(log.folder, `${id}.taken`)
}

function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.endsWith('.draft')) rmSync(join(folder, name), { force: true })
}
