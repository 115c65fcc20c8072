// The runs of `rlm agents`: a folder each under the state folder, with the tree as it stands, and every event.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentEvent, AgentTree } from '../../agents/agent-types.ts'
import { noTokens } from '../../agents/usage.ts'
import { writeJsonWhole } from '../../lib/atomic-file.ts'
import { openJsonLinesWriter } from '../../lib/json-lines.ts'
import { nearest } from '../../lib/nearest.ts'
import { holderOf, takeLock } from '../../lib/process-lock.ts'
import { cutText } from '../../lib/whole-text.ts'
import { newRunId, stateFolder } from '../../runs/run-store.ts'
import { usage } from '../flags.ts'

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
/** Of what each agent says while it works. */
const outputChars = 1 << 20

/** Throws where none can be begun. What can't be written later is told once: no answer is lost over it. */
export function openAgentsRecord(
  env: NodeJS.ProcessEnv,
  task: string,
  warn: (text: string) => void,
): AgentsRecord {
  const id = newRunId()
  const folder = join(runsFolder(env), id)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  takeLock(lockOf(folder))
  const events = openJsonLinesWriter(join(folder, 'events.jsonl'))
  const kept = new Map<string, number>()
  let told = false
  const attempt = (write: () => void) => {
    try {
      write()
    } catch (error) {
      if (!told) warn(`the record of the run cannot be written: ${(error as Error).message}`)
      told = true
    }
  }
  const note = (event: AgentEvent) => attempt(() => events.append({ at: new Date().toISOString(), ...event }))
  const keepTree = (tree: AgentTree) =>
    writeJsonWhole(join(folder, treeName), { schema_version: 1, id, task, tree })
  keepTree({ id: 'root', status: 'idle', children: [], tokenUsage: noTokens, depth: 0, costUsd: 0 })
  return {
    id,
    folder,
    note(event) {
      if (event.type !== 'agent_output') return note(event)
      const { agentId, text } = event
      const before = kept.get(agentId) ?? 0
      kept.set(agentId, before + text.length)
      if (before + text.length <= outputChars) note(event)
      else if (before <= outputChars)
        note({ ...event, text: `${cutText(text, outputChars - before)} [the rest is not kept]` })
    },
    keepTree: (tree) => attempt(() => keepTree(tree)),
    close: () => events.close(),
  }
}

/** By its id, by how that begins, or `last`. */
export function readTree(env: NodeJS.ProcessEnv, name: string): KnownTree {
  const ids = listRuns(env)
  const found = name === 'last' ? ids.slice(-1) : ids.filter((id) => id === name || id.startsWith(name))
  const [id] = found
  if (id !== undefined && found.length === 1) return readRun(join(runsFolder(env), id))
  if (found.length > 1)
    throw usage(`${found.length} runs of agents begin with ${name}`, 'Give more of its id.')
  const near = nearest(name, ids)
  throw usage(
    ids.length === 0 ? 'there are no runs of agents yet' : `there is no run of agents ${name}`,
    near ? `Did you mean ${near}?` : 'See rlm agents list.',
  )
}

/** What was running when its orchestrator died runs no more. */
function readRun(folder: string): KnownTree {
  const known = JSON.parse(readFileSync(join(folder, treeName), 'utf8')) as KnownTree
  const lock = lockOf(folder)
  const hasDied = known.tree.status === 'running' && existsSync(lock) && holderOf(lock) === undefined
  return hasDied ? { ...known, tree: abandoned(known.tree) } : known
}

/** Of this namespace of process numbers: an agent in one of its own can't tell whether its orchestrator lives. */
function lockOf(folder: string): string {
  let namespace = ''
  try {
    namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
  } catch {} // a system without such namespaces
  return join(folder, `lock${namespace}`)
}

function abandoned(node: AgentTree): AgentTree {
  const children = node.children.map(abandoned)
  if (node.status !== 'running' && node.status !== 'idle') return { ...node, children }
  return { ...node, children, status: 'cancelled', error: 'its orchestrator has died' }
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
