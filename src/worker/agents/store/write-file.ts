import { closeSync, constants, copyFileSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file that is not there yet, and its folder. Throws the system error, and leaves no half of it then. */
export function writeNewFile(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  const descriptor = openSync(path, 'wx', 0o644)
  try {
    for (let written = 0; written < bytes.length; )
      written += writeSync(descriptor, bytes, written, bytes.length - written)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** The same with the bytes of another file, which stay out of memory. */
export function copyNewFile(source: string | Buffer, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  try {
    copyFileSync(source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}
