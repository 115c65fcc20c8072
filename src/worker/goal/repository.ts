// The folder a goal works in: a git work tree, or a plain folder that gets a git folder of its own for the run.
import { appendFileSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { isSystemError } from '../contract/errors.ts'
import { GoalError, withPath } from './errors.ts'
import { tryGit } from './git.ts'

export interface Repository {
  /** Absolute. */
  readonly root: string
  /** Null outside git. */
  readonly git: {
    readonly folder: string
    readonly objects: string
    readonly index: string
    readonly exclude: string
  } | null
}

/** The work tree around `folder`; where there is none, the folder itself. */
export async function findRepository(folder: string, signal: AbortSignal): Promise<Repository> {
  const asked = [
    '--show-toplevel',
    '--absolute-git-dir',
    '--git-path',
    'objects',
    '--git-path',
    'index',
    '--git-path',
    'info/exclude',
  ]
  const { status, stdout, stderr } = await tryGit({ root: folder }, ['rev-parse', ...asked], signal)
  const [root, own, objects, index, exclude] = stdout.split('\n')
  if (status !== 0 && stderr.includes('not a git repository'))
    return { root: realpathSync(folder), git: null }
  if (stderr.includes('must be run in a work tree'))
    throw new GoalError(
      'goal_config',
      `${folder} is no work tree: it is a bare repository, or inside of .git`,
      'Go to a work tree, or make one: git worktree add DIR.',
    )
  if (status !== 0 || !root || !own || !objects || !index || !exclude)
    throw new GoalError(
      'goal_failed',
      `git cannot read the repository: ${stderr.trim()}`,
      'Do what git says.',
    )
  const at = (path: string) => resolve(folder, path)
  return { root, git: { folder: own, objects: at(objects), index: at(index), exclude: at(exclude) } }
}

const ours = ['/.runs/', '/out/']

/** Keeps what runs leave out of git's view, without touching a file that is committed. */
export function excludeRuns({ git }: Repository): void {
  if (git === null) return
  const { exclude } = git
  withPath(exclude, 'written', () => {
    const text = readIfThere(exclude)
    const missing = ours.filter((line) => !text.split('\n').includes(line))
    if (missing.length === 0) return
    mkdirSync(dirname(exclude), { recursive: true })
    appendFileSync(exclude, `${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`)
  })
}

/** `rlm-` and the repository's name; `rlm-adhoc` where there is none. */
export function defaultTask({ root, git }: Repository): string {
  const slug = basename(root)
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 80)
    .replace(/^-+|-+$/g, '')
  return git === null || slug === '' ? 'rlm-adhoc' : `rlm-${slug}`
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return ''
    throw error
  }
}
