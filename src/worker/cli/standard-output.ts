// Standard output that is known to have taken all, or not.
import { fstatSync, writeSync } from 'node:fs'

/**
 * Watches both streams from now on. What it gives says why standard output has not taken all; null when it has, or when
 * its reader went away, which is no reason to lose the run: what is left is written to nobody.
 */
export function watchOutput(): () => Promise<Error | null> {
  let lost: Error | null = null
  process.stderr.on('error', () => {})
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost ??= error
  })
  if (isFile()) process.stdout._write = writeWholly
  return async () => {
    await Promise.all([process.stdout, process.stderr].map(flush))
    // errors come a turn after the write
    await new Promise(setImmediate)
    return lost
  }
}

// A pipe takes 64 kB at once; what waits behind that would be lost with the process.
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()))
}

function isFile(): boolean {
  try {
    return fstatSync(process.stdout.fd).isFile()
  } catch {
    return false // it was closed
  }
}

// Of a write that a full disk cuts short Node forgets the rest.
function writeWholly(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
  try {
    for (let at = 0; at < chunk.length; ) at += writeSync(process.stdout.fd, chunk, at)
  } catch (error) {
    done(error as Error)
    return
  }
  done()
}
