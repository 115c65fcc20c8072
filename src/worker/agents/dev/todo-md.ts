// The open tasks of a TODO.md: list entries with an empty box, with the heading that they stand under.

export interface ParsedTask {
  title: string
  /** What follows the title in its line, and the indented lines below it. */
  description: string
  /** The nearest heading above it; empty when there is none. */
  section: string
  /** From 1. */
  lineNumber: number
  rawLine: string
}

const heading = /^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/
const openTask = /^(\s*)[-*+]\s+\[ \]\s+(\S.*?)\s*$/
const anyEntry = /^\s*(?:[-*+]|\d+[.)])\s/
const fence = /^\s*(?:```|~~~)/

export function parseTodoMd(content: string): ParsedTask[] {
  const tasks: ParsedTask[] = []
  let section = ''
  let inFence = false
  let current: { task: ParsedTask; indent: number } | undefined
  for (const [at, rawLine] of content.split(/\r?\n/).entries()) {
    if (fence.test(rawLine)) inFence = !inFence
    const found = inFence ? null : openTask.exec(rawLine)
    const title = inFence ? undefined : heading.exec(rawLine)?.[1]
    if (title !== undefined) section = title
    if (found) {
      current = {
        task: { ...splitTitle(found[2]!), section, lineNumber: at + 1, rawLine },
        indent: found[1]!.length,
      }
      tasks.push(current.task)
    } else if (current && belongsTo(rawLine, current.indent, inFence)) {
      current.task.description = `${current.task.description}\n${rawLine.trim()}`.trim()
    } else if (rawLine.trim() !== '') current = undefined
  }
  return tasks
}

function belongsTo(line: string, indent: number, inFence: boolean): boolean {
  const own = line.length - line.trimStart().length
  return line.trim() !== '' && own > indent && (inFence || !anyEntry.test(line) || !/\[[ xX]\]/.test(line))
}

/** `**Title**: text`, else all of it is the title. */
function splitTitle(text: string): { title: string; description: string } {
  const [, title, rest = ''] = /^\*\*(.+?)\*\*\s*(?:[:–—-]\s*)?(.*)$/.exec(text) ?? []
  return title === undefined
    ? { title: text, description: '' }
    : { title: title.replace(/:$/, ''), description: rest }
}

/** The text with the box of a task ticked; as it was where the line is another one by now. */
export function tickOff(content: string, { lineNumber, rawLine }: ParsedTask): string {
  const lines = content.split('\n')
  const line = lines[lineNumber - 1]
  const at = line?.replace(/\r$/, '') === rawLine ? lineNumber - 1 : lines.indexOf(rawLine)
  if (at < 0 || lines[at] === undefined) return content
  lines[at] = lines[at].replace('[ ]', '[x]')
  return lines.join('\n')
}
