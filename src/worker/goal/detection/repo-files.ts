// What detection looks at: the names in a repository's root, the files among them, and the programs on PATH.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../../contract/errors.ts'
import { findProgram } from '../../lib/find-program.ts'

export interface RepoFiles {
  /** Whether the root has such an entry. */
  has(name: string): boolean
  /** Undefined for a file that is not there or can't be read. */
  read(name: string): string | undefined
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): readonly string[]
  /** Whether a program can be started by this name. */
  program(name: string): boolean
}

export function repoFiles(root: string, path = process.env.PATH): RepoFiles {
  const list = (folder: string) => quietly(() => readdirSync(join(root, folder))) ?? []
  const names = new Set(list('.'))
  return {
    has: (name) => names.has(name),
    read: (name) => quietly(() => readFileSync(join(root, name), 'utf8').replace(/^\uFEFF/, '')),
    list: (folder) => list(folder).toSorted(),
    program: (name) => findProgram(name, root, path) !== undefined,
  }
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}
