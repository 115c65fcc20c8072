// The code in a model's reply: its fenced blocks joined in order, or the bare reply.

export interface ExtractedCode {
  readonly code: string
  /** False for a bare reply, which may be prose. */
  readonly fenced: boolean
}

interface Block {
  readonly tag: string
  readonly code: string
}

const codeTags = new Set(['', 'python', 'python3', 'py', 'repl', 'javascript', 'js', 'code', 'tool_code'])

/**
 * Blocks of any tag count; where some are tagged as code or not at all, the others (json, text, …) are left out. A fence
 * inside a string of the code does not end its block, and a block that was never closed runs to the end.
 */
export function extractCode(reply: string): ExtractedCode {
  const text = dropThinking(reply).replace(/\r\n?/g, '\n')
  const blocks = readBlocks(text.split('\n'))
  const code = blocks.filter((block) => codeTags.has(block.tag))
  const chosen = code.length > 0 ? code : blocks
  if (chosen.length === 0) return { code: text.trim(), fenced: false }
  return { code: chosen.map((block) => block.code).join('\n'), fenced: true }
}

// Reasoning models put what is not meant for us between these tags, code drafts included.
function dropThinking(reply: string): string {
  return reply.replace(/^\s*<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/, '')
}

function readBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(\s*)(`{3,}|~{3,})/.exec(lines[at]!)
    if (!opening || lines[at]!.includes('`', opening[0].length)) continue
    const [all, indent = '', fence = ''] = opening
    const tag = /^\s*([\w+-]*)/.exec(lines[at]!.slice(all.length))?.[1] ?? ''
    const close = findClosing(lines, at + 1, fence)
    const body = lines
      .slice(at + 1, close)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    blocks.push({ tag: tag.toLowerCase(), code: body.join('\n') })
    at = close
  }
  return blocks
}

// The first closing fence that stands outside a string; if the strings never seem to end, the first one at all.
function findClosing(lines: readonly string[], from: number, fence: string): number {
  const closes = new RegExp(`^\\s*\\${fence[0]}{${fence.length},}\\s*$`)
  let first = lines.length
  let open: string | null = null
  for (let at = from; at < lines.length; at++) {
    const line = lines[at]!
    if (closes.test(line)) {
      if (open === null) return at
      first = Math.min(first, at)
    }
    open = stringStateAfter(line, open)
  }
  return first
}

/** Which multi-line string (`"""`, `'''`) is open after this line, given the one open before it. */
function stringStateAfter(line: string, before: string | null): string | null {
  let open = before
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    if (char === '\\') at++
    else if (open !== null) {
      if (line.startsWith(open, at)) {
        at += open.length - 1
        open = null
      }
    } else if (char === '#') return null
    else if (char === '"' || char === "'") {
      const triple = char.repeat(3)
      open = line.startsWith(triple, at) ? triple : char
      at += open.length - 1
    }
  }
  return open !== null && open.length === 1 ? null : open
}
