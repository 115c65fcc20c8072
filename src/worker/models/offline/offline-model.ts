// A root and sub model without any network: fixed programs that survey the documents by patterns and word counts, and
// an extractive digest. Deterministic; it says in its answer that it is offline.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { charsPerToken } from '../../rlm/budget.ts'
import type { Model, ModelRequest } from '../../rlm/ports.ts'
import { digest } from './digest.ts'
import { taskTerms } from './task-terms.ts'

export function createOfflineModel(): Model {
  return {
    name: 'offline',
    writesCodeOnly: true,
    async complete(request) {
      const text =
        request.purpose === 'sub' ? digest(request.prompt) || 'Nothing stands out.' : rootReply(request)
      const inputTokens = Math.ceil(request.prompt.length / charsPerToken)
      return {
        text,
        usage: { inputTokens, outputTokens: Math.ceil(text.length / charsPerToken), costUsd: 0 },
      }
    },
  }
}

/** Survey first, then answer; both at once when this is the last step. */
function rootReply({ task, prompt, sequence }: ModelRequest): string {
  const survey = `TASK = ${JSON.stringify(task)}\nTERMS = ${JSON.stringify(taskTerms(task))}\n${program('offline-survey.py')}`
  const lastStep = /\bStep \d+, 0 more after it\b/.test(prompt.slice(-1000))
  if (sequence > 0) return fenced(program('offline-answer.py'))
  return fenced(lastStep ? `${survey}\n${program('offline-answer.py')}` : survey)
}

/** Beside this file's folder in the sources, beside the bundle in the build. */
function program(name: string): string {
  for (const folder of ['assets', '../assets']) {
    try {
      return readFileSync(join(import.meta.dirname, folder, name), 'utf8')
    } catch {
      // the other place
    }
  }
  throw new Error(`${name} is missing from the installation`)
}

function fenced(code: string): string {
  return `\`\`\`python\n${code}\`\`\``
}
