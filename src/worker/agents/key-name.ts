import { createHash } from 'node:crypto'

/**
 * A file name for any key, one to one, on every file system: what can be read of the key, and a hash of all of it (of its
 * UTF-16 units: halves of characters differ too).
 */
export function fileNameOf(key: string): string {
  const readable = key.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 60)
  const hash = createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('hex').slice(0, 32)
  return `${readable}-${hash}`
}
