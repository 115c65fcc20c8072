// A goal from a loop of superloop.sh: its spec is the goal, its test commands are the validator.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readHostConfig } from '../config/host-config.ts'
import { isSystemError } from '../contract/errors.ts'
import { nearest } from '../lib/nearest.ts'
import { GoalError } from './errors.ts'

export interface LoopGoal {
  readonly goal: string
  /** Null where the loop has no test commands. */
  readonly validator: string | null
  readonly source: string
}

export async function readLoopGoal(root: string, id: string): Promise<LoopGoal> {
  const file = join(root, '.superloop', 'config.json')
  const { config, findings, isBroken } = await readHostConfig(file)
  const ids = config?.loops.map((loop) => loop.id) ?? []
  const at = ids.indexOf(id)
  const loop = config?.loops[at]
  if (loop === undefined || isBroken(`/loops/${at}`)) {
    const near = nearest(id, ids)
    const broken = findings.find(({ severity }) => severity === 'error')
    throw new GoalError(
      'goal_config',
      loop === undefined && config
        ? `there is no loop ${id} in ${file}`
        : `${file}: ${broken?.message ?? 'has no loops'}`,
      near && near !== id ? `Did you mean ${near}?` : (broken?.fix ?? `The loops are ${ids.join(', ')}.`),
    )
  }
  const { tests } = loop as unknown as { tests?: { mode?: string; commands?: readonly string[] } }
  const commands = tests?.mode === 'disabled' ? [] : (tests?.commands ?? [])
  return {
    goal: readSpec(resolve(root, loop.spec_file)),
    validator:
      commands.length === 0
        ? null
        : commands.length === 1
          ? commands[0]!
          : commands.map(inGroup).join(' && '),
    source: `loop ${id}: spec ${loop.spec_file}${commands.length > 0 ? ', tests.commands' : ''}`,
  }
}

/** In a shell of its own, as the loop runs it. */
function inGroup(command: string): string {
  return `( ${command}\n)`
}

function readSpec(file: string): string {
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text !== '') return text
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new GoalError(
      'goal_config',
      `the loop's spec cannot be read: ${error.message}`,
      'Correct spec_file, or write it.',
    )
  }
  throw new GoalError('goal_config', `the loop's spec ${file} is blank`, 'Write what shall be reached.')
}
