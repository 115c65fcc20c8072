// The context file list of the door: one path a line, taken as bytes since a path need not be UTF-8.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import type { SourceFile } from '../rlm/pack.ts'

export interface ContextList {
  readonly sources: readonly SourceFile[]
  readonly repeated: number
}

/** Blank lines are left out, a path that was listed before is counted. Throws `invalid_config` when it can't be read. */
export function readContextList(listFile: string, repo: string): ContextList {
  let bytes: Buffer
  try {
    bytes = readFileSync(listFile)
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new RlmsError(
      'invalid_config',
      `the context file list cannot be read: ${error.message}`,
      'Give --context-file-list a file with one path a line.',
    )
  }
  return listSources(splitLines(bytes), repo)
}

/** Each file once, named relative to the repository where it lies inside, else as it was given. */
export function listSources(paths: Iterable<Buffer>, repo: string): ContextList {
  const sources: SourceFile[] = []
  const seen = new Set<string>()
  const roots = new Set([resolve(repo), realRoot(repo)])
  let repeated = 0
  for (const given of paths) {
    const source = locate(given, repo, roots)
    const key = source.inRepo ? `./${source.name}` : source.path.toString('latin1')
    if (seen.has(key)) repeated++
    else sources.push({ path: source.path, name: source.name })
    seen.add(key)
  }
  return { sources, repeated }
}

function* splitLines(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline
    const line = bytes.subarray(start, end)
    if (line.toString('latin1').trim() !== '') yield line
    start = end + 1
  }
}

interface Located {
  readonly path: Buffer
  readonly name: string
  readonly inRepo: boolean
}

// A relative path counts from the repository, else from the working directory. A list with CRLF line ends is no reason
// to find nothing.
function locate(given: Buffer, repo: string, roots: ReadonlySet<string>): Located {
  const bare = given.at(-1) === 13 && !exists(given, repo) ? given.subarray(0, -1) : given
  const text = bare.toString('utf8')
  if (!Buffer.from(text).equals(bare)) return locateBytes(bare, repo)
  const fromRepo = resolve(repo, text)
  const path = existsSync(fromRepo) ? fromRepo : resolve(text)
  const inside = nameInside(path, roots)
  return { path: Buffer.from(path), name: inside ?? text, inRepo: inside !== undefined }
}

// A path that is no UTF-8 is taken as its bytes, and named with those that are no characters as \xE9, so that no two
// names are the same.
function locateBytes(given: Buffer, repo: string): Located {
  const fromRepo = below(repo, given)
  const path = given[0] !== sep.charCodeAt(0) && existsSync(fromRepo) ? fromRepo : given
  return { path, name: showBytes(given), inRepo: false }
}

function exists(given: Buffer, repo: string): boolean {
  return existsSync(given) || existsSync(below(repo, given))
}

function below(repo: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${resolve(repo)}${sep}`), name])
}

function showBytes(bytes: Buffer): string {
  let shown = ''
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => isCharacter(bytes.subarray(at, at + count)))
    shown += length
      ? bytes.toString('utf8', at, at + length)
      : `\\x${bytes[at]!.toString(16).toUpperCase().padStart(2, '0')}`
    at += length ?? 1
  }
  return shown
}

function isCharacter(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes)
}

function nameInside(path: string, roots: ReadonlySet<string>): string | undefined {
  for (const root of roots) {
    const name = relative(root, path)
    if (name !== '' && name !== '..' && !name.startsWith(`..${sep}`) && !isAbsolute(name)) return name
  }
  return undefined
}

function realRoot(repo: string): string {
  try {
    return realpathSync(repo)
  } catch {
    return resolve(repo)
  }
}
