// Globs as contexts: `src/**/*.{ts,md}`, expanded here since a shell leaves a quoted one alone.
import { resolve } from 'node:path'
import { namePattern } from '../config/globs.ts'

export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text)
}

/** The files below the part without a pattern whose path fits; `list` gives all files of a folder. */
export function expandGlob(glob: string, list: (folder: string) => Buffer[]): Buffer[] {
  const found = splitBraces(glob).flatMap((one) => {
    const parts = resolve(one).split('/')
    const first = parts.findIndex(isGlob)
    const folder = parts.slice(0, first).join('/') || '/'
    const patterns = parts.slice(first).map((part) => (part === '**' ? part : namePattern(part)))
    const start = folder === '/' ? 1 : Buffer.byteLength(folder) + 1
    return list(folder).filter((path) => fits(path.subarray(start).toString('utf8').split('/'), patterns))
  })
  const seen = new Set<string>()
  return found.filter((path) => !seen.has(path.toString('latin1')) && seen.add(path.toString('latin1')))
}

function fits(names: readonly string[], patterns: readonly (RegExp | '**')[]): boolean {
  const [pattern, ...rest] = patterns
  if (pattern === undefined) return names.length === 0
  if (pattern === '**')
    return rest.length === 0 ? names.length > 0 : names.some((_, at) => fits(names.slice(at), rest))
  const [name, ...others] = names
  return name !== undefined && pattern.test(name) && fits(others, rest)
}

/** `a.{ts,md}` is two globs. */
function splitBraces(glob: string): string[] {
  const [whole, choices = ''] = /\{([^{}]*,[^{}]*)\}/.exec(glob) ?? []
  if (whole === undefined) return [glob]
  return choices.split(',').flatMap((one) => splitBraces(glob.replace(whole, () => one)))
}
