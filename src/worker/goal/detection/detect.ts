// Which command judges a repository, by what is in it: candidates that really run the same are one group, and only one
// group is an answer.
import { followCommand, plain } from './leads-to.ts'
import { type RepoFiles, repoFiles } from './repo-files.ts'
import { type Candidate, rules } from './rules.ts'
import { readPackage, scriptOf } from './scripts.ts'

export interface Group extends Candidate {
  /** What all of its candidates really run. */
  readonly runs: string
}

export interface Detection {
  /** In the order of the rules; each with the command of its first candidate. */
  readonly groups: readonly Group[]
  readonly notes: readonly string[]
}

export function detectValidator(root: string, files: RepoFiles = repoFiles(root)): Detection {
  const results = rules.map((rule) => rule(files))
  const groups: { command: string; runs: string; evidence: string[] }[] = []
  const notes = results.flatMap((result) => result.notes)
  for (const { command, evidence } of results.flatMap(({ candidates }) => candidates)) {
    const chain = followCommand(command, files)
    const broken = chain.map((line) => missing(line, files)).find((text) => text !== null)
    if (broken) {
      notes.push(`${command} cannot run: ${broken}`)
      continue
    }
    const runs = chain.at(-1)!
    const group = groups.find((known) => known.runs === runs)
    if (group === undefined) groups.push({ command, runs, evidence: [...evidence] })
    else group.evidence.push(...evidence.filter((text) => !group.evidence.includes(text)))
  }
  return { groups, notes }
}

/** For people: the command, what it was found by, and what it leads to where that is something else. */
export function describeGroup({ command, runs, evidence }: Group): string {
  const told = runs === plain(command) || evidence.some((text) => text.includes(JSON.stringify(runs)))
  return `${command} (${evidence.join('; ')}${told ? '' : `; it runs ${runs}`})`
}

function missing(line: string, files: RepoFiles): string | null {
  const script = scriptOf(line)
  if (script === undefined) return null
  const scripts = readPackage(files)?.scripts
  if (scripts === undefined) return 'there is no package.json'
  return Object.hasOwn(scripts, script) ? null : `package.json has no script ${JSON.stringify(script)}`
}
