// Processes of agents as they are seen from outside: within their namespace they have other numbers, so they are known by
// what they run.
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { waitFor } from '../../helpers/processes.ts'

export interface Leftovers {
  /** A shell's words that leave processes behind: in its group, in a session of their own, and without its environment. */
  readonly script: string
  /** Resolves when all of them run. */
  running(): Promise<unknown>
  gone(): Promise<unknown>
}

export function leftovers(kinds: ReadonlyArray<'child' | 'stray' | 'bare'> = ['child', 'stray']): Leftovers {
  const seconds = `60.${randomInt(1e9)}`
  const ways = {
    child: `sleep ${seconds}1 &`,
    stray: `setsid sleep ${seconds}2 &`,
    bare: `env -i setsid sleep ${seconds}3 &`,
  }
  const count = () => {
    const listed = execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' }).split('\n')
    return listed.filter(
      (line) => !line.startsWith('Z') && /^\S+\s+sleep /.test(line) && line.includes(seconds),
    ).length
  }
  return {
    script: kinds.map((kind) => ways[kind]).join(' '),
    running: () => waitFor(`${kinds.length} processes`, () => count() === kinds.length),
    gone: () => waitFor('the processes of the agent to be gone', () => count() === 0),
  }
}
