// What a target of a Makefile or a recipe of a justfile runs.
import type { RepoFiles } from './repo-files.ts'

export interface Recipe {
  readonly file: string
  readonly program: 'make' | 'just'
  readonly lines: readonly string[]
  /** Other targets that are made first. */
  readonly needs: readonly string[]
}

const makefiles = ['GNUmakefile', 'makefile', 'Makefile']
const justfiles = ['justfile', 'Justfile', '.justfile']

export function findRecipe(files: RepoFiles, program: 'make' | 'just', target: string): Recipe | undefined {
  const file = (program === 'make' ? makefiles : justfiles).find((name) => files.has(name))
  const text = file === undefined ? undefined : files.read(file)
  if (file === undefined || text === undefined) return undefined
  const found = program === 'make' ? readTarget(text, target) : readJust(text, target)
  return found && { file, program, ...found }
}

type Found = Pick<Recipe, 'lines' | 'needs'>

function readTarget(text: string, target: string): Found | undefined {
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)
  const variables = readVariables(lines)
  const rule = /^([^\s#:=][^#:=]*?)\s*::?(?![:=])\s*([^;#]*)(?:;(.*))?/
  const at = lines.findIndex((line) => rule.exec(line)?.[1]?.split(/\s+/).includes(target))
  if (at < 0) return undefined
  const [, , needs = '', inline] = rule.exec(lines[at]!) ?? []
  const end = lines.findIndex((line, index) => index > at && line !== '' && !/^(?:\t|\s*#)/.test(line))
  const body = lines.slice(at + 1, end < 0 ? undefined : end)
  const commands = [...(inline ? [inline] : []), ...body]
  return {
    lines: commands.map((line) => expand(line.trim().replace(/^[@+-]+\s*/, ''), variables)).filter(isCommand),
    needs: needs.split(/\s+/).filter((word) => word !== '' && word !== '|'),
  }
}

function readJust(text: string, target: string): Found | undefined {
  const lines = text.split(/\r?\n/)
  const at = lines.findIndex((line) => new RegExp(`^@?${target}(?:\\s[^:]*)?:(?!=)`).test(line))
  if (at < 0) return undefined
  const end = lines.findIndex((line, index) => index > at && line !== '' && !/^\s/.test(line))
  const body = lines.slice(at + 1, end < 0 ? undefined : end)
  const needs = lines[at]!.slice(lines[at]!.indexOf(':') + 1).trim()
  return {
    lines: body.map((line) => line.trim().replace(/^[@-]+\s*/, '')).filter(isCommand),
    needs: needs.split(/\s+/).filter((word) => word !== '' && !word.startsWith('#')),
  }
}

function readVariables(lines: readonly string[]): ReadonlyMap<string, string> {
  const set = lines.map((line) => /^(?:export\s+)?([A-Za-z_]\w*)\s*[:?]?=\s*(.*)$/.exec(line))
  return new Map(set.flatMap((match) => (match ? [[match[1]!, match[2]!.trim()] as const] : [])))
}

function expand(line: string, variables: ReadonlyMap<string, string>): string {
  return line.replace(/\$[({](\w+)[)}]/g, (whole, name: string) =>
    name === 'MAKE' ? 'make' : (variables.get(name) ?? whole),
  )
}

function isCommand(line: string): boolean {
  return line !== '' && !line.startsWith('#')
}
