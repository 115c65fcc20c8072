// What a command line really runs: through scripts, targets and launchers to the test program itself.
import { findRecipe } from './recipes.ts'
import { type RepoFiles, repoFiles } from './repo-files.ts'
import { readPackage, scriptOf } from './scripts.ts'

/** Scripts may call each other; nobody follows them further. */
const maxSteps = 8

/** The command line and all it leads to, the last the one that does the work, in a form that is the same however it is written. */
export function leadsTo(command: string, root: string): readonly string[] {
  return followCommand(command, repoFiles(root))
}

export function followCommand(command: string, files: RepoFiles): readonly string[] {
  const chain = [command]
  while (chain.length <= maxSteps) {
    const next = step(chain.at(-1)!, files)
    if (next === undefined || chain.includes(next)) break
    chain.push(next)
  }
  return [...chain, plain(chain.at(-1)!)]
}

function step(command: string, files: RepoFiles): string | undefined {
  const script = scriptOf(command)
  if (script !== undefined) {
    const text = readPackage(files)?.scripts[script]
    return typeof text === 'string' ? text.trim() : undefined
  }
  const [, program, target] = /^\s*(make|just)(?: (?:-s|--silent))? ([\w:.-]+)\s*$/.exec(command) ?? []
  if (target === undefined || (program !== 'make' && program !== 'just')) return undefined
  const recipe = findRecipe(files, program, target)
  if (recipe === undefined) return undefined
  if (recipe.lines.length > 0) return recipe.lines.join(' && ')
  return recipe.needs.length === 1 ? `${program} ${recipe.needs[0]}` : undefined
}

/** A command line without launchers and without what only changes how results are shown. */
export function plain(command: string): string {
  return command
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^(?:npx|bunx|(?:pnpm|yarn|npm) (?:exec|dlx)(?: --)?|poetry run|uv run|pipenv run|pdm run) /, '')
    .replace(/^(?:\.\/)?node_modules\/\.bin\//, '')
    .replace(/^(?:python[\d.]*|py) -m pytest\b/, 'pytest')
    .replace(/^py\.test\b/, 'pytest')
    .replace(/ (?:-q+|-v+|--quiet|--verbose|--color(?:=\w+| \w+)?|--tap|--pretty)(?= |$)/g, '')
    .replace(/^(bats(?: -r| --recursive)?) (?:\.\/)?(\S+?)\/?(?:\*\.bats)?$/, '$1 $2')
    .replace(/^(pytest) \.$/, '$1')
}
