import type { Place } from './segment.ts'
import type { Sequence } from './segment-log.ts'

/** The lines of a log that count, by the name of their sequence; each segment knows how many bytes of it do. */
export class LiveLines {
  readonly #places = new Map<string, Place>()

  has(name: string): boolean {
    return this.#places.has(name)
  }

  /** Takes a line, or the other place of one that a compaction has moved. */
  keep(name: string, place: Place): void {
    this.drop(name)
    this.#places.set(name, place)
    place.segment.live += place.length
  }

  drop(name: string): void {
    const place = this.#places.get(name)
    if (!place) return
    this.#places.delete(name)
    place.segment.live -= place.length
  }

  places(): Place[] {
    return [...this.#places.values()]
  }
}

export function nameOf([count, writer]: Sequence): string {
  return `${writer}-${count}`
}
