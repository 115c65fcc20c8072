// An extractive digest: the lines of a text that say most about it, in their order. No model, the same every time.

const maxLines = 4
const maxChars = 400

/** `prompt` may begin with an instruction; what stands behind a line of dashes is the text. */
export function digest(prompt: string): string {
  const cut = prompt.indexOf('\n---\n')
  const text = cut >= 0 ? prompt.slice(cut + 5) : prompt
  const lines = text.split('\n').map((line) => line.trim())
  const words = weighWords(lines)
  const ranked = lines
    .map((line, at) => ({ line, at, score: scoreLine(line, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
  const chosen: typeof ranked = []
  for (const entry of ranked) {
    if (chosen.length === maxLines) break
    if (!chosen.some(({ line }) => line === entry.line)) chosen.push(entry)
  }
  const told = chosen
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => readable(line))
    .join(' · ')
  return told.length > maxChars ? `${told.slice(0, maxChars - 1)}…` : told
}

function scoreLine(line: string, words: ReadonlyMap<string, number>): number {
  const own = [...new Set(tokens(line))]
  if (own.length === 0) return 0
  const content = own.reduce((sum, word) => sum + (words.get(word) ?? 0), 0) / Math.sqrt(own.length + 3)
  const bonus =
    (/\b(?:error|exception|failed|fatal|panic)\b/i.test(line) ? 4 : 0) +
    (/\b(?:TODO|FIXME)\b/.test(line) ? 3 : 0) +
    (/^(?:export |pub |async |public )*(?:class|interface|def|function|func|fn|struct|type)\b/.test(line)
      ? 2
      : 0) +
    (/^(?:#{1,4} |"""|\/\*\*|\/\/ [A-Z]|# [A-Z])/.test(line) ? 1.5 : 0) +
    (/[.!?]$/.test(line) && own.length > 6 ? 1 : 0)
  return content + bonus
}

// A word that comes back says what the text is about; one that every other line repeats, as in a log, says next to nothing.
function weighWords(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) for (const word of tokens(line)) counts.set(word, (counts.get(word) ?? 0) + 1)
  const tooMany = Math.max(9, lines.length / 2)
  for (const [word, count] of counts) counts.set(word, count > tooMany ? 0.1 : Math.log2(1 + count))
  return counts
}

function tokens(line: string): string[] {
  return line.toLowerCase().match(/[a-z_][a-z0-9_]{2,}/g) ?? []
}

function readable(line: string): string {
  const plain = line.replace(/^(?:#{1,6} |\/\/ |# |\* |- )/, '').replace(/\s+/g, ' ')
  return plain.length > 140 ? `${plain.slice(0, 139)}…` : plain
}
