// git as a program: started once a question, ended with the run.
import { execFile } from 'node:child_process'
import { GoalError } from './errors.ts'

export interface GitPlace {
  readonly root: string
  /** Index, objects and the like of our own; see snapshots.ts. */
  readonly env?: Readonly<Record<string, string>>
}

/** What git prints. Rejects with the signal's reason, or with what git says. */
export async function git(
  place: GitPlace,
  args: readonly string[],
  signal: AbortSignal,
  input?: string,
): Promise<string> {
  const { status, stdout, stderr } = await tryGit(place, args, signal, input)
  if (status === 0) return stdout
  throw new GoalError(
    'goal_failed',
    `git ${args.find((word) => !word.startsWith('-') && !word.includes('=')) ?? ''} failed in ${place.root}: ${stderr.trim() || `exit status ${status}`}`,
  )
}

export interface GitAnswer {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** The same, for questions that git may answer with no. */
export function tryGit(
  { root, env = {} }: GitPlace,
  args: readonly string[],
  signal: AbortSignal,
  input?: string,
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd: root,
      env: { ...process.env, ...env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
      maxBuffer: 1 << 28,
      signal,
    }
    const child = execFile('git', args, options, (error, stdout, stderr) => {
      if (signal.aborted) return reject(signal.reason)
      if (error && typeof error.code !== 'number') return reject(notStarted(error))
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr })
    })
    child.stdin?.on('error', () => {}) // it ended without having read its input
    child.stdin?.end(input ?? '')
  })
}

function notStarted(error: Error): GoalError {
  return new GoalError('goal_failed', `git cannot be used: ${error.message}`, 'Install git.')
}
