// Scripts of package.json, and the command lines that run them.
import { isFields, parseFields } from '../../lib/fields.ts'
import { nearest } from '../../lib/nearest.ts'
import { type RepoFiles, repoFiles } from './repo-files.ts'

export interface PackageFile {
  readonly scripts: Readonly<Record<string, unknown>>
  readonly packageManager: unknown
}

/** Undefined where there is none; null for one that is no JSON object. */
export function readPackage(files: RepoFiles): PackageFile | null | undefined {
  const text = files.read('package.json')
  if (text === undefined) return files.has('package.json') ? null : undefined
  const fields = parseFields(text)
  if (fields === undefined) return null
  return { scripts: isFields(fields.scripts) ? fields.scripts : {}, packageManager: fields.packageManager }
}

/** The script that a command line runs and nothing else, as npm, pnpm, yarn and bun are told to. */
export function scriptOf(command: string): string | undefined {
  const match =
    /^\s*(?:npm|pnpm|yarn|bun) run(?:-script)? (?:-s |--silent )?([\w:.-]+)\s*$/.exec(command) ??
    /^\s*(?:npm|pnpm|yarn) (test|t|tst)\s*$/.exec(command)
  const name = match?.[1]
  if (name === undefined || name.startsWith('-')) return undefined
  return name === 't' || name === 'tst' ? 'test' : name
}

/** Why a command line can't run: it names a script that is not there. Null where nothing is known against it. */
export function missingScript(command: string, root: string): string | null {
  const match = /^\s*(npm|pnpm|yarn|bun) (?:run(?:-script)? ([\w:.][\w:.-]*)|(test|t|tst)(?=\s|$))/.exec(
    command,
  )
  const [, program, named, short] = match ?? []
  if (program === undefined || (program === 'bun' && named === undefined)) return null
  const script = named ?? (short === undefined ? '' : 'test')
  const found = readPackage(repoFiles(root))
  if (found === undefined) return `${command}: there is no package.json`
  if (found === null) return `${command}: package.json is no JSON object`
  if (Object.hasOwn(found.scripts, script)) return null
  const near = nearest(script, Object.keys(found.scripts))
  return `${command}: package.json has no script ${JSON.stringify(script)}${near ? `; did you mean ${near}?` : ''}`
}
