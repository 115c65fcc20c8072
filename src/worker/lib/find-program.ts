// Which file a program's name means, found without starting anything.
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'

/** The file that running `program` in `cwd` would start, or undefined. Relative paths count from there, on the PATH too. */
export function findProgram(program: string, cwd: string, path: string | undefined): string | undefined {
  if (program.includes('/')) {
    const file = resolve(cwd, program)
    return isProgram(file) ? file : undefined
  }
  return (path ?? '/usr/local/bin:/usr/bin:/bin')
    .split(delimiter)
    .map((folder) => resolve(cwd, folder, program))
    .find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
