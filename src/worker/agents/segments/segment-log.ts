// A log that several processes share without a lock: each writes segments of its own and follows those of the others.
// Records are ordered by a Lamport clock (Lamport 1978), so that no wall clock decides which of two is the later one.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Fields, parseFields } from '../../lib/fields.ts'
import { FolderWatch } from './folder-watch.ts'
import { encodeLine } from './record-line.ts'
import { type Place, Segment } from './segment.ts'

/** How many records came before, as far as the writer knew, and who wrote it. */
export type Sequence = readonly [count: number, writer: string]

export function isLater([count, writer]: Sequence, [otherCount, otherWriter]: Sequence): boolean {
  return count === otherCount ? writer > otherWriter : count > otherCount
}

/** Bytes of a segment that nobody can read as records any more. */
export interface Damage {
  readonly segment: string
  readonly at: number
  readonly length: number
  /** What of its record can still be read, at most a kilobyte. */
  readonly excerpt: string
}

export interface SegmentLogOptions {
  readonly folder: string
  /** Takes a record that is read or moved; records come in any order, and more than once. */
  readonly apply: (record: Fields, sequence: Sequence, place: Place) => void
}

const fullBytes = 32 << 20
/** The clock of a file system may stand for this long while files change. */
const clockStepMs = 20
const mostListings = 100
const nameOfSegment = /^(.+)\.(?:log|taken)$/

export class SegmentLog {
  /** Whose records this instance's are. */
  readonly writer = randomBytes(6).toString('hex')
  readonly folder: string
  readonly damages: Damage[] = []
  readonly segments = new Map<string, Segment>()
  readonly #apply: SegmentLogOptions['apply']
  readonly #watch: FolderWatch
  #clock = 0
  #made = 0
  #own: Segment | undefined
  /** The folder's time when it was listed; undefined when it may have changed unseen. */
  #listedAt: number | undefined

  constructor({ folder, apply }: SegmentLogOptions) {
    this.folder = folder
    this.#apply = apply
    this.#watch = new FolderWatch(folder)
  }

  /** A sequence later than everything that was seen. */
  tick(): Sequence {
    return [++this.#clock, this.writer]
  }

  /** Reads what others have written; what they had written before this call is read when it returns. */
  refresh(): void {
    if (!this.#isUnchanged()) this.#list()
    for (const segment of this.segments.values()) if (!segment.isOwn) this.#readOn(segment)
  }

  /** Writes one record, later than all seen ones, and a second JSON beside it. Throws the system error; nothing is written then. */
  append(record: Fields, body?: string): { sequence: Sequence; place: Place } {
    this.refresh()
    const sequence = this.tick()
    const head = JSON.stringify({ q: sequence, ...record })
    const line = encodeLine(body === undefined ? head : `${head}\t${body}`)
    for (;;) {
      const segment = this.#writable()
      const place = segment.append(line)
      if (this.#isUnchanged() || segment.isInPlace()) return { sequence, place }
      // Taken by a compaction, perhaps after that had read it: to be written again.
      this.#own = undefined
    }
  }

  /** The second JSON of a record; undefined when the line is damaged. */
  bodyAt(place: Place): string | undefined {
    const payload = place.segment.payloadAt(place)
    return payload?.slice(payload.indexOf('\t') + 1)
  }

  /** Writes lines of other segments, unchanged, as one new segment that is on the disk when this returns. */
  rewrite(places: Iterable<Place>): void {
    const id = this.#nextId()
    const draft = join(this.folder, `${id}.draft`)
    try {
      const segment = new Segment(id, draft, true)
      try {
        // What was the highest may be left out; the clock must never run back.
        segment.append(encodeLine(JSON.stringify({ q: [this.#clock, this.writer] })))
        for (const lines of chunks(places)) segment.append(lines)
        syncPath(draft)
      } finally {
        segment.close()
      }
      renameSync(draft, join(this.folder, `${id}.log`))
      syncPath(this.folder)
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
  }

  /** Lets go of this instance's own segment: the next record begins another. */
  leaveOwn(): void {
    this.#own = undefined
  }

  /** The files that a power cut must not lose. */
  ownPaths(): string[] {
    return this.#own ? [this.#own.path, this.folder] : []
  }

  close(): void {
    for (const segment of this.segments.values()) segment.close()
    this.segments.clear()
    this.#own = undefined
    this.#listedAt = undefined
    this.#watch.close()
  }

  /** Whether no segment was added, taken or removed since the folder was listed. */
  #isUnchanged(): boolean {
    return this.#listedAt !== undefined && this.#watch.time() === this.#listedAt
  }

  #writable(): Segment {
    if (this.#own && this.#own.size < fullBytes) return this.#own
    mkdirSync(this.folder, { recursive: true })
    const id = this.#nextId()
    this.#own = new Segment(id, join(this.folder, `${id}.log`), true)
    this.segments.set(id, this.#own)
    return this.#own
  }

  #nextId(): string {
    return `${this.writer}-${this.#made++}`
  }

  // A segment may be taken or replaced while the folder is listed: then once more.
  #list(): void {
    for (let attempt = 0; attempt < mostListings; attempt++) {
      const before = this.#watch.time()
      if (before === undefined) return
      const complete = this.#follow(readdirSync(this.folder))
      if (!complete || this.#watch.time() !== before) continue
      this.#listedAt = before < Date.now() - clockStepMs ? before : undefined
      return
    }
  }

  #follow(names: readonly string[]): boolean {
    const listed = new Set<string>()
    let complete = true
    for (const name of names) {
      const id = nameOfSegment.exec(name)?.[1]
      if (id === undefined) continue
      listed.add(id)
      if (!this.segments.has(id)) complete = this.#open(id, join(this.folder, name)) && complete
    }
    for (const segment of this.segments.values()) if (!listed.has(segment.id)) this.#leave(segment)
    // One that is being compacted may have been read already.
    if (this.#own && !names.includes(`${this.#own.id}.log`)) this.#own = undefined
    return complete
  }

  #open(id: string, path: string): boolean {
    try {
      const segment = new Segment(id, path)
      this.segments.set(id, segment)
      this.#readOn(segment)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }

  // It was compacted. What counts of it stands in another segment, which may be listed only next time.
  #leave(segment: Segment): void {
    segment.isGone = true
    this.#readOn(segment)
    if (segment.live > 0) return
    this.segments.delete(segment.id)
    segment.close()
  }

  #readOn(segment: Segment): void {
    segment.readOn({
      line: (payload, at, length) => {
        const tab = payload.indexOf(9)
        const head = tab < 0 ? payload : payload.subarray(0, tab)
        const record = parseFields(head.toString('utf8'))
        const sequence = record?.q as Sequence | undefined
        if (!record || !sequence) return
        this.#clock = Math.max(this.#clock, sequence[0])
        this.#apply(record, sequence, { segment, at, length })
      },
      damage: (at, end) => this.#reportDamage(segment, at, end - at),
    })
  }

  #reportDamage(segment: Segment, at: number, length: number): void {
    segment.isDamaged = true
    const excerpt = segment.bytesAt({ segment, at, length: Math.min(length, 1024) }).toString('utf8')
    this.damages.push({ segment: segment.path, at, length, excerpt })
  }
}

function* chunks(places: Iterable<Place>): Generator<Buffer> {
  let lines: Buffer[] = []
  let bytes = 0
  for (const place of places) {
    lines.push(place.segment.bytesAt(place))
    bytes += place.length
    if (bytes < 1 << 20) continue
    yield Buffer.concat(lines)
    lines = []
    bytes = 0
  }
  yield Buffer.concat(lines)
}

function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
