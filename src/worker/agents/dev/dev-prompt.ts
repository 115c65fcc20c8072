// What an agent of a development session is told: the project's own rules, its task, what was done before it.
import { cutText } from '../../lib/whole-text.ts'
import type { TaskReport } from './dev-session.ts'
import type { ParsedTask } from './todo-md.ts'

export interface DevPromptOptions {
  /** The project's CLAUDE.md; empty where there is none. */
  claudeMd: string
  task: ParsedTask
  instructions?: string
  /** Earlier tasks of the session. */
  previousResults?: ReadonlyArray<Pick<TaskReport, 'task' | 'status' | 'result'>>
  /** Why the attempt before this one failed. */
  retryError?: string
}

const resultChars = 1000

export function buildDevPrompt(options: DevPromptOptions): string {
  const { claudeMd, task, instructions, previousResults = [], retryError } = options
  const previous = previousResults.map(
    ({ task: { title }, status, result }) => `- ${title} (${status}): ${cutText(result, resultChars)}`,
  )
  const sections: ReadonlyArray<readonly [string, string | undefined]> = [
    ['Project rules', claudeMd.trim()],
    ['Task', describeTask(task)],
    ['Instructions', instructions?.trim()],
    ['Done before in this session', previous.join('\n')],
    ['The last attempt failed', retryError],
  ]
  return sections
    .filter(([, text]) => text !== undefined && text !== '')
    .map(([title, text]) => `## ${title}\n\n${text}`)
    .join('\n\n')
}

function describeTask({ title, description, section }: ParsedTask): string {
  return [section === '' ? title : `${title} (${section})`, description]
    .filter((text) => text !== '')
    .join('\n\n')
}
