// What `--context` may name: files, folders (what git ignores left out), and - for standard input.
import { execFileSync } from 'node:child_process'
import { type Dirent, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isSystemError } from '../contract/errors.ts'
import { usage } from './flags.ts'

/** Absolute paths as bytes, in the order given. Standard input is written to `stdinFile`, once. */
export function expandContexts(contexts: readonly string[], stdinFile: string): Buffer[] {
  if (contexts.includes('-')) writeFileSync(stdinFile, readFileSync(0))
  return contexts.flatMap((context) => {
    if (context === '-') return [Buffer.from(resolve(stdinFile))]
    const found = statSync(context, { throwIfNoEntry: false })
    if (found?.isDirectory()) return listFolder(resolve(context))
    if (found) return [Buffer.from(resolve(context))]
    throw usage(`there is no file or folder ${context}`, 'Correct --context.')
  })
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
    return splitNul(listed).map((name) => Buffer.concat([Buffer.from(`${folder}/`), name]))
  } catch {
    return [...walk(Buffer.from(folder))]
  }
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
