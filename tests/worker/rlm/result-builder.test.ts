import { describe, expect, it, test } from 'vitest'
import { errorTable, RlmsError } from '../../../src/worker/contract/errors.ts'
import { resultSchema } from '../../../src/worker/contract/result.ts'
import { buildFailure } from '../../../src/worker/rlm/result-builder.ts'
import type { TreeEnd } from '../../../src/worker/rlm/run-tree.ts'
import type { Closure } from '../helpers/closure-sandbox.ts'
import { build, citation, contents, occasion, treeEnd } from '../helpers/endings.ts'
import { limits, runLab } from '../helpers/lab.ts'

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('the result of a run', () => {
  it('has every field that its readers expect', () => {
    const entry = { run: 'r', step: 1, ok: true, duration_ms: 5, code_preview: 'x', output_preview: 'y' }
    expect(build({ trace: [entry], citations: [citation()] })).toEqual({
      schema_version: 1,
      ok: true,
      partial: false,
      generated_at: expect.stringMatching(isoTime),
      loop_id: 'loop-1',
      role: 'reviewer',
      iteration: 3,
      format: 'json',
      task: 'Find it.',
      limits,
      stats: {
        file_count: 3,
        line_count: 6,
        char_count: 35,
        estimated_tokens: 9,
        skipped: { missing: 2, binary: 1 },
        step_count: 4,
        subcall_count: 5,
        depth_reached: 2,
        elapsed_seconds: 1.235,
      },
      usage: { input_tokens: 100, output_tokens: 20, cost_usd: 0.5 },
      signals: { class: 0, function: 1, heading: 1, test: 0, todo: 0, error: 0 },
      sandbox: { backend: 'python', language: true, process: true, kernel: true },
      highlights: ['found'],
      citations: [citation()],
      files: [
        { path: 'a.md', line_count: 2, char_count: 13 },
        { path: 'b.py', line_count: 4, char_count: 22 },
        { path: 'empty.txt', line_count: 0, char_count: 0 },
      ],
      trace: [entry],
      final: 'the answer',
      metadata: { from: 'host' },
    })
  })

  it('begins with its schema version', () => {
    expect(Object.keys(build())[0]).toBe('schema_version')
  })

  it.each([null, 5, ['a'], { a: { b: 1 } }, 'text'])('has the final value as it was given: %j', (final) => {
    expect(build({ final }).final).toEqual(final)
  })

  it('tells no price where none was told', () => {
    const spent = { ...treeEnd().spent, costUsd: null }
    expect(build({ spent }).usage.cost_usd).toBeNull()
  })

  it('of no documents counts none', () => {
    expect(build({}, {}, {})).toMatchObject({
      ok: true,
      citations: [],
      files: [],
      stats: { file_count: 0, line_count: 0, char_count: 0, estimated_tokens: 0 },
    })
  })

  it('without a sandbox says that no layer held', () => {
    expect(build({ sandbox: null }).sandbox).toEqual({
      backend: 'none',
      language: false,
      process: false,
      kernel: false,
    })
  })

  it('keeps the last 200 steps of a longer trace', () => {
    const trace = Array.from({ length: 250 }, (_, at) => ({
      run: 'r',
      step: at + 1,
      ok: true,
      duration_ms: 0,
      code_preview: '',
      output_preview: '',
    }))
    const kept = build({ trace }).trace.map(({ step }) => step)
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([200, 51, 250])
  })

  it('of a real run fits the schema', async () => {
    const lab = await runLab({
      documents: contents,
      steps: ['look', 'fail', 'finish'],
      closures: {
        look: (step) => step.print('seen'),
        fail: () => {
          throw new Error('ValueError: no')
        },
        finish: async (step) => {
          await step.call('add_citation', 'a.md', 1, 1)
          await step.call('add_citation', 'nowhere', 7, 9)
          await step.call('set_final', { ok: 1 })
        },
      },
    })
    const result = build(lab.end)
    expect(result).toMatchObject({ ok: true, stats: { step_count: 3 }, trace: [{}, { ok: false }, {}] })
    expect(result.citations.map(({ verified }) => verified)).toEqual([true, false])
  })
})

describe('what model code claims', () => {
  it.each<[start: number, end: number]>([
    [-3, 2],
    [0, -1],
    [2 ** 60, 2 ** 60],
    [1e300, 1e300],
  ])('fits the schema, also lines that no document can have: %d to %d', async (start, end) => {
    const finish: Closure = async (step) => {
      await step.call('add_citation', 'a.txt', start, end).catch(() => {})
      await step.call('set_final', { citations: [{ path: 'a.txt', start_line: start, end_line: end }] })
    }
    const lab = await runLab({ closures: { finish }, steps: ['finish'] })
    const { citations } = build(lab.end)
    expect(citations.filter(({ verified }) => verified)).toEqual([])
  })
})

describe('texts that are cut for the result', () => {
  it('are whole characters', async () => {
    const text = `x${'🙂'.repeat(2000)}`
    const print: Closure = (step) => step.print(text)
    const finish: Closure = async (step) => {
      await step.call('append_highlight', text)
      await step.call('add_citation', 'a', 1, 1)
      await step.call('set_final', null)
    }
    const { end } = await runLab({
      documents: { a: `${text}\n` },
      closures: { [text]: print, finish },
      steps: [text, 'finish'],
    })
    const [step] = end.trace
    const texts = {
      code: step?.code_preview,
      output: step?.output_preview,
      highlight: end.highlights[0],
      snippet: end.citations[0]?.snippet,
    }
    for (const [name, cut = ''] of Object.entries(texts)) {
      expect(cut.length, name).toBeLessThan(text.length)
      expect(cut, name).not.toMatch(/\p{Surrogate}/u)
    }
  })
})

describe('the result of a run that failed', () => {
  const error = new RlmsError('limit_exceeded', 'step limit exceeded: 4 allowed', 'Raise --max-steps.')

  it('has the error with its code and its fix', () => {
    expect(build({ error })).toMatchObject({
      ok: false,
      error: 'step limit exceeded: 4 allowed',
      error_code: 'limit_exceeded',
      error_fix: 'Raise --max-steps.',
    })
  })

  it('has no error fields when it did not fail', () => {
    const fields = Object.keys(build())
    for (const name of ['error', 'error_code', 'error_fix']) expect(fields).not.toContain(name)
  })

  test.each<[title: string, end: Partial<TreeEnd>, partial: boolean]>([
    ['a final value', { error, final: 'draft', highlights: [] }, true],
    ['highlights', { error, final: null }, true],
    ['a citation', { error, final: null, highlights: [], citations: [citation({ verified: false })] }, true],
    ['nothing', { error, final: null, highlights: [] }, false],
    ['no error', {}, false],
  ])('is partial as far as there is something: %s', (_title, end, partial) => {
    expect(build(end).partial).toBe(partial)
  })

  it.each(Object.keys(errorTable) as Array<keyof typeof errorTable>)('may be %s', (code) => {
    expect(build({ error: new RlmsError(code, 'why') })).toMatchObject({
      error_code: code,
      error_fix: errorTable[code].fix,
    })
  })
})

describe('the result of a run that failed before it had documents', () => {
  const failure = (cause: unknown) =>
    resultSchema.parse(JSON.parse(JSON.stringify(buildFailure(occasion(), cause))))

  it('says who asked for what, and why there is nothing', () => {
    expect(failure(new RlmsError('missing_root_command', 'no root command is given'))).toMatchObject({
      ok: false,
      partial: false,
      loop_id: 'loop-1',
      role: 'reviewer',
      iteration: 3,
      task: 'Find it.',
      limits,
      metadata: { from: 'host' },
      final: null,
      highlights: [],
      citations: [],
      sandbox: { backend: 'none', language: false, process: false, kernel: false },
      stats: { file_count: 0, step_count: 0, skipped: { missing: 2, binary: 1 } },
      error: 'no root command is given',
      error_code: 'missing_root_command',
      error_fix: errorTable.missing_root_command.fix,
    })
  })

  test.each<[title: string, cause: unknown, code: string, message: string]>([
    ['a defect', new TypeError('x is undefined'), 'worker_failure', 'x is undefined'],
    ['a thrown text', 'why', 'worker_failure', 'why'],
    [
      'a full disk',
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
      'worker_failure',
      'the disk is full: ENOSPC: no space left on device, write',
    ],
  ])('tells of %s', (_title, cause, error_code, error) => {
    expect(failure(cause)).toMatchObject({ error_code, error })
  })
})
