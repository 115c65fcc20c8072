// Why a gate does not hold, from the files in which it says so, a line for each reason.
import { join } from 'node:path'
import { type Fields, fieldsOf, listOf, parseFields, textOf } from '../lib/fields.ts'
import { readText } from './read-text.ts'

/** Empty where the gate left nothing, or nothing that can be read. */
export function readGateReasons(gate: string, loopDir: string): string {
  const source = Object.hasOwn(sources, gate) ? sources[gate]! : undefined
  if (source === undefined) return ''
  const text = readText(join(loopDir, source.file)).trim()
  if (source.read === undefined) return text
  const record = parseFields(text)
  return record === undefined ? '' : source.read(record).join('\n')
}

interface Source {
  readonly file: string
  /** Absent where the file is text for people already. */
  readonly read?: (record: Fields) => readonly string[]
}

const sources: Readonly<Record<string, Source>> = {
  promise: {
    file: 'run-summary.json',
    read: ({ entries }) => {
      const { expected, text } = fieldsOf(fieldsOf(listOf(entries).at(-1)).promise)
      if (textOf(expected) === '') return []
      return [`expected <promise>${textOf(expected)}</promise>, the reviewer gave ${textOf(text) || 'none'}`]
    },
  },
  tests: { file: 'test-output.txt' },
  validation: { file: 'validation-output.txt' },
  checklist: { file: 'checklist-remaining.md' },
  prerequisites: {
    file: 'prerequisites-status.json',
    read: ({ failed }) =>
      listOf(failed)
        .map(fieldsOf)
        .map(({ id, reason }) => [textOf(id), textOf(reason)].filter(Boolean).join(': ')),
  },
  evidence: {
    file: 'evidence.json',
    read: ({ artifacts }) =>
      listOf(artifacts)
        .map(fieldsOf)
        .filter(({ exists }) => exists === false)
        .map(({ path }) => `${textOf(path)}: missing`),
  },
  approval: {
    file: 'approval.json',
    read: ({ requested_at, status, decided_by }) => [
      `requested at ${textOf(requested_at)}, ${decided_by ? `${textOf(status)} by ${textOf(decided_by)}` : 'nobody has answered'}`,
    ],
  },
}
