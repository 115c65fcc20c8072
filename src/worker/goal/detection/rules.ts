// The rules of detection, all of which run: what in a repository's root says which command tests it. Adding a language: a
// rule in the list.
import { findRecipe } from './recipes.ts'
import type { RepoFiles } from './repo-files.ts'
import { readPackage } from './scripts.ts'

export interface Candidate {
  readonly command: string
  /** Why: what was found, and where. */
  readonly evidence: readonly string[]
}

interface RuleResult {
  readonly candidates: readonly Candidate[]
  /** What looks like a signal and is none, and why. */
  readonly notes: readonly string[]
}

type Rule = (files: RepoFiles) => RuleResult

export const rules: readonly Rule[] = [
  packageScript,
  pytest,
  one('go.mod', 'go test ./...'),
  one('Cargo.toml', 'cargo test'),
  target('make'),
  target('just'),
  bats,
]

const nothing: RuleResult = { candidates: [], notes: [] }

function found(command: string, ...evidence: readonly string[]): RuleResult {
  return { candidates: [{ command, evidence }], notes: [] }
}

function note(text: string): RuleResult {
  return { candidates: [], notes: [text] }
}

function one(file: string, command: string): Rule {
  return (files) => (files.has(file) ? found(command, file) : nothing)
}

const lockfiles = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
] as const
const testCommands: Readonly<Record<string, string>> = {
  npm: 'npm test',
  pnpm: 'pnpm test',
  yarn: 'yarn test',
  // `bun test` is a test program of its own
  bun: 'bun run test',
}

function packageScript(files: RepoFiles): RuleResult {
  const found = readPackage(files)
  if (found === undefined) return nothing
  if (found === null) return note('package.json is no JSON object')
  const script = found.scripts.test
  if (script === undefined) return note('package.json has no scripts.test')
  if (typeof script !== 'string' || script.trim() === '')
    return note('package.json: scripts.test is no command')
  if (/no test specified/.test(script) && /\bexit 1\b/.test(script))
    return note("package.json: scripts.test is npm's placeholder")
  const evidence = `package.json: scripts.test is ${JSON.stringify(script)}`
  const locks = lockfiles.filter(([file]) => files.has(file))
  const wanted = typeof found.packageManager === 'string' ? found.packageManager : null
  const named = wanted?.split('@')[0] ?? ''
  const declared = Object.hasOwn(testCommands, named) ? named : null
  const notes =
    wanted !== null && declared === null
      ? [`package.json: packageManager ${JSON.stringify(wanted)} is not known`]
      : []
  const managers = declared !== null ? [declared] : [...new Set(locks.map(([, manager]) => manager))]
  const candidates = (managers.length > 0 ? managers : ['npm']).map((manager) => ({
    command: testCommands[manager]!,
    evidence: [
      evidence,
      ...(declared === null ? [] : [`package.json: packageManager is ${JSON.stringify(wanted)}`]),
      ...locks.filter(([, of]) => of === manager).map(([file]) => file),
    ],
  }))
  return { candidates, notes }
}

function pytest(files: RepoFiles): RuleResult {
  const signals = ['pyproject.toml', 'pytest.ini', 'tox.ini', 'requirements.txt'].filter((name) =>
    files.has(name),
  )
  if (signals.length === 0) return nothing
  const python3 = !files.program('python') && files.program('python3')
  return python3
    ? found('python3 -m pytest', ...signals, 'there is python3 and no python')
    : found('python -m pytest', ...signals)
}

function target(program: 'make' | 'just'): Rule {
  return (files) => {
    const recipe = findRecipe(files, program, 'test')
    return recipe === undefined ? nothing : found(`${program} test`, `${recipe.file}: target test`)
  }
}

function bats(files: RepoFiles): RuleResult {
  const folders = ['tests', 'test', '.'].filter((folder) =>
    files.list(folder).some((name) => name.endsWith('.bats')),
  )
  if (folders.length === 0) return nothing
  const evidence = folders.map((folder) => {
    const count = files.list(folder).filter((name) => name.endsWith('.bats')).length
    return `${folder === '.' ? '' : `${folder}/`}*.bats: ${count} ${count === 1 ? 'file' : 'files'}`
  })
  const local = 'node_modules/.bin/bats'
  const own = !files.program('bats') && files.program(local)
  return found(`${own ? local : 'bats'} ${folders.join(' ')}`, ...evidence, ...(own ? [local] : []))
}
