// What a role is told: the goal, where the run stands, what was changed, what was said, what the validator printed.
import { cutMiddle } from '../rlm/observation.ts'
import { cleanLine } from './excerpt.ts'
import type { Goal } from './goal.ts'
import type { Role } from './roles.ts'
import type { RunState } from './run-state.ts'

export interface PromptParts {
  readonly goal: Goal
  readonly role: Role
  readonly state: Pick<RunState, 'iteration' | 'history' | 'answers'>
  /** The patch since the run began; what is too long of it is left out. */
  readonly diff: string
  /** The validator's last word, and an excerpt of its output. */
  readonly verdict: string
  readonly excerpt: string
  /** How this role changes files, where it has no tools of its own. */
  readonly howToChange: string | null
}

const answerChars = 8_000
const toldIterations = 30

export function buildPrompt(parts: PromptParts): string {
  const { goal, role, state, diff, verdict, excerpt, howToChange } = parts
  const { iteration, answers, history } = state
  const of = goal.limits.iterations === null ? '' : ` of ${goal.limits.iterations}`
  const sections: [string, string][] = [
    ['Goal', goal.goal],
    [
      'Your turn',
      `You are the ${role.name} in iteration ${iteration}${of}.\n${role.duty}\n${rules(goal, role)}`,
    ],
    ...(howToChange !== null && role.changesFiles
      ? [['How to change files', howToChange] as [string, string]]
      : []),
    ...answers.map(({ role: who, text }): [string, string] => [
      `What the ${who} said`,
      cutMiddle(text, text.length, answerChars / 2, answerChars / 2),
    ]),
    ['Validator', describeValidator(goal, verdict, excerpt)],
    ['Changes so far', diff.trim() === '' ? 'None.' : fenced('diff', diff.trimEnd())],
    ['Earlier iterations', describeHistory(history)],
  ]
  return `${sections.map(([title, text]) => `# ${title}\n\n${text}`).join('\n\n')}\n`
}

/** The last line that begins with SUMMARY, else the first that says something. */
export function readSummary(text: string): string {
  const lines = text.split('\n').map((line) => cleanLine(line).trim())
  const marked = lines.findLast((line) => /^\W*SUMMARY\W*:/i.test(line))
  const line = marked?.replace(/^\W*SUMMARY\W*:\W*/i, '') || lines.find((entry) => /\w/.test(entry)) || ''
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}

function rules({ validator, protect }: Goal, { changesFiles }: Role): string {
  const judge =
    validator === null
      ? 'Nothing judges the result but the goal itself.'
      : 'Only the validator judges: it is run after your turn, in the root of this repository.'
  const decisive = `Do not change tests, test configuration or the validator's own files unless the goal asks for it${protect ? ': such changes are put back' : ': such changes are reported'}.`
  return [
    judge,
    ...(changesFiles ? [decisive] : []),
    'Commit nothing. End with one line: "SUMMARY: " and what you did and why, in a sentence.',
  ].join('\n')
}

function describeValidator({ validator }: Goal, verdict: string, excerpt: string): string {
  if (validator === null) return 'None.'
  const output = excerpt === '' ? 'It printed nothing.' : `It printed:\n\n${fenced('', excerpt)}`
  return `Command: ${validator}\nLast result: ${verdict}\n${output}`
}

function describeHistory(history: RunState['history']): string {
  const told = history.slice(-toldIterations)
  if (told.length === 0) return 'This is the first.'
  const left = history.length - told.length
  return [
    ...(left > 0 ? [`(${left} earlier ones left out)`] : []),
    ...told.map(({ iteration, verdict, summary }) => `${iteration}. ${verdict}: ${summary}`),
  ].join('\n')
}

/** Longer than any fence inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/^`+/gm)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}
