// Changes of files as a value: what an agent without tools answers, checked and applied inside the repository.
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { fieldsOf, isFields, listOf } from '../../lib/fields.ts'
import { withPath } from '../errors.ts'

export type Edit =
  | { readonly path: string; readonly content: string }
  | { readonly path: string; readonly find: string; readonly replace: string }
  | { readonly path: string; readonly delete: true }

export interface Proposal {
  readonly summary: string
  readonly edits: readonly Edit[]
  /** Why parts of it are no edits. */
  readonly problems: readonly string[]
}

export const howToPropose = `You have no tools that write. Answer with a JSON object (in code: set_final({...})):
{"summary": "what you changed and why", "edits": [
  {"path": "src/a.py", "find": "text that stands in the file exactly once", "replace": "what shall stand there"},
  {"path": "src/new.py", "content": "a whole file, new or instead of the old one"},
  {"path": "src/old.py", "delete": true}]}
Paths count from the repository's root. An empty list of edits changes nothing.`

/** Reads a final value: an object, or a text that holds one; any other text is a summary without edits. */
export function readProposal(final: unknown): Proposal {
  const value = typeof final === 'string' ? (parseInside(final) ?? final) : final
  if (typeof value === 'string') return { summary: value, edits: [], problems: [] }
  if (!isFields(value)) return { summary: JSON.stringify(value ?? null), edits: [], problems: [] }
  const edits: Edit[] = []
  const problems: string[] = []
  for (const entry of listOf(value.edits)) {
    const edit = readEdit(entry)
    if (typeof edit === 'string') problems.push(edit)
    else edits.push(edit)
  }
  return { summary: typeof value.summary === 'string' ? value.summary : '', edits, problems }
}

/** Applies each edit that can be; returns why others can't. */
export function applyEdits(root: string, edits: readonly Edit[]): string[] {
  return edits.flatMap((edit) => {
    const problem = refuse(root, edit.path) ?? apply(join(root, edit.path), edit)
    return problem === null ? [] : [`${edit.path}: ${problem}`]
  })
}

function readEdit(entry: unknown): Edit | string {
  const { path, content, find, replace, delete: remove } = fieldsOf(entry)
  if (typeof path !== 'string' || path === '') return 'an edit names no path'
  if (typeof content === 'string') return { path, content }
  if (typeof find === 'string' && find !== '' && typeof replace === 'string') return { path, find, replace }
  if (remove === true) return { path, delete: true }
  return `${path}: neither content, nor find and replace, nor delete`
}

/** Null for a path that stays inside the repository, links included, and is none of git's or ours. */
function refuse(root: string, path: string): string | null {
  const plain = normalize(path)
  if (isAbsolute(path) || plain === '..' || plain.startsWith(`..${sep}`)) return 'outside the repository'
  if (path.includes('\0') || plain === '.') return 'no file'
  if (/^(?:\.git|\.runs)(?:\/|$)/.test(plain)) return 'not a file of the project'
  let folder = dirname(join(root, plain))
  while (!existsSync(folder)) folder = dirname(folder)
  const [real, home] = [realpathSync(folder), realpathSync(root)]
  if (real !== home && !real.startsWith(`${home}${sep}`)) return 'outside the repository, by a link'
  if (lstatSync(join(root, plain), { throwIfNoEntry: false })?.isSymbolicLink()) return 'a link'
  return null
}

function apply(file: string, edit: Edit): string | null {
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) return 'a folder'
  if ('delete' in edit) {
    rmSync(file, { force: true })
    return null
  }
  if ('content' in edit) {
    write(file, edit.content)
    return null
  }
  if (!existsSync(file)) return 'there is no such file'
  const text = readFileSync(file, 'utf8')
  const times = text.split(edit.find).length - 1
  // A turn that is repeated after a crash finds its work done.
  if (times === 0 && edit.replace !== '' && text.includes(edit.replace)) return null
  if (times !== 1)
    return times === 0 ? 'the text to find is not in it' : `the text to find is in it ${times} times`
  write(
    file,
    text.replace(edit.find, () => edit.replace),
  )
  return null
}

function write(file: string, text: string): void {
  withPath(file, 'written', () => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  })
}

/** The JSON object that a text is, or holds in a fence or between its outermost braces. */
function parseInside(text: string): unknown {
  const fence = /```(?:json)?\s*\n([\s\S]*?)\n```/.exec(text)?.[1]
  for (const part of [text, fence, text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)]) {
    if (part === undefined || !part.trimStart().startsWith('{')) continue
    try {
      return JSON.parse(part)
    } catch {
      // the next way to read it
    }
  }
  return undefined
}
