// Which variables there are, by key, as the log's records say: of two values of a key the later one counts.
import type { Fields } from '../../lib/fields.ts'
import { nameOf } from '../segments/live-lines.ts'
import type { Place } from '../segments/segment.ts'
import { isLater, removalMs, SegmentLog, type Sequence } from '../segments/segment-log.ts'
import type { VariableType } from '../types.ts'
import type { Variable } from './variable.ts'

/** A persisted value that was deleted. Its record stays until no segment can hold the value any more. */
interface Deleted {
  readonly sequence: Sequence
  readonly deletedAt: number
  place: Place
}

export class VariableIndex {
  readonly variables = new Map<string, Variable>()
  readonly log: SegmentLog
  readonly #deleted = new Map<string, Deleted>()
  readonly #onGone: (variable: Variable) => void
  #cleared: Deleted | undefined

  /** `onGone` is told of each variable that is replaced or deleted. */
  constructor(folder: string, onGone: (variable: Variable) => void) {
    this.#onGone = onGone
    this.log = new SegmentLog({
      folder,
      apply: (record, sequence, place) => this.#apply(record, sequence, place),
    })
  }

  /** Puts a variable in the place of the one with its key. */
  put(variable: Variable): void {
    this.drop(variable.key)
    if (variable.persist) this.#forgetDeleted(variable.key)
    this.variables.set(variable.key, variable)
    countPlace(placeOf(variable), 1)
  }

  /** Writes that a persisted variable is deleted. Throws the system error. */
  delete(key: string): void {
    const deletedAt = Date.now()
    const { sequence, place } = this.log.append({ k: key, x: 'delete', c: deletedAt })
    this.#putDeleted(key, { sequence, deletedAt, place })
  }

  /** Takes a variable away, here only. */
  drop(key: string): void {
    const variable = this.variables.get(key)
    if (!variable) return
    this.variables.delete(key)
    countPlace(placeOf(variable), -1)
    this.#onGone(variable)
  }

  /** Writes that all persisted variables are deleted, and takes the others away. Throws the system error. */
  clear(): void {
    const deletedAt = Date.now()
    if (this.log.segments.size > 0) {
      const { sequence, place } = this.log.append({ x: 'clear', c: deletedAt })
      this.#applyClear({ sequence, deletedAt, place })
    }
    for (const key of [...this.variables.keys()]) this.drop(key)
  }

  /** Forgets what it has read. */
  close(): void {
    this.log.close()
    this.variables.clear()
    this.#deleted.clear()
    this.#cleared = undefined
  }

  /** The lines that count. With `isWhole`, no segment but those that are rewritten holds any older ones. */
  livePlaces(isWhole: boolean): Place[] {
    const places = [...this.variables.values()].flatMap((variable) => placeOf(variable) ?? [])
    for (const [key, deleted] of this.#deleted) {
      if (isWhole && deleted.deletedAt < Date.now() - removalMs) this.#forgetDeleted(key)
      else places.push(deleted.place)
    }
    if (this.#cleared) places.push(this.#cleared.place)
    return places
  }

  #apply(record: Fields, sequence: Sequence, place: Place): void {
    const { k: key, x: deletion } = record
    const deleted = { sequence, deletedAt: Number(record.c), place }
    if (deletion === 'clear') this.#applyClear(deleted)
    if (typeof key !== 'string' || (this.#cleared && !isLater(sequence, this.#cleared.sequence))) return
    if (this.#isKnown(key, sequence, place)) return
    if (deletion === 'delete') this.#putDeleted(key, deleted)
    else this.put(variableOf(key, record, sequence, place))
  }

  // A record that is read again stands in another segment, or in two.
  #isKnown(key: string, sequence: Sequence, place: Place): boolean {
    const [deleted, variable] = [this.#deleted.get(key), this.variables.get(key)]
    for (const current of [deleted, variable]) if (current) moveSame(current, sequence, place)
    return [deleted, variable].some((current) => current && !isLater(sequence, current.sequence))
  }

  #applyClear(cleared: Deleted): void {
    const known = this.#cleared
    if (known && isLater(known.sequence, cleared.sequence)) return
    countPlace(known?.place, -1)
    countPlace(cleared.place, 1)
    this.#cleared = cleared
    for (const variable of [...this.variables.values()])
      if (variable.persist && isLater(cleared.sequence, variable.sequence)) this.drop(variable.key)
    for (const [key, { sequence }] of this.#deleted)
      if (isLater(cleared.sequence, sequence)) this.#forgetDeleted(key)
  }

  #putDeleted(key: string, deleted: Deleted): void {
    this.drop(key)
    this.#forgetDeleted(key)
    this.#deleted.set(key, deleted)
    countPlace(deleted.place, 1)
  }

  #forgetDeleted(key: string): void {
    countPlace(this.#deleted.get(key)?.place, -1)
    this.#deleted.delete(key)
  }
}

function moveSame(current: Variable | Deleted, sequence: Sequence, place: Place): void {
  if (nameOf(current.sequence) !== nameOf(sequence)) return
  if ('place' in current) {
    countPlace(current.place, -1)
    current.place = place
  } else {
    countPlace(placeOf(current), -1)
    if (current.kept && 'place' in current.kept) current.kept = { ...current.kept, place }
  }
  countPlace(place, 1)
}

function variableOf(key: string, record: Fields, sequence: Sequence, place: Place): Variable {
  const file = record.b as [name: string, checksum: number] | undefined
  return {
    key,
    scope: String(record.s),
    type: record.t as VariableType,
    sizeBytes: Number(record.n),
    createdAt: Number(record.c),
    persist: true,
    sequence,
    kept: file ? { in: 'file', name: file[0], checksum: file[1], place } : { in: 'log', place },
  }
}

function placeOf({ kept }: Variable): Place | undefined {
  return kept && 'place' in kept ? kept.place : undefined
}

function countPlace(place: Place | undefined, times: 1 | -1): void {
  if (place) place.segment.live += times * place.length
}
