// A root and sub model without any network: fixed programs that survey the documents by patterns and word counts, and
// an extractive digest. Deterministic; it says in its answer that it is offline.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { charsPerToken } from '../../rlm/budget.ts'
import type { Json, Language, Model, ModelRequest } from '../../rlm/ports.ts'
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
function rootReply({ task, prompt, sequence, language }: ModelRequest): string {
  const { ending, declare } = languages[language]
  const answer = program(`offline-answer.${ending}`)
  if (sequence > 0) return fenced(language, answer)
  const given = `${declare('TASK', task)}\n${declare('TERMS', taskTerms(task))}`
  const survey = `${given}\n${program(`offline-survey.${ending}`)}`
  const lastStep = /\bStep \d+, 0 more after it\b/.test(prompt.slice(-1000))
  return fenced(language, lastStep ? `${survey}\n${answer}` : survey)
}

const languages: Record<Language, { ending: string; declare(name: string, value: Json): string }> = {
  python: { ending: 'py', declare: (name, value) => `${name} = ${JSON.stringify(value)}` },
  javascript: { ending: 'js', declare: (name, value) => `const ${name} = ${JSON.stringify(value)};` },
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

function fenced(language: Language, code: string): string {
  return `\`\`\`${language}\n${code}\`\`\``
}
