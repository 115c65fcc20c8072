// The way to a runner that is a child of this process: its protocol on two pipes of its own, ended with this process.
import type { Readable, Writable } from 'node:stream'
import { endGroup, startGroup } from '../lib/process-group.ts'
import type { RunnerLine } from './runner-process.ts'

const printedChars = 65_536

/** Starts `argv` with this environment and no more; `pack` is its descriptor 5. */
export function startChild(
  argv: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  pack: number,
): RunnerLine {
  const child = startGroup(argv, {
    cwd: '/',
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', pack],
  })
  const input = child.stdio[3] as Writable
  const output = child.stdio[4] as Readable
  input.on('error', () => {}) // a runner that died; its exit says why
  output.on('error', () => {})
  let printed = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    if (printed.length < printedChars) printed += bytes.toString()
  })
  const { pid } = child
  return {
    ended: new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('exit', (status, name) => resolve(name ? `signal ${name}` : `exit status ${status}`))
    }),
    printed: new Promise((resolve) => {
      child.on('error', () => resolve(printed))
      child.on('close', () => resolve(printed))
    }),
    send: (bytes) => void input.write(bytes),
    listen: (onBytes) => void output.on('data', onBytes),
    deafen: () => output.destroy(),
    signal(name) {
      try {
        if (pid !== undefined) process.kill(pid, name)
      } catch {
        // it has ended
      }
    },
    async close() {
      if (pid !== undefined) await endGroup(pid, 0)
    },
  }
}
