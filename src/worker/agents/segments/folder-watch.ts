import { closeSync, fstatSync, openSync, statSync } from 'node:fs'

/** Tells by the time of a folder whether files were added to it or taken from it. Open, a folder is asked three times as fast. */
export class FolderWatch {
  readonly #path: string
  #descriptor: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** When the folder last changed, in milliseconds; undefined when there is none. */
  time(): number | undefined {
    this.#descriptor ??= openFolder(this.#path)
    if (this.#descriptor === undefined) return statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs
    const { nlink, mtimeMs } = fstatSync(this.#descriptor)
    if (nlink > 0) return mtimeMs
    this.close() // it was removed; there may be another one
    return statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}

// Some systems open no folders; most folders are there from the first record on.
function openFolder(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}
