// What `--context` may name: files, folders (what git ignores left out), and - for standard input.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { usage } from './flags.ts'

/** Absolute paths as bytes, in the order given. Standard input is written to `stdinFile` first. */
export function expandContexts(contexts: readonly string[], stdinFile: string): Buffer[] {
  return contexts.flatMap((context) => {
    if (context === '-') {
      writeFileSync(stdinFile, readFileSync(0))
      return [Buffer.from(stdinFile)]
    }
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
    return [...walk(folder)]
  }
}

// Not in a git work tree: hidden folders and installed packages are left out.
function* walk(folder: string): Generator<Buffer> {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') yield* walk(path)
    else if (entry.isFile()) yield Buffer.from(path)
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
