// An agent without any model: it tries one small repair a turn, keeps it when fewer checks fail, and takes it back when
// not. Deterministic; good for demos, tests, and slips of the pen.
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../../contract/errors.ts'
import { writeJsonWhole } from '../../lib/atomic-file.ts'
import { decides, decisivePart } from '../decisive.ts'
import { withPath } from '../errors.ts'
import { readExcerpt } from '../excerpt.ts'
import type { Agent, TurnRequest } from './agent.ts'
import { countFailures, describeRepair, listRepairs, type Repair, type SourceText } from './repairs.ts'

interface Project {
  readonly root: string
  readonly memoryFile: string
  readonly named: ReadonlySet<string>
}

interface Memory {
  /** What was tried since the last one that was kept. */
  readonly tried: readonly string[]
  readonly last: (Repair & { readonly failures: number }) | null
  /** What helped: it is not undone. */
  readonly kept: readonly Repair[]
}

const maxFiles = 2000
const maxFileBytes = 200_000
const sourceNames =
  /\.(?:[cm]?[jt]sx?|py|rb|go|rs|c|cc|cpp|h|java|kt|cs|php|pl|lua|sh|bash|awk|txt|md|json|toml|ya?ml)$/

/** `named`: files that the validator runs; like tests, they are not touched. */
export function createOfflineAgent(root: string, memoryFile: string, named: readonly string[]): Agent {
  const project: Project = { root, memoryFile, named: new Set(named) }
  return {
    name: 'offline',
    howToChange: null,
    async takeTurn(request) {
      const text = request.role.changesFiles
        ? await takeTurn(project, request)
        : await advise(project, request)
      withPath(request.log, 'written', () => appendFileSync(request.log, `${text}\n`))
      return { text, usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 } }
    },
  }
}

async function takeTurn(project: Project, { validatorLog, signal }: TurnRequest): Promise<string> {
  const { root, memoryFile } = project
  const output = await readOutput(validatorLog, signal)
  const failures = countFailures(output)
  const memory = readMemory(memoryFile)
  const { last } = memory
  const helped = last !== null && failures < last.failures
  const kept = helped ? [...memory.kept, last] : memory.kept
  const tried = helped ? [] : memory.tried
  const told: string[] = []
  if (last !== null && !helped && replaceLine(root, last, last.after, last.before))
    told.push(`Took back ${describeRepair(last)}: it did not help.`)
  const next = listRepairs(readSources(project), output).find(
    (repair) => !tried.includes(nameOf(repair)) && !kept.some((other) => undoes(repair, other)),
  )
  // Remembered before it is done: a turn that is repeated takes it back first.
  const known = next === undefined ? tried : [...tried, nameOf(next)]
  remember(memoryFile, { tried: known, last: next ? { ...next, failures } : null, kept })
  if (next === undefined) return [...told, 'SUMMARY: no small repair is left to try'].join('\n')
  replaceLine(root, next, next.before, next.after)
  return [...told, `SUMMARY: changed ${describeRepair(next)}`].join('\n')
}

function undoes(repair: Repair, { path, line, before }: Repair): boolean {
  return repair.path === path && repair.line === line && repair.after === before
}

function remember(file: string, memory: Memory): void {
  withPath(file, 'written', () => writeJsonWhole(file, memory))
}

/** What a role says that changes no files. */
async function advise(project: Project, { role, validatorLog, signal }: TurnRequest): Promise<string> {
  const repairs = listRepairs(readSources(project), await readOutput(validatorLog, signal)).slice(0, 3)
  const listed = repairs.map((repair, at) => `${at + 1}. ${describeRepair(repair)}`).join('\n')
  return `${listed}\nSUMMARY: ${role.name}: the likeliest repair is in ${repairs[0]?.path ?? 'no file'}`
}

/** Whether the line was there as it should be. */
function replaceLine(root: string, { path, line }: Repair, from: string, to: string): boolean {
  const file = join(root, path)
  const lines = readText(file)?.split('\n')
  if (lines?.[line - 1] !== from) return false
  lines[line - 1] = to
  withPath(file, 'written', () => writeFileSync(file, lines.join('\n')))
  return true
}

function readSources({ root, named }: Project): SourceText[] {
  const sources: SourceText[] = []
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || path === 'out') continue
      if (entry.isDirectory()) visit(path)
      else if (
        entry.isFile() &&
        sourceNames.test(entry.name) &&
        !decides(path, named) &&
        !decisivePart(path)
      ) {
        const text = sources.length < maxFiles ? readText(join(root, path)) : undefined
        if (text !== undefined) sources.push({ path, text })
      }
    }
  }
  visit('')
  return sources.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function readText(file: string): string | undefined {
  try {
    return statSync(file).size > maxFileBytes ? undefined : readFileSync(file, 'utf8')
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

function readOutput(log: string, signal: AbortSignal): Promise<string> {
  return statSync(log, { throwIfNoEntry: false }) ? readExcerpt(log, signal) : Promise.resolve('')
}

function readMemory(file: string): Memory {
  const text = readText(file)
  return text === undefined ? { tried: [], last: null, kept: [] } : (JSON.parse(text) as Memory)
}

function nameOf({ path, line, after }: Repair): string {
  return `${path}:${line}:${after}`
}
