// Watches what decides the validator: a fingerprint when the run begins, what the agent has changed of it since, and,
// where it is protected, putting it back before the validator runs.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { decides, decisivePart, keepPackageKeys } from './decisive.ts'
import { withPath } from './errors.ts'
import type { Change, Snapshots } from './snapshots.ts'

/** Of all that decides, when the run began. */
export interface Fingerprint {
  readonly files: number
  readonly sha256: string
  /** Files that the validator's command names. */
  readonly named: readonly string[]
  /** Those of them that git does not see, with their own sha256; copies are kept with the run. */
  readonly unseen: Readonly<Record<string, string>>
}

/** `what` is for reports; `change` is null for a file that git does not see. */
interface DecisiveChange {
  readonly what: string
  readonly path: string
  readonly change: Change | null
  /** Only a part of the file decides. */
  readonly partial: boolean
}

export interface GuardPlace {
  readonly root: string
  readonly base: string
  readonly snapshots: Snapshots
  /** For copies. */
  readonly folder: string
}

/** `commands`: the validator's command line, and what it leads to. */
export async function takeFingerprint(
  place: GuardPlace,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<Fingerprint> {
  const { root, base, snapshots, folder } = place
  const files = await snapshots.list(base, signal)
  const named = namedFiles(root, commands)
  const decisive = [...files].filter(
    ([path]) => decides(path, new Set(named)) || decisivePart(path) !== undefined,
  )
  const unseen: Record<string, string> = {}
  for (const path of named) {
    if (files.has(path)) continue
    unseen[path] = hashFile(join(root, path))
    copyTo(join(root, path), join(folder, path))
  }
  const text = JSON.stringify([decisive, unseen])
  return { files: decisive.length + Object.keys(unseen).length, sha256: sha256(text), named, unseen }
}

/** What differs from the fingerprint, of the files that differ from the base. */
export async function findDecisiveChanges(
  place: GuardPlace,
  fingerprint: Fingerprint,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly DecisiveChange[]> {
  const { root, base, snapshots } = place
  const named = new Set(fingerprint.named)
  const found: DecisiveChange[] = []
  for (const change of changes) {
    const { path, kind } = change
    const part = decisivePart(path)
    if (decides(path, named)) found.push({ what: `${path} (${kind})`, path, change, partial: false })
    else if (part !== undefined) {
      const before = kind === 'added' ? '' : part.read(await snapshots.read(base, path, signal))
      const now = kind === 'deleted' ? '' : part.read(readFileSync(join(root, path), 'utf8'))
      if (before !== now) found.push({ what: `${path} (${part.part} ${kind})`, path, change, partial: true })
    }
  }
  for (const [path, hash] of Object.entries(fingerprint.unseen)) {
    const now = existsSync(join(root, path)) ? hashFile(join(root, path)) : null
    if (now !== hash)
      found.push({ what: `${path} (${now ? 'modified' : 'deleted'})`, path, change: null, partial: false })
  }
  return found
}

/** Puts back what decides as it was. Of package.json only the keys that decide. */
export async function putBack(
  { root, base, snapshots, folder }: GuardPlace,
  found: readonly DecisiveChange[],
  signal: AbortSignal,
): Promise<void> {
  const whole: Change[] = []
  for (const { path, change, partial } of found) {
    const file = join(root, path)
    if (change === null) copyTo(join(folder, path), file)
    else if (partial && change.kind === 'modified' && path.endsWith('package.json')) {
      const kept = keepPackageKeys(await snapshots.read(base, path, signal), readFileSync(file, 'utf8'))
      withPath(file, 'written', () => writeFileSync(file, kept))
    } else whole.push(change)
  }
  await snapshots.restore(base, whole, signal)
}

/** The files of the repository that command lines run: as a program, by a shell, or by a language, if it is a check. */
function namedFiles(root: string, commands: readonly string[]): string[] {
  const scripts = commands.flatMap((command) => command.split(/[;&|()\n`]+/)).map(scriptOf)
  const paths = scripts.filter((word) => word !== '').map((word) => relative(root, resolve(root, word)))
  const inside = paths.filter((path) => path !== '' && !path.startsWith('..'))
  return [...new Set(inside)].filter((path) =>
    statSync(join(root, path), { throwIfNoEntry: false })?.isFile(),
  )
}

const shells = /^(?:sh|bash|dash|zsh|ksh|source|\.)$/
const languages = /^(?:python[\d.]*|node|deno|bun|tsx|ts-node|ruby|perl|php|lua|Rscript)$/
const checks = /check|verif|valid|test|spec|lint|accept|assert|(?:^|\/)(?:scripts?|tools?|ci|bin|hack)\//i

/** The file that a simple command may run; a program of some language may also be what is worked on. */
function scriptOf(command: string): string {
  const words = command.split(/\s+/).map((word) => word.replace(/^['"]|['"]$/g, ''))
  const [program = '', ...rest] = words.filter((word) => word !== '' && !/^\w+=/.test(word))
  const argument = rest.find((word) => !word.startsWith('-')) ?? ''
  if (shells.test(program)) return argument
  if (languages.test(program)) return checks.test(argument) ? argument : ''
  return program.includes('/') ? program : ''
}

function copyTo(from: string, to: string): void {
  withPath(to, 'written', () => {
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(from, to)
  })
}

function hashFile(path: string): string {
  return sha256(readFileSync(path))
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
