// What agents remember from one run to the next.
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeLock } from '../../lib/process-lock.ts'
import { cutText } from '../../lib/whole-text.ts'
import { fileNameOf } from '../key-name.ts'
import { BackgroundSync } from '../segments/background-sync.ts'
import { compact, isCompactionDue } from '../segments/compaction.ts'
import { ignoreSystemError, storageError } from '../segments/storage-error.ts'
import type { KnowledgeEntry, MemoryEntry, MemoryStats, MemoryType } from '../types.ts'
import { Layers, memoryTypes, type Remembered } from './layers.ts'
import { rank } from './ranking.ts'

const defaultWorkingEntries = 50
const writesBetweenLooks = 256
const lockWaitMs = 10_000
const lookMs = 5
const digestLineLength = 120
const digestLines = 20

export interface MemoryOptions {
  /** Memories of different scopes share a folder and nothing else; default `global`. */
  readonly scope?: string
  /** Writes the text of a summary, with a model for example; default: the beginnings of the entries. */
  readonly summarize?: (entries: readonly MemoryEntry[]) => Promise<string>
}

/**
 * A memory in a folder, which any number of processes may have open at the same time: each sees what the others have
 * appended at once, and nothing of it is lost.
 */
export class MemoryManager {
  readonly #folder: string
  readonly #layers: Layers
  readonly #summarize: NonNullable<MemoryOptions['summarize']>
  readonly #sync = new BackgroundSync()
  #writes = 0

  /** `maxWorkingEntries` (default 50) is how many of the newest entries `working` keeps. */
  constructor(
    storageDir: string,
    maxWorkingEntries: number = defaultWorkingEntries,
    { scope = 'global', summarize = digest }: MemoryOptions = {},
  ) {
    this.#folder = join(resolve(storageDir), 'memory', fileNameOf(scope))
    this.#layers = new Layers(this.#folder, maxWorkingEntries)
    this.#summarize = summarize
  }

  /** Makes the folder and reads what it holds. Rejects when it can't be used. */
  async init(): Promise<void> {
    try {
      mkdirSync(this.#folder, { recursive: true })
      this.#layers.log.refresh()
    } catch (error) {
      throw storageError(`The memory cannot be opened: ${this.#folder}`, error)
    }
    this.#compactLog()
  }

  /** Resolves when the entry is written. Rejects when it can't be, and when its content is no string. */
  async append(type: MemoryType, entry: MemoryEntry): Promise<void> {
    if (typeof entry.content !== 'string')
      throw new TypeError(`The content of a memory entry must be a string: ${entry.id}.`)
    this.#layers.entries(type)
    this.#write(() => this.#layers.add(type, copyOf(entry)))
  }

  /**
   * The entries of a layer that hold a word of the query: those that hold more of its words first, then by BM25 and how
   * recent they are. `semantic` includes what was learned. A query without words finds nothing.
   */
  async search(type: MemoryType, query: string, limit = 10): Promise<MemoryEntry[]> {
    const facts = type === 'semantic' ? this.#layers.knowledge().map(entryOf) : []
    return rank([...this.#list(type), ...facts], query, limit)
  }

  /** Keeps a value (anything that has a JSON) under a key, in the place of what was learned before. */
  async learn({ key, value }: { key: string; value: unknown }): Promise<void> {
    if (JSON.stringify(value) === undefined)
      throw new TypeError(`What is learned must have a JSON form: ${key}.`)
    this.#write(() => this.#layers.learn(copyOf({ key, value, timestamp: Date.now() })))
  }

  async recall(key: string): Promise<KnowledgeEntry | null> {
    return this.#layers.known(key) ?? null
  }

  /**
   * Replaces all but the last `keepLast` entries by one in front of them that begins with `[Summary of N entries]` (its
   * metadata: `isSummary`, `entryCount`), or by nothing. Rejects as the `summarize` of the options does; all is then as
   * it was.
   */
  async compact(
    type: MemoryType,
    { keepLast = 10, summarizeOlder = true }: { keepLast?: number; summarizeOlder?: boolean } = {},
  ): Promise<void> {
    for (;;) {
      const entries = this.#layers.entries(type)
      const older = entries.slice(0, Math.max(0, entries.length - Math.max(0, keepLast)))
      if (older.length === 0 || (older.length === 1 && summarizeOlder && isSummary(older[0]!))) return
      const summary = summarizeOlder ? await this.#summaryOf(older) : undefined
      if (await this.#replace(type, older, summary)) return
    }
  }

  /** How many entries each layer has, and how many facts were learned. */
  getStats(): MemoryStats {
    const [working, episodic, semantic, procedural] = memoryTypes.map((type) => this.#list(type).length)
    return {
      working: working!,
      episodic: episodic!,
      semantic: semantic!,
      procedural: procedural!,
      knowledge: this.#layers.knowledge().length,
    }
  }

  /** Forgets one layer, or everything; `semantic` includes what was learned. */
  async clear(type?: MemoryType): Promise<void> {
    for (const one of type ? [type] : memoryTypes) {
      this.#layers.entries(one)
      this.#write(() => this.#layers.clear(one))
    }
  }

  /** Oldest first. */
  getWorkingMemory(): MemoryEntry[] {
    return this.#list('working')
  }

  /** Oldest first. */
  getEpisodicMemory(): MemoryEntry[] {
    return this.#list('episodic')
  }

  /** Resolves when all that was written before is safe from a power cut, which else is so within a second. */
  flush(): Promise<void> {
    return this.#sync.flush()
  }

  /** Closes its files. */
  close(): void {
    this.#layers.log.close()
  }

  #list(type: MemoryType): MemoryEntry[] {
    return this.#layers.entries(type).map(({ entry }) => entry)
  }

  async #summaryOf(older: readonly Remembered[]): Promise<MemoryEntry> {
    const entries = older.map(({ entry }) => entry)
    const entryCount = entries.reduce((sum, { metadata }) => sum + Number(metadata?.entryCount ?? 1), 0)
    return {
      id: `summary-${randomUUID()}`,
      timestamp: entries.at(-1)!.timestamp,
      content: `[Summary of ${entryCount} entries]\n${await this.#summarize(entries)}`,
      metadata: { isSummary: true, entryCount },
    }
  }

  /** False when another process has replaced some of them since. */
  async #replace(
    type: MemoryType,
    older: readonly Remembered[],
    summary: MemoryEntry | undefined,
  ): Promise<boolean> {
    const unlock = await this.#lock()
    try {
      const names = new Set(this.#layers.entries(type).map(({ name }) => name))
      if (!older.every(({ name }) => names.has(name))) return false
      this.#write(() => this.#layers.replace(type, older, summary))
      return true
    } finally {
      unlock()
    }
  }

  async #lock(): Promise<() => void> {
    const path = join(this.#folder, 'replacing.lock')
    for (const end = Date.now() + lockWaitMs; ; await sleep(lookMs)) {
      const holder = takeLock(path)
      if (holder === null) return () => rmSync(path, { force: true })
      if (Date.now() > end)
        throw new Error(`The memory is being compacted by process ${holder.pid}: ${path}. Try again.`)
    }
  }

  #write(action: () => void): void {
    try {
      this.#sync.throwFailure()
      action()
    } catch (error) {
      throw storageError(`The memory cannot be written: ${this.#folder}`, error)
    }
    this.#sync.add(this.#layers.log.ownPaths())
    if (++this.#writes % writesBetweenLooks === 0) this.#compactLog()
  }

  // What fails of it leaves everything readable, and is tried again later.
  #compactLog(): void {
    const { log } = this.#layers
    ignoreSystemError(() => {
      if (isCompactionDue(log)) compact(log, (isWhole) => this.#layers.livePlaces(isWhole))
    })
  }
}

function isSummary({ entry }: Remembered): boolean {
  return entry.metadata?.isSummary === true
}

function entryOf({ key, value, timestamp }: KnowledgeEntry): MemoryEntry {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return { id: key, timestamp, content: `${key}: ${text}` }
}

// As it will be read: nobody changes it afterwards.
function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

async function digest(entries: readonly MemoryEntry[]): Promise<string> {
  const lines = entries.slice(-digestLines).map(({ content }) => {
    const line = content.trim().replace(/\s+/g, ' ')
    return `- ${line.length > digestLineLength ? `${cutText(line, digestLineLength)}…` : line}`
  })
  return [...(entries.length > digestLines ? ['…'] : []), ...lines].join('\n')
}
