// The work tree as it was at a moment, as git trees: an index and objects of our own, so that what the user staged, and
// the repository's own objects, stay untouched.

import { spawn } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { GoalError, withPath } from './errors.ts'
import { type GitPlace, git } from './git.ts'
import type { Repository } from './repository.ts'

/** A file that differs between two snapshots. */
export interface Change {
  readonly path: string
  readonly kind: 'added' | 'modified' | 'deleted'
  /** Lines; 0 for binary files. */
  readonly insertions: number
  readonly deletions: number
}

export interface Snapshots {
  /** The id of the work tree as it is now; what git ignores is not in it. */
  take(signal: AbortSignal): Promise<string>
  compare(from: string, to: string, signal: AbortSignal): Promise<readonly Change[]>
  /** Writes the difference as a patch. */
  writePatch(from: string, to: string, file: string, signal: AbortSignal): Promise<void>
  /** Every file of a snapshot by its path, with the id of its content. */
  list(tree: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>
  /** A file of a snapshot. */
  read(tree: string, path: string, signal: AbortSignal): Promise<string>
  /** Puts files back as they were in a snapshot; those that were not there are removed. */
  restore(tree: string, changes: readonly Change[], signal: AbortSignal): Promise<void>
}

const settings = [
  'core.safecrlf=false',
  'core.looseCompression=0',
  'core.quotePath=false',
  'gc.auto=0',
  // An agent may have set these: git would see less then.
  'core.bare=false',
  'core.fsmonitor=false',
  'core.ignoreStat=false',
  'core.untrackedCache=false',
  'advice.addEmbeddedRepo=false',
].flatMap((setting) => ['-c', setting])

const words = (text: string) => text.split(' ')
const addWords = words('add --all --ignore-errors -- . :(top,exclude).runs')
const compareWords = words('diff-tree -r -z --raw --numstat --no-renames')
const patchWords = words('diff-tree -r -p --binary --no-color --no-ext-diff --no-textconv')
const restoreWords = words('checkout --pathspec-from-file=- --pathspec-file-nul')

// `git clean -x` is enough.
function refuseEmptied(folder: string): void {
  if (existsSync(join(folder, 'objects'))) return
  throw new GoalError(
    'goal_failed',
    `${folder} is gone: somebody, perhaps the agent, has removed what the run keeps`,
    'The work in the repository stands. Begin anew with rlm goal, and have .runs/ left alone.',
  )
}

/** `folder` keeps index and objects; `task` names the folder below out/ that is ours. */
export async function openSnapshots(
  repository: Repository,
  folder: string,
  task: string,
  signal: AbortSignal,
): Promise<Snapshots> {
  const place = await prepare(repository, folder, signal)
  const ask = (args: readonly string[], signal: AbortSignal, input?: string) =>
    git(place, [...settings, ...args], signal, input)
  return {
    async take(signal) {
      refuseEmptied(folder)
      // Files that can't be read are left out; that is told by --ignore-errors with a status that says nothing else.
      await ask([...addWords, `:(top,exclude)out/${task}`], signal).catch((error: unknown) => {
        if (!(error instanceof GoalError) || /No space left|index\.lock|fatal: /.test(error.message))
          throw error
      })
      return (await ask(['write-tree'], signal)).trim()
    },
    async compare(from, to, signal) {
      if (from === to) return []
      return parseChanges(await ask([...compareWords, from, to], signal))
    },
    async writePatch(from, to, file, signal) {
      if (from === to) return withPath(file, 'written', () => writeFileSync(file, ''))
      await printTo(file, place, [...settings, ...patchWords, from, to], signal)
    },
    async list(tree, signal) {
      const entries = (await ask(['ls-tree', '-r', '-z', tree], signal)).split('\0').filter(Boolean)
      return new Map(
        entries.map((entry) => [entry.slice(entry.indexOf('\t') + 1), entry.split(/[ \t]/, 3)[2] ?? '']),
      )
    },
    read: (tree, path, signal) => ask(['cat-file', 'blob', `${tree}:${path}`], signal),
    async restore(tree, changes, signal) {
      for (const { path, kind } of changes)
        if (kind === 'added') rmSync(join(repository.root, path), { force: true })
      const back = changes.filter(({ kind }) => kind !== 'added').map(({ path }) => `${path}\0`)
      if (back.length === 0) return
      const literal = { ...place, env: { ...place.env, GIT_LITERAL_PATHSPECS: '1' } }
      await git(literal, [...settings, ...restoreWords, tree], signal, back.join(''))
    },
  }
}

async function prepare(repository: Repository, folder: string, signal: AbortSignal): Promise<GitPlace> {
  const { root } = repository
  const index = join(folder, 'index')
  withPath(folder, 'made', () => mkdirSync(join(folder, 'objects'), { recursive: true }))
  // Of a git that ended with a runner that was killed; nobody else has this index.
  rmSync(`${index}.lock`, { force: true })
  if (repository.git === null) {
    const env = { GIT_DIR: folder, GIT_WORK_TREE: root, GIT_INDEX_FILE: index }
    await git({ root }, ['init', '--quiet', '--bare', folder], signal)
    writeFileSync(join(folder, 'info', 'exclude'), 'node_modules/\n.venv/\n__pycache__/\n.git/\n')
    return { root, env }
  }
  // With what the user's index knows of each file, git need not read them all.
  const { git: own } = repository
  if (!existsSync(index) && existsSync(own.index))
    withPath(index, 'written', () => {
      copyFileSync(own.index, `${index}.copy`)
      renameSync(`${index}.copy`, index)
    })
  return {
    root,
    env: {
      // As it was found, whatever its configuration says by now.
      GIT_DIR: own.folder,
      GIT_WORK_TREE: root,
      GIT_INDEX_FILE: index,
      GIT_OBJECT_DIRECTORY: join(folder, 'objects'),
      // A list with colons between; quoted, a path may hold one.
      GIT_ALTERNATE_OBJECT_DIRECTORIES: own.objects.includes(':') ? JSON.stringify(own.objects) : own.objects,
    },
  }
}

/** As git prints it with -z: first the raw lines, each with its path behind it, then the counted ones. */
function parseChanges(text: string): Change[] {
  const kinds = { A: 'added', D: 'deleted' } as const
  const found = new Map<string, Change['kind']>()
  const words = text.split('\0')
  let at = 0
  for (; words[at]?.startsWith(':'); at += 2) {
    const letter = words[at]!.slice(-1)
    found.set(words[at + 1]!, letter === 'A' || letter === 'D' ? kinds[letter] : 'modified')
  }
  return words.slice(at).flatMap((line) => {
    const [, insertions, deletions, path] = /^(\d+|-)\t(\d+|-)\t([\s\S]+)$/.exec(line) ?? []
    const kind = path === undefined ? undefined : found.get(path)
    if (path === undefined || kind === undefined) return []
    return [{ path, kind, insertions: Number(insertions) || 0, deletions: Number(deletions) || 0 }]
  })
}

function printTo(
  file: string,
  { root, env }: GitPlace,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const descriptor = withPath(file, 'written', () => openSync(file, 'w'))
  return new Promise<void>((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', descriptor, 'ignore'],
      signal,
    })
    child.once('error', () =>
      reject(signal.aborted ? signal.reason : new GoalError('goal_failed', 'git cannot be used')),
    )
    child.once('close', (status) => {
      if (status === 0) return resolve()
      reject(
        signal.aborted
          ? signal.reason
          : new GoalError('goal_failed', `${file} cannot be written by git diff-tree`),
      )
    })
  }).finally(() => closeSync(descriptor))
}
