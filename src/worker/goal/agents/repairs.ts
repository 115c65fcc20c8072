// Small repairs that may make a failing check pass: what a line could have meant instead, the likeliest first. No model,
// the same every time.
import { cutText } from '../../lib/whole-text.ts'

export interface SourceText {
  readonly path: string
  readonly text: string
}

export interface Repair {
  readonly path: string
  /** 1-based. */
  readonly line: number
  readonly before: string
  readonly after: string
}

/** Every repair of these files, by what the output says of them. */
export function listRepairs(sources: readonly SourceText[], output: string): Repair[] {
  const pairs = readMismatches(output)
  const words = new Set(output.match(/[A-Za-z_]\w{2,}/g) ?? [])
  const found = sources.flatMap((source) => {
    const fileScore = scoreFile(source.path, output)
    let scope = 0
    return source.text.split('\n').flatMap((before, at) => {
      if (opensScope.test(before)) scope = names(before).some((name) => words.has(name)) ? 3 : 0
      if (/^\s*(?:#(?!\[)|\/\/|\*|--)/.test(before)) return []
      const place = scope + fileScore + (isNamed(source.path, at + 1, output) ? 6 : 0)
      return variantsOf(before, pairs).map(({ after, weight }) => ({
        score: place + weight + (/\breturn\b/.test(before) ? 1 : 0),
        repair: { path: source.path, line: at + 1, before, after },
      }))
    })
  })
  return found.toSorted((a, b) => b.score - a.score).map(({ repair }) => repair)
}

/** How many checks fail, as common test programs tell it; 1 where none is told. */
export function countFailures(output: string): number {
  const told = [/^# fail (\d+)/gm, /\b(\d+) (?:failed|failing|failures?|errors?)\b/g].flatMap((pattern) =>
    [...output.matchAll(pattern)].map(([, count]) => Number(count)),
  )
  const marked = output.match(/^\s*(?:not ok\b|FAIL(?:ED)?\b|--- FAIL|[✗✘×✖])/gm)?.length ?? 0
  return Math.max(1, marked, ...told)
}

export function describeRepair({ path, line, before, after }: Repair): string {
  const show = (text: string) => cutText(text.trim(), 80)
  return `${path}:${line}: "${show(before)}" to "${show(after)}"`
}

const opensScope = /\b(?:function|def|fn|func|class|sub)\b|^\s*\w+\s*\(\)\s*\{|=>\s*[{(]?\s*$|=\s*\(.*\)\s*=>/

interface Variant {
  readonly after: string
  readonly weight: number
}

type Swap = readonly [pattern: RegExp, other: string, weight: number]

/** What is confused most, in both directions. */
const swaps: readonly Swap[] = [
  [/ - /g, ' + ', 2],
  [/ \+ /g, ' - ', 2],
  [/ \* /g, ' / ', 1.5],
  [/ \/ /g, ' * ', 1.5],
  [/ < /g, ' > ', 1.5],
  [/ > /g, ' < ', 1.5],
  [/ < /g, ' <= ', 1.6],
  [/ > /g, ' >= ', 1.6],
  [/ <= /g, ' < ', 1.4],
  [/ >= /g, ' > ', 1.4],
  [/ === /g, ' !== ', 1.3],
  [/ !== /g, ' === ', 1.3],
  [/ == /g, ' != ', 1.3],
  [/ != /g, ' == ', 1.3],
  [/ && /g, ' || ', 1.2],
  [/ \|\| /g, ' && ', 1.2],
  [/ and /g, ' or ', 1.2],
  [/ or /g, ' and ', 1.2],
  [/ % /g, ' / ', 0.6],
  [/\btrue\b/g, 'false', 1],
  [/\bfalse\b/g, 'true', 1],
  [/\bTrue\b/g, 'False', 1],
  [/\bFalse\b/g, 'True', 1],
  [/ - 1\b/g, '', 1.1],
  [/ \+ 1\b/g, '', 1.1],
  [/\[0\]/g, '[1]', 0.8],
  [/\[1\]/g, '[0]', 0.8],
  [/\btoLowerCase\b/g, 'toUpperCase', 1],
  [/\btoUpperCase\b/g, 'toLowerCase', 1],
  [/\.lower\(\)/g, '.upper()', 1],
  [/\.upper\(\)/g, '.lower()', 1],
  [/ -lt /g, ' -le ', 1.3],
  [/ -gt /g, ' -ge ', 1.3],
  [/ -eq /g, ' -ne ', 1.2],
  [/ -ne /g, ' -eq ', 1.2],
]

function variantsOf(line: string, pairs: ReadonlyMap<string, string>): Variant[] {
  const variants: Variant[] = []
  const seen = new Set([line])
  const add = (after: string, weight: number) => {
    if (seen.has(after)) return
    seen.add(after)
    variants.push({ after, weight })
  }
  for (const [actual, expected] of pairs)
    if (holdsWord(line, actual))
      add(
        line.replace(actual, () => expected),
        5,
      )
  for (const [pattern, other, weight] of swaps)
    for (const { index, 0: found } of line.matchAll(pattern))
      add(line.slice(0, index) + other + line.slice(index + found.length), weight)
  for (const { index, 0: digits } of line.matchAll(/(?<![\w.])\d{1,4}(?![\w.])/g))
    for (const other of [Number(digits) + 1, Number(digits) - 1])
      if (other >= 0) add(line.slice(0, index) + String(other) + line.slice(index + digits.length), 0.5)
  return variants
}

/** Words and numbers that were there, by those that were wanted in their place. */
function readMismatches(output: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  for (const [pattern, actual, expected] of mismatches) {
    for (const match of output.matchAll(pattern)) {
      const [was, wanted] = [wordsOf(match[actual] ?? ''), wordsOf(match[expected] ?? '')]
      if (was.length !== wanted.length || was.length === 0) continue
      was.forEach((word, at) => {
        if (word !== wanted[at]) pairs.set(word, wanted[at]!)
      })
    }
  }
  return pairs
}

/** How programs tell what was and what should have been: the pattern, the group of either. */
const mismatches: readonly (readonly [RegExp, number, number])[] = [
  [/^\s*(?:Error: )?(.{1,200}?) !==? (.{1,200})$/gm, 1, 2],
  [/^\s*(?:E\s+)?(?:AssertionError: )?assert (.{1,200}?) == (.{1,200})$/gm, 1, 2],
  [/^\s*actual\s*: ?(.{1,200})\n\s*expected\s*: ?(.{1,200})$/gim, 1, 2],
  [/^\s*expected\s*: ?(.{1,200})\n\s*(?:actual|received)\s*: ?(.{1,200})$/gim, 2, 1],
  [/\bexpected (.{1,100}?),? (?:but )?(?:got|was|found) (.{1,100})$/gim, 2, 1],
  [/\bgot (.{1,100}?)[,;] (?:want|expected) (.{1,100})$/gim, 1, 2],
]

function wordsOf(text: string): string[] {
  return text.match(/-?\d+(?:\.\d+)?|\w+|[^\w\s'"`]+/g) ?? []
}

function holdsWord(line: string, word: string): boolean {
  const at = line.indexOf(word)
  return at >= 0 && !/\w/.test(line[at - 1] ?? '') && !/\w/.test(line[at + word.length] ?? '')
}

function scoreFile(path: string, output: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (output.includes(path)) return 4
  if (output.includes(name)) return 3
  const stem = name.replace(/\.\w+$/, '')
  return stem.length > 2 && new RegExp(`\\b${stem.replace(/\W/g, '.')}`, 'i').test(output) ? 2 : 0
}

function isNamed(path: string, line: number, output: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return [`${name}:${line}:`, `${name}:${line}\n`, `${name}:${line})`, `${name}", line ${line},`].some(
    (place) => output.includes(place),
  )
}

function names(line: string): string[] {
  return line.match(/[A-Za-z_]\w{2,}/g) ?? []
}
