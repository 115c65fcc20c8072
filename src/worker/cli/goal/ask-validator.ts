// The question on a terminal: which command judges the repository?
import { once } from 'node:events'
import { type Detection, describeGroup } from '../../goal/detection/detect.ts'
import { GoalError } from '../../goal/errors.ts'

export interface Answer {
  /** Null: none. */
  readonly validator: string | null
  readonly reason: string
}

/** Chooses what was found, asks who is there, or throws `validator_missing` or `validator_ambiguous`. */
export async function chooseValidator(detection: Detection, signal: AbortSignal): Promise<Answer> {
  const { groups } = detection
  const [only, ...others] = groups
  if (only !== undefined && others.length === 0)
    return { validator: only.command, reason: describeGroup(only) }
  if (process.stdin.isTTY && process.stderr.isTTY) return ask(detection, signal)
  throw only === undefined
    ? new GoalError('validator_missing', `no validator was found${listed(detection)}`)
    : new GoalError(
        'validator_ambiguous',
        `${groups.length} validators were found, which run different things${listed(detection)}`,
      )
}

async function ask({ groups, notes }: Detection, signal: AbortSignal): Promise<Answer> {
  const { stderr, stdin } = process
  const lines = [
    groups.length === 0 ? 'No validator was found.' : 'Which command judges whether the goal is reached?',
    ...groups.map((group, at) => `  ${at + 1}  ${describeGroup(group)}`),
    ...notes.map((note) => `     ${note}`),
  ]
  stderr.write(`${lines.join('\n')}\n`)
  const choices = groups.length === 0 ? '' : `${groups.map((_, at) => at + 1).join(', ')}, `
  for (;;) {
    stderr.write(`Validator (${choices}a command, or none): `)
    const text = await readLine(stdin, signal)
    if (text === 'none') return { validator: null, reason: 'chosen on the terminal' }
    const chosen = /^\d+$/.test(text) ? groups[Number(text) - 1] : undefined
    if (chosen !== undefined) return { validator: chosen.command, reason: `chosen: ${describeGroup(chosen)}` }
    if (text !== '' && !/^\d+$/.test(text)) return { validator: text, reason: 'given on the terminal' }
  }
}

/** A terminal gives whole lines. Throws at its end. */
async function readLine(terminal: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  const over = new AbortController()
  const end = () => over.abort()
  terminal.once('end', end)
  terminal.resume()
  try {
    const [line] = (await once(terminal, 'data', { signal: AbortSignal.any([signal, over.signal]) })) as [
      Buffer,
    ]
    return line.toString('utf8').trim()
  } catch (error) {
    signal.throwIfAborted()
    throw over.signal.aborted ? noAnswer() : error
  } finally {
    terminal.removeListener('end', end)
    terminal.pause()
  }
}

function noAnswer(): GoalError {
  return new GoalError('validator_missing', 'no validator was found, and none was given')
}

function listed({ groups, notes }: Detection): string {
  const lines = [...groups.map(describeGroup), ...notes]
  return lines.length === 0 ? '' : `:${lines.map((line) => `\n  - ${line}`).join('')}`
}
