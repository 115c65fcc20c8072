// The runner's Python, compiled once for each interpreter version: it starts with -B and can't keep bytecode itself, and
// compiling its source costs more than starting the interpreter.
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Python } from './find-python.ts'

/** Starts compiling in the background when it has not been done; this start goes on without it. */
export function keepBytecode({ path, version }: Python, folder: string): void {
  if (existsSync(join(folder, '__pycache__', `runner.cpython-${version.join('')}.pyc`))) return
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return // installed for all users by another one
  }
  const child = spawn(path, ['-I', '-m', 'compileall', '-q', '.'], {
    cwd: folder,
    env: {},
    stdio: 'ignore',
    detached: true,
  })
  child.on('error', () => {}) // without bytecode it is slower, not wrong
  child.unref()
}
