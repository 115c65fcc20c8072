// Where the values of variables are when they are not in memory: the log, files of their own, the spill file.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackgroundSync } from '../segments/background-sync.ts'
import { compact, isCompactionDue } from '../segments/compaction.ts'
import { ignoreSystemError, storageError } from '../segments/storage-error.ts'
import { LargeValues } from './large-values.ts'
import { SpillFile } from './spill-file.ts'
import type { Kept, Variable } from './variable.ts'
import { VariableIndex } from './variable-index.ts'

/** A JSON of more bytes is a file of its own. */
const largeBytes = 256 << 10
const writesBetweenLooks = 256
const mostReadings = 10

export type NewVariable = Omit<Variable, 'sequence' | 'kept'>

export class VariableStorage {
  readonly index: VariableIndex
  readonly #folder: string
  readonly #large: LargeValues
  readonly #spill: SpillFile
  readonly #sync = new BackgroundSync()
  #writes = 0

  /** `onGone` is told of each variable that is replaced or deleted. */
  constructor(folder: string, onGone: (variable: Variable) => void) {
    this.#folder = folder
    this.index = new VariableIndex(join(folder, 'variables'), (variable) => {
      if (variable.kept?.in === 'spill') this.#spill.free(variable.kept.span)
      onGone(variable)
    })
    this.#large = new LargeValues(join(folder, 'values'))
    this.#spill = new SpillFile(folder, `spill-${this.index.log.writer}`)
  }

  open(): void {
    try {
      mkdirSync(this.#folder, { recursive: true })
      this.index.log.refresh()
    } catch (error) {
      throw storageError(`The store cannot be opened: ${this.#folder}`, error)
    }
    if (this.index.log.damages.length === 0) ignoreSystemError(() => this.#removeOrphans())
    this.#compactWhenDue()
  }

  /** Sets a variable, and writes it when it is persisted. When that fails, it throws and all is as before. */
  set(fields: NewVariable, json: string): Variable {
    const { key, persist } = fields
    const variable = persist ? this.#writing(key, () => this.#write(fields, json)) : this.#unwritten(fields)
    this.#removeFileOf(this.index.variables.get(key))
    this.index.put(variable)
    if (persist && ++this.#writes % writesBetweenLooks === 0) this.#compactWhenDue()
    return variable
  }

  /** Sets a variable of this process whose value is the text of a file, read when it is asked for. */
  setSource(fields: NewVariable, path: string | Buffer): Variable {
    const variable = this.set({ ...fields, persist: false }, '')
    variable.kept = { in: 'source', path }
    return variable
  }

  delete(variable: Variable): void {
    const { key, persist } = variable
    if (persist) this.#writing(key, () => this.index.delete(key))
    else this.index.drop(key)
    this.#removeFileOf(variable)
  }

  clear(): void {
    const all = [...this.index.variables.values()]
    this.#writing('every one', () => this.index.clear())
    for (const variable of all) this.#removeFileOf(variable)
  }

  /** The JSON of the value that the variable's key has now; undefined when there is none any more. */
  read(key: string): string | undefined {
    for (let attempt = 0; attempt < mostReadings; attempt++) {
      const kept = this.index.variables.get(key)?.kept
      if (!kept) return undefined
      const json = this.#readKept(key, kept)
      if (json !== 'gone') return json
      this.index.log.refresh() // another process has set it since
    }
    throw damaged(key, 'its file is gone')
  }

  /** Sees to it that a value that leaves memory can be read again; false when the disk has no room for it. */
  keep(variable: Variable, json: () => string): boolean {
    try {
      variable.kept ??= { in: 'spill', span: this.#spill.put(json()) }
      return true
    } catch {
      return false
    }
  }

  flush(): Promise<void> {
    return this.#sync.flush()
  }

  close(): void {
    this.index.close()
    this.#spill.close()
  }

  #unwritten(fields: NewVariable): Variable {
    const { log, variables } = this.index
    log.refresh()
    const previous = variables.get(fields.key)
    if (previous?.persist) this.delete(previous) // else it would be back after a restart
    return { ...fields, sequence: log.tick() }
  }

  #write(fields: NewVariable, json: string): Variable {
    this.#sync.throwFailure()
    const { key, scope, type, sizeBytes, createdAt } = fields
    const record = { k: key, s: scope, t: type, n: sizeBytes, c: createdAt }
    const { log } = this.index
    if (sizeBytes <= largeBytes) {
      const { sequence, place } = log.append(record, json)
      this.#sync.add(log.ownPaths())
      return { ...fields, sequence, kept: { in: 'log', place } }
    }
    const name = `${log.tick().toReversed().join('-')}.json`
    const checksum = this.#large.write(name, json)
    try {
      const { sequence, place } = log.append({ ...record, b: [name, checksum] })
      this.#sync.add([this.#large.path(name), this.#large.folder, ...log.ownPaths()])
      return { ...fields, sequence, kept: { in: 'file', name, checksum, place } }
    } catch (error) {
      this.#large.remove(name)
      throw error
    }
  }

  #readKept(key: string, kept: Kept): string | 'gone' {
    if (kept.in === 'spill') return this.#spill.get(kept.span)
    if (kept.in === 'log') {
      const json = this.index.log.bodyAt(kept.place)
      if (json !== undefined) return json
      throw damaged(key, `byte ${kept.place.at} of ${kept.place.segment.path} and on`)
    }
    try {
      if (kept.in === 'source') return JSON.stringify(readFileSync(kept.path, 'utf8'))
      const json = this.#large.read(kept.name, kept.checksum)
      if (json !== undefined) return json
    } catch (error) {
      if (kept.in === 'file' && (error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone'
      throw storageError(`Variable cannot be read: ${key}`, error)
    }
    throw damaged(key, this.#large.path(kept.name))
  }

  #removeFileOf(variable: Variable | undefined): void {
    const kept = variable?.kept
    if (kept?.in === 'file') ignoreSystemError(() => this.#large.remove(kept.name))
  }

  #removeOrphans(): void {
    const kept = [...this.index.variables.values()].map((variable) => variable.kept)
    const used = new Set(kept.map((place) => (place?.in === 'file' ? place.name : undefined)))
    this.#large.removeOrphans((name) => used.has(name))
  }

  // What fails of it leaves everything readable, and is tried again later.
  #compactWhenDue(): void {
    const { log } = this.index
    ignoreSystemError(() => {
      if (isCompactionDue(log)) compact(log, (isWhole) => this.index.livePlaces(isWhole))
    })
  }

  #writing<T>(key: string, action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw storageError(`Variable cannot be written: ${key}`, error)
    }
  }
}

function damaged(key: string, where: string): Error {
  return new Error(`Variable is damaged on the disk: ${key} (${where}). Set it again.`)
}
