// What `--context` may name: files, folders (what git ignores left out), globs, and - for standard input.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  createWriteStream,
  type Dirent,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isSystemError } from '../contract/errors.ts'
import { makeFolder } from '../lib/make-folder.ts'
import { expandGlob, isGlob } from './context-globs.ts'
import { usage } from './flags.ts'

const mostFiles = 100_000

/** Absolute paths as bytes, in the order given. `-` is `stdinFile`, where standard input has been saved. */
export function expandContexts(contexts: readonly string[], stdinFile: string): Buffer[] {
  return contexts.flatMap((context) => {
    if (context === '-') return [Buffer.from(resolve(stdinFile))]
    const found = statSync(context, { throwIfNoEntry: false })
    if (found?.isDirectory()) return listFolder(resolve(context))
    if (found) return [Buffer.from(readable(resolve(context)))]
    if (!isGlob(context))
      throw usage(`there is no file or folder ${context === '' ? '""' : context}`, 'Correct --context.')
    const matches = expandGlob(context, listFolder)
    if (matches.length > 0) return matches
    throw usage(`no file matches ${context}`, 'Correct --context; what git ignores does not count.')
  })
}

/** Saves standard input to a file; rejects with the signal's reason when nobody ends it. */
export async function saveStandardInput(file: string, signal: AbortSignal): Promise<void> {
  makeFolder(dirname(file), 0o700)
  await pipeline(process.stdin, createWriteStream(file), { signal }).catch((error: unknown) => {
    rmSync(file, { force: true })
    throw signal.aborted ? signal.reason : error
  })
  if (statSync(file).size > 0) return
  rmSync(file)
  throw usage('standard input is empty', 'Pipe a text into rlm, or leave --context - out.')
}

function readable(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    return path
  } catch {
    throw usage(`${path} cannot be read`, 'Correct its permissions, or --context.')
  }
}

function listFolder(folder: string): Buffer[] {
  try {
    const listed = execFileSync(
      'git',
      ['-C', folder, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        maxBuffer: 1 << 30,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    return splitNul(listed).flatMap((name) => openNested(Buffer.concat([Buffer.from(`${folder}/`), name])))
  } catch {
    return withoutIgnored(folder, takeAll(folder, walk(Buffer.from(folder))))
  }
}

// A whole disk is hardly meant, and listing it cannot be interrupted.
function takeAll(folder: string, found: Iterable<Buffer>): Buffer[] {
  const paths: Buffer[] = []
  for (const path of found) {
    if (paths.push(path) > mostFiles)
      throw usage(
        `${folder} holds more than ${mostFiles} files`,
        'Name smaller folders, or a glob that begins with one: src/**.',
      )
  }
  return paths
}

// A repository in a repository is one name for git.
function openNested(path: Buffer): Buffer[] {
  const text = path.toString('utf8').replace(/\/$/, '')
  return path.at(-1) === 47 || isFolder(text) ? listFolder(text) : [path]
}

// Outside of a repository git still knows its rules; all that it needs is the shell of one.
function withoutIgnored(folder: string, paths: Buffer[]): Buffer[] {
  if (!paths.some((path) => path.toString('latin1').endsWith('/.gitignore'))) return paths
  const shell = mkdtempSync(join(tmpdir(), 'rlm-git-'))
  try {
    for (const name of ['objects', 'refs']) mkdirSync(join(shell, name))
    writeFileSync(join(shell, 'HEAD'), 'ref: refs/heads/none\n')
    const start = Buffer.byteLength(folder) + 1
    const input = Buffer.concat(paths.flatMap((path) => [path.subarray(start), Buffer.from([0])]))
    const { stdout } = spawnSync(
      'git',
      [`--git-dir=${shell}`, `--work-tree=${folder}`, 'check-ignore', '-z', '--stdin'],
      { cwd: folder, input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'ignore'] },
    )
    const ignored = new Set(splitNul(stdout ?? Buffer.alloc(0)).map((name) => name.toString('latin1')))
    return paths.filter((path) => !ignored.has(path.subarray(start).toString('latin1')))
  } finally {
    rmSync(shell, { recursive: true, force: true })
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

// Not in a git work tree: hidden folders and installed packages are left out. Links are documents where they lead to a
// file; what can't be listed is left for whoever reads it to count.
function* walk(folder: Buffer): Generator<Buffer> {
  const entries = readFolder(folder)
  if (entries === undefined) yield folder
  for (const entry of entries ?? []) {
    const name = entry.name.toString('latin1')
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name])
    if (entry.isDirectory() && !name.startsWith('.') && name !== 'node_modules') yield* walk(path)
    else if (entry.isFile() || (entry.isSymbolicLink() && leadsToFile(path))) yield path
  }
}

function readFolder(folder: Buffer): Dirent<Buffer>[] | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })
    return entries.sort((a, b) => Buffer.compare(a.name, b.name))
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

function leadsToFile(link: Buffer): boolean {
  try {
    return statSync(link).isFile()
  } catch {
    return false
  }
}

function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start)
    parts.push(bytes.subarray(start, end))
    start = end + 1
  }
  return parts
}
