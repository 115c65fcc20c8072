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

/** Each path once, named relative to the repository where it lies inside. */
export function listSources(paths: Iterable<Buffer>, repo: string): ContextList {
  const sources: SourceFile[] = []
  const seen = new Set<string>()
  const roots = new Set([resolve(repo), realRoot(repo)])
  let repeated = 0
  for (const given of paths) {
    const path = locate(given, repo)
    const key = path.toString('latin1')
    if (seen.has(key)) {
      repeated++
      continue
    }
    seen.add(key)
    sources.push({ path, name: nameOf(path.toString('utf8'), roots) })
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

// A relative path counts from the repository, else from the working directory. A list with CRLF line ends is no reason
// to find nothing.
function locate(given: Buffer, repo: string): Buffer {
  const bare = given.at(-1) === 13 && !existsSync(given) ? given.subarray(0, -1) : given
  const text = bare.toString('utf8')
  if (isAbsolute(text) || !Buffer.from(text).equals(bare)) return bare
  const inRepo = resolve(repo, text)
  return Buffer.from(existsSync(inRepo) ? inRepo : resolve(text))
}

function nameOf(path: string, roots: ReadonlySet<string>): string {
  const absolute = resolve(path)
  for (const root of roots) {
    const name = relative(root, absolute)
    if (name !== '' && name !== '..' && !name.startsWith(`..${sep}`) && !isAbsolute(name)) return name
  }
  return path
}

function realRoot(repo: string): string {
  try {
    return realpathSync(repo)
  } catch {
    return resolve(repo)
  }
}
