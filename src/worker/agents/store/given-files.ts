// Values as files of their own, for programs that read them: in a folder of this instance, so that nobody else's change
// shows in them. A file is written once for each value; one that its reader changed is written anew for the next.
import { renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileNameOf } from '../key-name.ts'
import { isOld, namesIn } from './large-values.ts'
import type { Variable } from './variable.ts'
import { copyNewFile, writeNewFile } from './write-file.ts'

const dayMs = 86_400_000

interface Given {
  readonly of: Variable
  /** By which a change shows. */
  readonly state: string
}

export class GivenFiles {
  readonly #folder: string
  readonly #own: string
  /** By key; undefined for a path that was told before there was a value. */
  readonly #given = new Map<string, Given | undefined>()

  /** `folder` holds the folders of all instances, `writer` is this one. */
  constructor(folder: string, writer: string) {
    this.#folder = folder
    this.#own = join(folder, writer)
  }

  /** Where the file of a key stands, or would. */
  pathOf(key: string): string {
    if (!this.#given.has(key)) this.#given.set(key, undefined)
    return join(this.#own, fileNameOf(key))
  }

  wasTold(key: string): boolean {
    return this.#given.has(key)
  }

  isCurrent(variable: Variable): boolean {
    const given = this.#given.get(variable.key)
    return given?.of === variable && given.state === stateOf(this.pathOf(variable.key))
  }

  /** Writes the file whole; a reader has the old one or the new one. Throws the system error. */
  write(variable: Variable, text: string): string {
    return this.#replace(variable, (draft) => writeNewFile(draft, Buffer.from(text, 'utf8')))
  }

  /** The same with a copy of the bytes of another file. */
  copy(variable: Variable, source: string | Buffer): string {
    return this.#replace(variable, (draft) => copyNewFile(source, draft))
  }

  #replace(variable: Variable, write: (draft: string) => void): string {
    const path = this.pathOf(variable.key)
    const draft = `${path}.draft`
    rmSync(draft, { force: true })
    write(draft)
    renameSync(draft, path)
    this.#given.set(variable.key, { of: variable, state: stateOf(path) })
    return path
  }

  remove(key: string): void {
    if (!this.#given.get(key)) return
    rmSync(this.pathOf(key), { force: true })
    this.#given.set(key, undefined)
  }

  removeAll(): void {
    const wrote = [...this.#given.values()].some((given) => given !== undefined)
    if (wrote) rmSync(this.#own, { recursive: true, force: true })
    for (const key of this.#given.keys()) this.#given.set(key, undefined)
  }

  /** Removes the folders of instances that have given nothing for a day. */
  removeOld(): void {
    for (const name of namesIn(this.#folder)) {
      const path = join(this.#folder, name)
      if (isOld(path, dayMs)) rmSync(path, { recursive: true, force: true })
    }
  }
}

function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : 'gone'
}
