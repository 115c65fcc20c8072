// The runner's Python, compiled once for each interpreter version: it starts with -B and can't keep bytecode itself, and
// compiling its source costs more than starting the interpreter.
import { spawn } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Python } from './find-python.ts'

/** What a bytecode file begins with: a magic number, flags, and of its source the time and the size (PEP 552). */
const headerBytes = 16
/** Folders that were looked at, and for which version: once in the life of this process. */
const seen = new Set<string>()
/** What the interpreter says of a file that was cut: its header, all that is compared, may be whole. */
const cut = /in _compile_bytecode|bad marshal data/

/** Starts compiling in the background where a module lacks bytecode of its source; this start goes on without it. */
export function keepBytecode(python: Python, folder: string): void {
  const { path, version } = python
  const looked = `${version.join('.')} ${folder}`
  if (seen.has(looked)) return
  seen.add(looked)
  if (!isCompiled(folder, version) && isWritable(folder)) compile(path, folder)
}

/** What `start` gives. Where bytecode in the folder keeps it from starting, that is thrown away, and made anew. */
export async function startDespiteBytecode<Started>(
  python: Python,
  folder: string,
  start: () => Promise<Started>,
): Promise<Started> {
  try {
    return await start()
  } catch (error) {
    if (!cut.test((error as Error).message) || !isWritable(folder)) throw error
    rmSync(join(folder, '__pycache__'), { recursive: true, force: true })
    compile(python.path, folder)
    return start()
  }
}

function compile(path: string, folder: string): void {
  const child = spawn(path, ['-I', '-m', 'compileall', '-q', '.'], {
    cwd: folder,
    env: {},
    stdio: 'ignore',
    detached: true,
  })
  child.on('error', () => {}) // without bytecode it is slower, not wrong
  child.unref()
}

/** Not where it was installed for all users by another one. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function isCompiled(folder: string, version: Python['version']): boolean {
  try {
    return sourcesIn(folder).every((source) => {
      const { mtimeMs, size } = statSync(join(folder, source))
      const header = readHeader(bytecodeOf(folder, source, version))
      const [flags, time, length] = [4, 8, 12].map((at) => header.readUInt32LE(at))
      return flags === 0 && time === Math.floor(mtimeMs / 1000) && length === size
    })
  } catch {
    return false
  }
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.py'))
}

function bytecodeOf(folder: string, source: string, version: Python['version']): string {
  return join(folder, '__pycache__', `${source.slice(0, -3)}.cpython-${version.join('')}.pyc`)
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(headerBytes)
  const descriptor = openSync(path, 'r')
  try {
    readSync(descriptor, header, 0, headerBytes, 0)
    return header
  } finally {
    closeSync(descriptor)
  }
}
