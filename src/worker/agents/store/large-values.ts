// Values too large for the log: a file each, which the record in the log names. A file is written before its record and
// never changed, so a record that can be read has its file.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { writeNewFile } from './write-file.ts'

const hourMs = 3_600_000

export class LargeValues {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Writes the file; returns its checksum. Throws the system error, and leaves nothing then. */
  write(name: string, json: string): number {
    const bytes = Buffer.from(json, 'utf8')
    writeNewFile(this.path(name), bytes)
    return crc32(bytes)
  }

  /** The JSON; undefined when the file is damaged. Throws ENOENT when a later value has replaced it. */
  read(name: string, checksum: number): string | undefined {
    const bytes = readFileSync(this.path(name))
    return crc32(bytes) === checksum ? bytes.toString('utf8') : undefined
  }

  remove(name: string): void {
    rmSync(this.path(name), { force: true })
  }

  /** Removes what processes left that died before they wrote the record. */
  removeOrphans(isUsed: (name: string) => boolean): void {
    for (const name of namesIn(this.folder))
      if (!isUsed(name) && isOld(this.path(name), hourMs)) this.remove(name)
  }

  path(name: string): string {
    return join(this.folder, name)
  }
}

export function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : []
}

export function isOld(path: string, ageMs: number): boolean {
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return changed !== undefined && changed < Date.now() - ageMs
}
