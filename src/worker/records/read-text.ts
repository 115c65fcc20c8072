import { readFileSync, statSync } from 'node:fs'

/** Empty when the file is not there, is none (a named pipe would be waited for), or cannot be read. */
export function readText(file: string): string {
  if (file === '') return ''
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : ''
  } catch {
    return ''
  }
}
