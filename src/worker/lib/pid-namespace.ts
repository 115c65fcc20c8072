// A program in a namespace of process numbers of its own: when its first process ends, the kernel ends all others, those
// too that moved to another session and cleared their environment. Linux only, and only where it is allowed.
import { execFile } from 'node:child_process'
import { findProgram } from './find-program.ts'

const common = ['--pid', '--fork', '--kill-child', '--mount-proc']

// The kernel ignores signals to the first process of a namespace that it does not handle; so a shell is the first, and the
// program next to it gets them.
const first = ['--', '/bin/sh', '-c', '"$@"; exit $?', 'sh']

/** What may be put before an argv; empty where no namespace is to be had. Tried once. */
export function namespacePrefix(): Promise<readonly string[]> {
  found ??= probe()
  return found
}

let found: Promise<readonly string[]> | undefined

async function probe(): Promise<readonly string[]> {
  const program = process.platform === 'linux' ? findProgram('unshare', '/', process.env.PATH) : undefined
  if (program === undefined || process.env.RLM_AGENT_NAMESPACE === 'off') return []
  const ways =
    process.getuid?.() === 0 ? [[], ['--user', '--map-current-user']] : [['--user', '--map-current-user']]
  for (const way of ways) {
    const prefix = [program, ...way, ...common, ...first]
    if (await succeeds([...prefix, 'true'])) return prefix
  }
  return []
}

function succeeds([program = '', ...args]: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 2000 }, (error) => resolve(error === null))
  })
}
