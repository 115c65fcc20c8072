// The runs of `rlm agents`: a folder each under the state folder, with the tree as it stands, and every event.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentEvent, AgentTree } from '../agents/agent-types.ts'
import { noTokens } from '../agents/usage.ts'
import { writeJsonWhole } from '../lib/atomic-file.ts'
import { openJsonLinesWriter } from '../lib/json-lines.ts'
import { nearest } from '../lib/nearest.ts'
import { newRunId, stateFolder } from '../runs/run-store.ts'
import { usage } from './flags.ts'

export interface AgentsRecord {
  readonly id: string
  readonly folder: string
  note(event: AgentEvent): void
  keepTree(tree: AgentTree): void
  close(): void
}

export interface KnownTree {
  readonly id: string
  readonly task: string
  readonly tree: AgentTree
}

const treeName = 'tree.json'

export function openAgentsRecord(env: NodeJS.ProcessEnv, task: string): AgentsRecord {
  const id = newRunId()
  const folder = join(runsFolder(env), id)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const events = openJsonLinesWriter(join(folder, 'events.jsonl'))
  const keepTree = (tree: AgentTree) =>
    writeJsonWhole(join(folder, treeName), { schema_version: 1, id, task, tree })
  keepTree({ id: 'root', status: 'idle', children: [], tokenUsage: noTokens, depth: 0, costUsd: 0 })
  return {
    id,
    folder,
    note: (event) => events.append({ at: new Date().toISOString(), ...event }),
    keepTree,
    close: () => events.close(),
  }
}

/** By its id, by how that begins, or `last`. */
export function readTree(env: NodeJS.ProcessEnv, name: string): KnownTree {
  const ids = listRuns(env)
  const found = name === 'last' ? ids.slice(-1) : ids.filter((id) => id === name || id.startsWith(name))
  const [id] = found
  if (id !== undefined && found.length === 1)
    return JSON.parse(readFileSync(join(runsFolder(env), id, treeName), 'utf8')) as KnownTree
  if (found.length > 1)
    throw usage(`${found.length} runs of agents begin with ${name}`, 'Give more of its id.')
  const near = nearest(name, ids)
  throw usage(
    ids.length === 0 ? 'there are no runs of agents yet' : `there is no run of agents ${name}`,
    near ? `Did you mean ${near}?` : 'See rlm agents list.',
  )
}

/** The oldest first. */
export function listRuns(env: NodeJS.ProcessEnv): string[] {
  try {
    return readdirSync(runsFolder(env)).sort()
  } catch {
    return []
  }
}

function runsFolder(env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), 'agents')
}
