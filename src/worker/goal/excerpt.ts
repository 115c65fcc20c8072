// What an agent is shown of a validator's output: its head, its tail, and the lines between them that look like errors,
// whatever its size and whatever bytes are in it.
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { cutText } from '../lib/whole-text.ts'

const headChars = 4000
const tailChars = 8000
const errorLines = 60
const lineChars = 600
/** Of a longer output only so much is read from either end. */
const readBytes = 32 << 20

const errorPattern =
  /\b(?:error|exception|fail(?:ed|ure|ing)?|fatal|panic(?:ked)?|traceback|assert\w*|expected|actual|received|undefined|cannot|not ok)\b|^\s*[✗✘×✖E]\s/i

/** Empty for an output that says nothing. */
export async function readExcerpt(file: string, signal: AbortSignal): Promise<string> {
  const { size } = statSync(file)
  const collector = collectLines()
  if (size <= 2 * readBytes) await readLines(file, 0, size, collector.add, signal)
  else {
    await readLines(file, 0, readBytes, collector.add, signal)
    collector.add(`… ${size - 2 * readBytes} bytes were not read …`)
    await readLines(file, size - readBytes, size, collector.add, signal)
  }
  return collector.text()
}

/** The beginning and the end of a file of any size, in bytes; what is between them is only counted. */
export function readEnds(file: string, head: number, tail: number): string {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = statSync(file)
    const read = (from: number, length: number) => {
      const bytes = Buffer.alloc(length)
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, length, from))
    }
    if (size <= head + tail) return read(0, size)
    return `${read(0, head)}\n… ${size - head - tail} bytes left out …\n${read(size - tail, tail)}`
  } finally {
    closeSync(descriptor)
  }
}

const control = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/

/** Without what steers a terminal: escape sequences, NUL and other controls; of a line that was written over, the last. */
export function cleanLine(line: string): string {
  if (!control.test(line)) return line
  const plain = line
    .replace(/\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?/g, '')
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]?/g, '')
    .replace(/\r+$/, '')
  return plain.slice(plain.lastIndexOf('\r') + 1).replace(/[^\P{Cc}\t]/gu, '')
}

async function readLines(
  file: string,
  start: number,
  end: number,
  add: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (end <= start) return
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of createReadStream(file, { start, end: end - 1, highWaterMark: 1 << 18, signal })) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) add(line)
    // A line without end is shown by its beginning; nobody keeps all of it.
    if (rest.length > 1 << 20) rest = rest.slice(0, 2 * lineChars)
  }
  rest += decoder.end()
  if (rest !== '') add(rest)
}

function collectLines() {
  const head: string[] = []
  let headSize = 0
  let tail: string[] = []
  let tailSize = 0
  const errors: string[] = []
  let passed = 0
  // Lines that fall out of the tail are between head and tail.
  const letPass = (line: string) => {
    passed++
    if (errors.length < errorLines && errorPattern.test(line)) errors.push(line)
  }
  return {
    add(given: string) {
      const whole = cleanLine(given.length > 8 * lineChars ? given.slice(0, 8 * lineChars) : given)
      const line = whole.length > lineChars ? `${cutText(whole, lineChars - 1)}…` : whole
      if (headSize + line.length < headChars) {
        head.push(line)
        headSize += line.length + 1
        return
      }
      headSize = headChars
      tail.push(line)
      tailSize += line.length + 1
      if (tailSize <= 2 * tailChars) return
      let drop = 0
      for (; tailSize > tailChars && drop < tail.length; drop++) {
        tailSize -= tail[drop]!.length + 1
        letPass(tail[drop]!)
      }
      tail = tail.slice(drop)
    },
    text() {
      const between =
        passed === 0
          ? []
          : [
              `… ${passed} lines left out${errors.length > 0 ? '; of them:' : ' …'}`,
              ...errors,
              ...(errors.length > 0 ? ['…'] : []),
            ]
      return [...head, ...between, ...tail].join('\n').trimEnd()
    },
  }
}
