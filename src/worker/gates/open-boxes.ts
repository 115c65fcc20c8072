// The open boxes of a Markdown checklist; those in code fences are examples.

export interface OpenBox {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** A fence ends with its own kind, at least as long, and nothing behind it (CommonMark 4.5). */
export function openBoxes(markdown: string): OpenBox[] {
  const boxes: OpenBox[] = []
  let fence = ''
  for (const [at, line] of markdown.split(/\r?\n/).entries()) {
    const mark = /^\s*(`{3,}|~{3,})(.*)$/.exec(line)
    if (fence !== '') {
      if (mark && mark[1]!.startsWith(fence) && mark[2]!.trim() === '') fence = ''
    } else if (mark && !(mark[1]!.startsWith('`') && mark[2]!.includes('`'))) {
      fence = mark[1]!
    } else if (line.includes('[ ]')) {
      boxes.push({ line: at + 1, text: line.trim() })
    }
  }
  return boxes
}
