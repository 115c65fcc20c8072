// Starting the daemon's process: on its own, without an environment, so that nothing of whoever starts it is in it.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'

export interface DaemonProgram {
  readonly folder: string
  readonly python: string
  readonly workers: number
  readonly idle_seconds: number
}

export function spawnDaemon(bundle: string, program: DaemonProgram, stdio: StdioOptions): ChildProcess {
  const { folder, python, workers, idle_seconds: idle } = program
  const flags = [
    '--folder',
    folder,
    '--python',
    python,
    '--workers',
    `${workers}`,
    '--idle-seconds',
    `${idle}`,
  ]
  const child = spawn(process.execPath, [bundle, ...flags], { cwd: '/', env: {}, detached: true, stdio })
  child.on('error', () => {}) // it does not serve then, and its exit tells
  child.unref()
  return child
}
