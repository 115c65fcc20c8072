// Whether a glob of the configuration matches any file now. `*`, `?` and `[…]` stay within a name, `**` crosses folders.
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A repository may be huge, and this only serves a hint: after so many names the answer is yes. */
const enough = 200_000

export function matchesAnyFile(root: string, glob: string): boolean {
  const parts = glob.split('/').filter((part) => part !== '' && part !== '.')
  return matchesBelow(glob.startsWith('/') ? '/' : root, parts, { left: enough })
}

/** git refuses a list of files of which one glob does. */
export function leavesRepository(glob: string): boolean {
  return glob.startsWith('/') || glob.split('/').includes('..')
}

/** Whether a file is there; one that can't be looked at is not. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

interface Allowance {
  left: number
}

function matchesBelow(folder: string, parts: readonly string[], names: Allowance): boolean {
  const [part, ...rest] = parts
  if (part === undefined) return false
  if (part === '**') {
    if (matchesBelow(folder, rest.length > 0 ? rest : ['*'], names)) return true
    return list(folder, names).some(
      (entry) =>
        entry.isDirectory() && entry.name !== '.git' && matchesBelow(join(folder, entry.name), parts, names),
    )
  }
  const continues = (name: string) =>
    rest.length > 0 ? matchesBelow(join(folder, name), rest, names) : isFile(join(folder, name))
  if (!/[*?[\\]/.test(part)) return continues(part)
  const pattern = namePattern(part)
  return list(folder, names).some(({ name }) => pattern.test(name) && continues(name)) || names.left <= 0
}

function list(folder: string, names: Allowance): Dirent[] {
  if (names.left <= 0) return []
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    names.left -= entries.length
    return entries
  } catch {
    return [] // no folder, or one that is not ours to read
  }
}

/** One name, or one part of a path, against its part of a glob. */
export function namePattern(part: string): RegExp {
  const tokens = part.match(/\\.|\[[!^]?\]?[^\]]*\]|[\s\S]/gu) ?? []
  const source = tokens.map((token) => {
    if (token === '*') return '.*'
    if (token === '?') return '.'
    if (token.length > 1 && token.startsWith('['))
      return token.replace(/^\[[!^]/, '[^').replace(/(?<=.)[\\[\]](?=.)/g, '\\$&')
    return token.replace(/^\\/, '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') || '\\\\'
  })
  try {
    return new RegExp(`^${source.join('')}$`, 'su')
  } catch {
    return /^/ // a range the wrong way round: Bash decides
  }
}
