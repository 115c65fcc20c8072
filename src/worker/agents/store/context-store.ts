// Variables by name, for agents to pass around: in memory, and on disk where they are to outlive the process.
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cutText } from '../../lib/whole-text.ts'
import type { Damage } from '../segments/segment-log.ts'
import { storageError } from '../segments/storage-error.ts'
import type { MemoryUsage, SetOptions, VariableMeta, VariableRef, VariableType } from '../types.ts'
import { GivenFiles } from './given-files.ts'
import { ResidentValues } from './resident-values.ts'
import {
  type Held,
  heldOf,
  heldOfJson,
  inferType,
  jsonOf,
  jsonOfHeld,
  metaOf,
  refOf,
  type Variable,
  valueFrom,
} from './variable.ts'
import { VariableStorage } from './variable-storage.ts'

const defaultMemoryBytes = 256 << 20
const charactersPerToken = 4

/**
 * A store on a folder, which any number of stores, in any number of processes, may have open at the same time: each sees
 * what the others have persisted as soon as their `set` has resolved. A value is what its JSON says.
 */
export class ContextStore {
  readonly #folder: string
  readonly #storage: VariableStorage
  readonly #values: ResidentValues
  readonly #given: GivenFiles

  /** `maxMemoryBytes` is how much of the values, as JSON, is kept in memory (default 256 MiB); the others are on disk. */
  constructor(storageDir: string, maxMemoryBytes: number = defaultMemoryBytes) {
    this.#folder = resolve(storageDir)
    this.#storage = new VariableStorage(this.#folder, (variable) => this.#values.release(variable))
    this.#values = new ResidentValues(maxMemoryBytes, (variable, held) =>
      this.#storage.keep(variable, () => jsonOfHeld(held)),
    )
    this.#given = new GivenFiles(join(this.#folder, 'files'), this.#storage.index.log.writer)
  }

  /** Makes the folder and reads what it holds. Rejects when it can't be used. */
  async init(): Promise<void> {
    this.#storage.open()
    this.#given.removeOld()
  }

  /**
   * Sets a variable. With `persist` it is written when the promise resolves: the death of the process does not lose it;
   * `flush` makes it safe from a power cut, which otherwise happens within a second. Rejects when the value has no JSON
   * or can't be written; the variable is then as it was.
   */
  async set(key: string, value: unknown, options: SetOptions = {}): Promise<VariableRef> {
    if (typeof key !== 'string') throw new TypeError(`The key of a variable must be a string: ${key}.`)
    const json = jsonOf(key, value)
    const variable = this.#storage.set(
      {
        key,
        scope: options.scope ?? 'global',
        type: options.type ?? inferType(value),
        sizeBytes: Buffer.byteLength(json),
        createdAt: Date.now(),
        persist: options.persist ?? this.#variable(key)?.persist ?? false,
      },
      json,
    )
    this.#values.hold(variable, heldOf(value, json))
    if (this.#given.wasTold(key)) this.#giveAgain(variable)
    return refOf(variable)
  }

  /**
   * Sets a variable of this process to the text of a file, which is read when it is asked for; its `sizeBytes` are those
   * of the file. Rejects with the system error for one that can't be read.
   */
  async setFile(
    key: string,
    path: string | Buffer,
    { scope = 'global' }: { scope?: string } = {},
  ): Promise<VariableRef> {
    accessSync(path, constants.R_OK)
    const source = typeof path === 'string' ? resolve(path) : path
    const stat = statSync(path)
    if (!stat.isFile()) return this.set(key, readFileSync(path, 'utf8'), { scope, persist: false })
    const fields = { key, scope, sizeBytes: stat.size, createdAt: Date.now(), persist: false }
    const variable = this.#storage.setSource({ ...fields, type: 'text' }, source)
    if (this.#given.wasTold(key)) this.#giveAgain(variable)
    return refOf(variable)
  }

  /** Rejects with `Variable not found: <key>`. */
  async get(key: string): Promise<unknown> {
    return valueFrom(this.#held(key))
  }

  /** Throws `Variable not found: <key>`. */
  ref(key: string): VariableRef {
    return refOf(this.#find(key))
  }

  /** The value that the reference's key has now. */
  resolve(ref: VariableRef): Promise<unknown> {
    return this.get(ref.key)
  }

  /** Deletes a variable, everywhere when it is persisted; none of that key is no error. */
  async delete(key: string): Promise<void> {
    const variable = this.#variable(key)
    if (!variable) return
    this.#storage.delete(variable)
    this.#given.remove(key)
  }

  async list(filter: { scope?: string; type?: VariableType } = {}): Promise<VariableMeta[]> {
    return [...this.#variables().values()]
      .filter(({ scope }) => filter.scope === undefined || scope === filter.scope)
      .filter(({ type }) => filter.type === undefined || type === filter.type)
      .map(metaOf)
  }

  /** The value, or its JSON, as far as it fits into `maxTokens` of four characters each; then how much there is. */
  async summarize(key: string, maxTokens = 200): Promise<string> {
    const { text } = this.#held(key)
    const { sizeBytes, type } = this.#find(key)
    const limit = maxTokens * charactersPerToken
    if (text.length <= limit) return text
    return `${cutText(text, limit)}... [truncated, ${sizeBytes} bytes total, type: ${type}]`
  }

  has(key: string): boolean {
    return this.#variable(key) !== undefined
  }

  /** Deletes every variable of this store, and every persisted one of all. */
  async clear(): Promise<void> {
    this.#variables()
    this.#storage.clear()
    this.#given.removeAll()
  }

  /** A file whose bytes are the value: a string as UTF-8, anything else as JSON. Rejects as `get` does. */
  async persistForSubAgent(key: string): Promise<string> {
    return this.#fileOf(this.#find(key))
  }

  getStorageDir(): string {
    return this.#folder
  }

  /**
   * Where the file of `persistForSubAgent` stands; it is written when the variable is there, and again at each `set` from
   * then on. Keys of any kind have each a path of their own.
   */
  getFilePath(key: string): string {
    const variable = this.#variable(key)
    return variable ? this.#fileOf(variable) : this.#given.pathOf(key)
  }

  getMemoryUsage(): MemoryUsage {
    const { bytes, maxBytes } = this.#values
    return { currentBytes: bytes, maxBytes, percentage: (bytes / maxBytes) * 100 }
  }

  /** Resolves when all that was persisted before is safe from a power cut. */
  flush(): Promise<void> {
    return this.#storage.flush()
  }

  /** What of the folder can't be read any more: each damaged record, and its key where that can still be seen. */
  getDamage(): DamagedVariable[] {
    return this.#storage.index.log.damages.map((damage) => ({ ...damage, ...keyIn(damage.excerpt) }))
  }

  /** Closes its files. Values that are not persisted are gone then; the folder can be opened again. */
  close(): void {
    this.#storage.close()
    this.#values.clear()
    this.#given.removeAll()
  }

  #variables(): ReadonlyMap<string, Variable> {
    this.#storage.index.log.refresh()
    return this.#storage.index.variables
  }

  #variable(key: string): Variable | undefined {
    return this.#variables().get(key)
  }

  #find(key: string): Variable {
    const variable = this.#variable(key)
    if (!variable) throw new Error(`Variable not found: ${key}`)
    return variable
  }

  #held(key: string): Held {
    const held = this.#values.get(this.#find(key))
    if (held) return held
    const json = this.#storage.read(key)
    const variable = this.#find(key) // reading may have found a later value
    if (json === undefined) return this.#values.get(variable)!
    const read = heldOfJson(json)
    this.#values.hold(variable, read)
    return read
  }

  #fileOf(variable: Variable): string {
    const { key } = variable
    if (this.#given.isCurrent(variable)) return this.#given.pathOf(key)
    return this.#give(variable)
  }

  // The value is set; whoever asks for its file next is told what is wrong with that.
  #giveAgain(variable: Variable): void {
    try {
      this.#give(variable)
    } catch {}
  }

  #give(variable: Variable): string {
    try {
      if (variable.kept?.in === 'source') return this.#given.copy(variable, variable.kept.path)
      return this.#given.write(variable, this.#held(variable.key).text)
    } catch (error) {
      this.#given.remove(variable.key) // better none than one that is not the value
      throw storageError(`The file of a variable cannot be written: ${variable.key}`, error)
    }
  }
}

export interface DamagedVariable extends Damage {
  readonly key?: string
}

function keyIn(excerpt: string): { key?: string } {
  const key = /"k":("(?:[^"\\]|\\.)*")/.exec(excerpt)?.[1]
  try {
    return key === undefined ? {} : { key: JSON.parse(key) as string }
  } catch {
    return {}
  }
}
