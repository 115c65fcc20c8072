import { readFileSync } from 'node:fs'

/** Empty when the file is not there or cannot be read. */
export function readText(file: string): string {
  if (file === '') return ''
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
