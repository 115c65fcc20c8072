// Which agent a command vector means. Parts are loaded when they are asked for. Adding a built-in one: a file and a row.
import { join } from 'node:path'
import { findProgram } from '../../lib/find-program.ts'
import { type AgentPreset, agentPresets, agentVector } from '../../models/agent-presets.ts'
import type { SourceFile } from '../../rlm/pack.ts'
import { GoalError } from '../errors.ts'
import type { Goal } from '../goal.ts'
import type { RunRecord } from '../record.ts'
import type { Agent } from './agent.ts'
import { createProgramAgent } from './program-agent.ts'

export const agentNames = [...agentPresets, 'offline'] as const
type ReadContexts = (contexts: readonly string[]) => readonly SourceFile[]

/** Models without tools: they answer, and change files only by a symbolic turn. */
const modelsOnly = ['rlms:http', 'rlms:scripted']

export async function createAgent({ state, paths }: RunRecord, readContexts: ReadContexts): Promise<Agent> {
  const { goal } = state
  const [name, ...extra] = goal.agent
  if (goal.mode === 'symbolic') {
    const { createSymbolicAgent } = await import('./symbolic-agent.ts')
    const { root, agent, limits, contexts } = goal
    const sources = () => readContexts(contexts.length === 0 ? [root] : contexts)
    return createSymbolicAgent({ root, model: agent, agentSeconds: limits.agentSeconds, sources })
  }
  if (name === 'rlms:offline') {
    const { createOfflineAgent } = await import('./offline-agent.ts')
    return createOfflineAgent(
      goal.root,
      join(paths.folder, 'rlm', 'offline-agent.json'),
      state.fingerprint?.named ?? [],
    )
  }
  const preset = presetOf(name)
  if (preset !== undefined) return createProgramAgent(preset, agentVector(preset, extra), goal.root)
  const asFile = goal.agent.some((word) => word.includes('{prompt_file}'))
  const vector = { argv: goal.agent, env: {}, promptMode: asFile ? 'file' : 'stdin', model: null } as const
  return createProgramAgent(name.split('/').at(-1) ?? name, vector, goal.root)
}

/** Refuses an agent that can't be started, without starting it. */
export function checkAgent(agent: Goal['agent'], mode: Goal['mode'], root: string): void {
  const [name] = agent
  const known = ['rlms:offline', ...modelsOnly, ...agentPresets.map((preset) => `rlms:${preset}`)]
  if (name.startsWith('rlms:') && !known.includes(name))
    throw new GoalError(
      'goal_config',
      `there is no built-in agent ${JSON.stringify(name)}; there are ${known.join(', ')}`,
    )
  if (modelsOnly.includes(name) && mode !== 'symbolic')
    throw new GoalError(
      'goal_config',
      `${name} is a model without tools: it changes no files by itself`,
      'Give --mode symbolic.',
    )
  const program = presetOf(name) ?? (name.startsWith('rlms:') ? undefined : name)
  if (program !== undefined && findProgram(program, root, process.env.PATH) === undefined)
    throw new GoalError(
      'goal_config',
      `the agent's program ${JSON.stringify(program)} is not installed`,
      `Install it, or give --agent ${agentNames.join(', ')} or a JSON vector.`,
    )
}

/** Symbolic where the agent could change nothing otherwise, and over a context that was given. */
export function chooseMode(agent: Goal['agent'], contexts: readonly string[]): Goal['mode'] {
  return modelsOnly.includes(agent[0]) || contexts.length > 0 ? 'symbolic' : 'iterative'
}

/** The first agent program that is installed, by looking for its file; else offline. */
export function findAgent(root: string): Goal['agent'] {
  const found = agentPresets.find((name) => findProgram(name, root, process.env.PATH) !== undefined)
  return [`rlms:${found ?? 'offline'}`]
}

function presetOf(name: string): AgentPreset | undefined {
  return agentPresets.find((preset) => name === `rlms:${preset}`)
}
