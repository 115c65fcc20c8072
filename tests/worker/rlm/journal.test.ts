import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import {
  type Journal,
  openJournal,
  type RunIdentity,
  sha256,
  usageRecord,
} from '../../../src/worker/rlm/journal.ts'
import { readJournal } from '../helpers/lab.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const identity = { task_sha256: 'task', documents_sha256: 'documents' }
const call = (id: string, reply: string, costUsd: number | null = null) => ({
  type: 'call' as const,
  id,
  purpose: 'sub' as const,
  model: 'm',
  prompt_sha256: 'p',
  prompt_chars: 1,
  reply,
  usage: usageRecord({ inputTokens: 3, outputTokens: 4, costUsd }),
  duration_ms: 5,
})
const step = (run: string, number: number, observation: string) => ({
  type: 'step' as const,
  run,
  step: number,
  observation,
  ok: true,
  duration_ms: 5,
})

/** Opens the journal for as long as `use` takes. */
function withJournal<T>(path: string, resume: boolean, use: (journal: Journal) => T, who = identity): T {
  const journal = openJournal(path, who, resume)
  try {
    return use(journal)
  } finally {
    journal.close()
  }
}
const write = (path: string, ...records: Array<Parameters<Journal['append']>[0]>) =>
  withJournal(path, false, (journal) => {
    for (const record of records) journal.append(record)
  })
const refusal = (path: string, who = identity) => {
  try {
    withJournal(path, true, () => {}, who)
  } catch (error) {
    expect(error).toBeInstanceOf(RlmsError)
    const { code, message, fix } = error as RlmsError
    return { code, message: message.replaceAll(path, 'FILE'), fix }
  }
  return null
}

const journalFile = () => join(temporaryFolder(), 'journal.jsonl')

describe('a journal', () => {
  it('begins with what the run is and keeps its records in order', () => {
    const path = journalFile()
    const records = [call('a', 'one\ntwo \u2028 🙂'), step('r', 1, 'seen'), call('b', '')]
    write(path, ...records)
    const [header, ...rest] = readJournal(path)
    expect(header).toEqual({
      type: 'run',
      schema_version: 1,
      ...identity,
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
    expect(rest).toEqual(records)
  })

  it('is on disk as soon as a record is appended', () => {
    const path = journalFile()
    withJournal(path, false, (journal) => {
      journal.append(call('a', 'reply'))
      expect(readJournal(path).at(-1)).toMatchObject({ id: 'a', reply: 'reply' })
    })
  })

  it('of a new run knows no replies and no observations', () => {
    withJournal(journalFile(), true, (journal) => {
      journal.append(call('a', 'reply'))
      expect(journal.recordedReply('a')).toBeUndefined()
      expect(journal.recordedObservation('r', 1)).toBeUndefined()
    })
  })

  it('of a run that starts anew is kept under another name', () => {
    const path = journalFile()
    write(path, call('first', ''))
    write(path, call('second', ''))
    write(path, call('third', ''))
    const ids = (name: string) => readJournal(join(path, '..', name)).map(({ id }) => id)
    expect(ids('journal.1.jsonl')).toEqual([undefined, 'first'])
    expect(ids('journal.2.jsonl')).toEqual([undefined, 'second'])
    expect(ids('journal.jsonl')).toEqual([undefined, 'third'])
  })
})

describe('a resumed journal', () => {
  it('gives the replies and observations of the earlier part', () => {
    const path = journalFile()
    write(
      path,
      call('a', 'one', 0.5),
      step('r', 1, 'seen'),
      step('r.x.1', 1, 'seen by the child'),
      call('b', ''),
    )
    withJournal(path, true, (journal) => {
      expect(journal.recordedReply('a')).toEqual({
        text: 'one',
        usage: { inputTokens: 3, outputTokens: 4, costUsd: 0.5 },
      })
      expect(journal.recordedReply('b')?.text).toBe('')
      expect(journal.recordedReply('c')).toBeUndefined()
      expect(journal.recordedObservation('r', 1)).toBe('seen')
      expect(journal.recordedObservation('r.x.1', 1)).toBe('seen by the child')
      expect(journal.recordedObservation('r', 2)).toBeUndefined()
    })
  })

  it('goes on in the same file, under one header', () => {
    const path = journalFile()
    write(path, call('a', 'one'))
    withJournal(path, true, (journal) => journal.append(call('b', 'two')))
    expect(readJournal(path).map(({ type, id }) => id ?? type)).toEqual(['run', 'a', 'b'])
    expect(existsSync(join(path, '..', 'journal.1.jsonl'))).toBe(false)
  })

  it('gives no reply of a call that failed', () => {
    const path = journalFile()
    const { id, purpose, model, usage, duration_ms } = call('a', '')
    write(path, { type: 'call_failed', id, purpose, model, usage, duration_ms, error: 'no' })
    withJournal(path, true, (journal) => expect(journal.recordedReply('a')).toBeUndefined())
  })

  test.each<[title: string, content: string]>([
    ['is not there', ''],
    ['is empty', ''],
    ['holds the beginning of its first line', '{"type":"run","schema_ver'],
  ])('that %s begins as a new one', (title, content) => {
    const path = journalFile()
    if (title !== 'is not there') writeFileSync(path, content)
    withJournal(path, true, (journal) => journal.append(call('a', 'one')))
    expect(readJournal(path).map(({ type }) => type)).toEqual(['run', 'call'])
  })

  it('leaves out a last line that was cut, and does not continue it', () => {
    const path = journalFile()
    write(path, call('a', 'one'), call('b', 'two'))
    const whole = readFileSync(path, 'utf8')
    writeFileSync(path, whole.slice(0, -10))
    withJournal(path, true, (journal) => {
      expect(journal.recordedReply('a')?.text).toBe('one')
      expect(journal.recordedReply('b')).toBeUndefined()
      journal.append(call('c', 'three'))
    })
    expect(readJournal(path).map(({ type, id }) => id ?? type)).toEqual(['run', 'a', 'c'])
  })

  it('cut anywhere gives every reply that was written whole', () => {
    const path = journalFile()
    const ids = ['a', 'b', 'c', 'd']
    write(path, ...ids.map((id) => call(id, `${id} 🙂`)))
    const whole = readFileSync(path)
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        writeFileSync(path, whole.subarray(0, length))
        const kept = ids.filter((_, number) => ends[number + 1]! <= length)
        withJournal(path, true, (journal) => {
          expect(ids.filter((id) => journal.recordedReply(id))).toEqual(kept)
        })
      }),
    )
  })
})

describe('a journal is not resumed', () => {
  const fix = 'Start anew without --resume; the old journal is kept under another name.'

  test.each<[what: string, change: Partial<RunIdentity>, changed: string]>([
    ['another task', { task_sha256: 'x' }, 'the task'],
    ['other documents', { documents_sha256: 'x' }, 'the documents'],
    ['code in another language', { language: 'javascript' }, "the sandbox's language"],
    ['both', { task_sha256: 'x', documents_sha256: 'x' }, 'the task and the documents'],
  ])('for %s', (_what, change, changed) => {
    const path = journalFile()
    write(path, call('a', 'one'))
    const before = readFileSync(path)
    expect(refusal(path, { ...identity, ...change })).toEqual({
      code: 'invalid_config',
      message: `cannot resume FILE: ${changed} changed since it was written`,
      fix,
    })
    expect(readFileSync(path)).toEqual(before)
  })

  it('when a line is damaged', () => {
    const path = journalFile()
    write(path, call('a', 'one'))
    appendFileSync(path, '{"type": "call", \n{}\n')
    expect(refusal(path)).toEqual({
      code: 'invalid_config',
      message: expect.stringMatching(/^the journal cannot be read: FILE: .*JSON/),
      fix: 'Start anew without --resume; the damaged journal is kept under another name.',
    })
  })

  it('when no run starts it', () => {
    const path = journalFile()
    writeFileSync(path, `${JSON.stringify(call('a', 'one'))}\n`)
    expect(refusal(path)).toEqual({
      code: 'invalid_config',
      message: 'no run starts the journal FILE',
      fix: 'Start anew without --resume.',
    })
  })

  it.each(['null', '5', '"text"', '[]', '{}', '\0\0\0', 'text'])(
    'when a line is %j instead of a record',
    (line) => {
      const path = journalFile()
      write(path, call('a', 'one'))
      const lines = readFileSync(path, 'utf8').split('\n')
      for (const at of [0, 1]) {
        writeFileSync(path, lines.with(at, line).join('\n'))
        const refused = refusal(path)
        if (at === 0 || refused) expect(refused?.code).toBe('invalid_config')
      }
    },
  )
})

describe('sha256', () => {
  it('is that of the text in UTF-8', () => {
    expect(sha256('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c')
  })
})
