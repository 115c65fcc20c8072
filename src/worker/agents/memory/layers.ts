// What is remembered, as the log's records say: entries in the order of their sequences, and knowledge by key.
import type { Fields } from '../../lib/fields.ts'
import { LiveLines, nameOf } from '../segments/live-lines.ts'
import type { Place } from '../segments/segment.ts'
import { isLater, removalMs, SegmentLog, type Sequence } from '../segments/segment-log.ts'
import type { KnowledgeEntry, MemoryEntry, MemoryType } from '../types.ts'

export const memoryTypes: readonly MemoryType[] = ['working', 'episodic', 'semantic', 'procedural']

export interface Remembered {
  readonly entry: MemoryEntry
  readonly name: string
  /** Where it stands among the others: a summary stands where the last of its entries stood. */
  readonly order: Sequence
}

interface Layer {
  readonly type: MemoryType
  /** In their order. */
  entries: Remembered[]
  /** The names of what was replaced by summaries, whose records may still be read. */
  readonly replaced: Set<string>
  /** The records that replaced them: their names, and when that was. */
  readonly replacements: Map<string, number>
  cleared: Sequence | undefined
}

export class Layers {
  readonly log: SegmentLog
  readonly #lines = new LiveLines()
  readonly #layers: ReadonlyMap<unknown, Layer>
  readonly #knowledge = new Map<string, { readonly knowledge: KnowledgeEntry; readonly sequence: Sequence }>()
  readonly #maxWorkingEntries: number

  constructor(folder: string, maxWorkingEntries: number) {
    this.#maxWorkingEntries = maxWorkingEntries
    this.#layers = new Map(memoryTypes.map((type) => [type, emptyLayer(type)]))
    this.log = new SegmentLog({
      folder,
      apply: (record, sequence, place) => this.#apply(record, sequence, place),
    })
  }

  /** The entries of a layer, oldest first, those of other processes included. Throws for a layer that is none. */
  entries(type: MemoryType): readonly Remembered[] {
    const layer = this.#layers.get(type)
    if (!layer) throw new TypeError(`No such memory: ${type}. There are ${memoryTypes.join(', ')}.`)
    this.log.refresh()
    return layer.entries
  }

  knowledge(): KnowledgeEntry[] {
    this.log.refresh()
    return [...this.#knowledge.values()].map(({ knowledge }) => knowledge)
  }

  known(key: string): KnowledgeEntry | undefined {
    this.log.refresh()
    return this.#knowledge.get(key)?.knowledge
  }

  add(type: MemoryType, entry: MemoryEntry): void {
    this.#write({ t: type, e: entry })
  }

  learn({ key, value, timestamp }: KnowledgeEntry): void {
    this.#write({ k: key, v: value, c: timestamp })
  }

  /** Puts a summary, or nothing, in the place of entries. */
  replace(type: MemoryType, older: readonly Remembered[], summary: MemoryEntry | undefined): void {
    const { order } = older.at(-1)!
    this.#write({
      t: type,
      c: Date.now(),
      d: older.map(({ name }) => name),
      o: order,
      ...(summary ? { e: summary } : {}),
    })
  }

  clear(type: MemoryType): void {
    this.#write({ t: type, x: 'clear' })
  }

  /** The lines that count. With `isWhole`, no segment but those that are rewritten holds what was replaced. */
  livePlaces(isWhole: boolean): Place[] {
    if (isWhole) for (const layer of this.#layers.values()) this.#dropSpentReplacements(layer)
    return this.#lines.places()
  }

  #write(record: Fields): void {
    const { sequence, place } = this.log.append(record)
    this.#apply(record, sequence, place)
  }

  #apply(record: Fields, sequence: Sequence, place: Place): void {
    const isFact = typeof record.k === 'string'
    const layer = this.#layers.get(isFact ? 'semantic' : record.t)
    if (!layer || (layer.cleared && !isLater(sequence, layer.cleared))) return
    if (this.#lines.has(nameOf(sequence)))
      this.#lines.keep(nameOf(sequence), place) // it was moved
    else if (isFact) this.#applyFact(record, sequence, place)
    else if (record.x === 'clear') this.#applyClear(layer, sequence, place)
    else if (Array.isArray(record.d)) this.#applyReplacement(layer, record, sequence, place)
    else this.#insert(layer, record.e as MemoryEntry, sequence, sequence, place)
  }

  #applyFact({ k, v, c }: Fields, sequence: Sequence, place: Place): void {
    const key = k as string
    const known = this.#knowledge.get(key)
    if (known && isLater(known.sequence, sequence)) return
    if (known) this.#lines.drop(nameOf(known.sequence))
    this.#lines.keep(nameOf(sequence), place)
    this.#knowledge.set(key, { knowledge: { key, value: v, timestamp: Number(c) }, sequence })
  }

  #applyClear(layer: Layer, sequence: Sequence, place: Place): void {
    const { cleared } = layer
    if (cleared) this.#lines.drop(nameOf(cleared))
    layer.cleared = sequence
    this.#lines.keep(nameOf(sequence), place)
    for (const { name, order } of layer.entries) if (isLater(sequence, order)) this.#lines.drop(name)
    layer.entries = layer.entries.filter(({ order }) => isLater(order, sequence))
    if (layer.type !== 'semantic') return
    for (const [key, fact] of this.#knowledge) {
      if (isLater(fact.sequence, sequence)) continue
      this.#lines.drop(nameOf(fact.sequence))
      this.#knowledge.delete(key)
    }
  }

  #applyReplacement(layer: Layer, { c, d, o, e }: Fields, sequence: Sequence, place: Place): void {
    const names = new Set(d as string[])
    for (const name of names) {
      layer.replaced.add(name)
      if (!layer.replacements.has(name)) this.#lines.drop(name)
    }
    layer.entries = layer.entries.filter(({ name }) => !names.has(name))
    layer.replacements.set(nameOf(sequence), Number(c))
    this.#lines.keep(nameOf(sequence), place)
    if (e) this.#insert(layer, e as MemoryEntry, sequence, o as Sequence, place)
  }

  #insert(layer: Layer, entry: MemoryEntry, sequence: Sequence, order: Sequence, place: Place): void {
    const name = nameOf(sequence)
    if (layer.replaced.has(name)) return
    this.#lines.keep(name, place)
    let at = layer.entries.length
    while (at > 0 && isLater(layer.entries[at - 1]!.order, order)) at--
    layer.entries.splice(at, 0, { entry, name, order })
    if (layer.type === 'working')
      while (layer.entries.length > this.#maxWorkingEntries) this.#lines.drop(layer.entries.shift()!.name)
  }

  #dropSpentReplacements({ entries, replacements }: Layer): void {
    const visible = new Set(entries.map(({ name }) => name))
    for (const [name, replacedAt] of replacements) {
      if (visible.has(name) || replacedAt > Date.now() - removalMs) continue
      replacements.delete(name)
      this.#lines.drop(name)
    }
  }
}

function emptyLayer(type: MemoryType): Layer {
  return { type, entries: [], replaced: new Set(), replacements: new Map(), cleared: undefined }
}
