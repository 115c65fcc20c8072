import { describe, expect, it, test } from 'vitest'
import {
  answerCall,
  describeSignature,
  functionTable,
  hostFunctions,
  readClaim,
} from '../../../src/worker/rlm/host-functions.ts'
import type { Json } from '../../../src/worker/rlm/ports.ts'
import type { Step } from '../helpers/closure-sandbox.ts'
import { type Experiment, runLab } from '../helpers/lab.ts'
import { raised, runStep } from '../helpers/one-step.ts'

/** What one call of a host function gives in a step: a value, or the error that code sees raised. */
async function called(experiment: Experiment, name: string, ...args: Json[]) {
  const lab = await runStep(async (step) => {
    try {
      return { value: await step.call(name, ...args) }
    } catch (error) {
      return raised(error)
    }
  }, experiment)
  return { ...lab, seen: lab.end.final }
}

describe('the table of host functions', () => {
  test.each<[signature: string, sandbox: boolean]>([
    ['list_files()', true],
    ['read_file(path, start_line=1, end_line=None)', true],
    ['grep(pattern, path=None, max_matches=80, flags="")', true],
    ['slice_text(text, start=0, end=None)', true],
    ['peek(path, n=400)', true],
    ['chunks(text_or_path, size=20000, overlap=0)', true],
    ['append_highlight(text)', false],
    ['add_citation(path, start_line, end_line, signal="reference", snippet="")', false],
    ['sub_rlm(prompt, depth=1, context=None)', false],
    ['sub_rlm_batch(prompts, context=None, depth=1)', false],
    ['llm_query(prompt)', false],
    ['llm_query_batched(prompts)', false],
    ['rlm_query(prompt, context=None)', false],
    ['rlm_query_batched(prompts, context=None)', false],
    ['budget()', false],
    ['show_vars()', true],
    ['set_final(value)', false],
    ['FINAL_VAR(name)', true],
    ['SUBMIT(value) or SUBMIT(field=value, …)', true],
  ])('has %s', (signature, sandbox) => {
    const row = functionTable.find((spec) => describeSignature(spec, 'python') === signature)
    expect(row).toBeDefined()
    expect(hostFunctions.some(({ name }) => name === row?.name)).toBe(!sandbox)
  })

  it('has every name of the contract, each once', () => {
    const names = functionTable.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    const contract =
      'list_files read_file grep slice_text peek chunks append_highlight add_citation sub_rlm sub_rlm_batch ' +
      'llm_query llm_query_batched budget show_vars set_final FINAL FINAL_VAR SUBMIT rlm_query rlm_query_batched'
    expect(names.toSorted()).toEqual(contract.split(' ').toSorted())
  })

  it('has a help line for each row', () => {
    for (const { help } of functionTable) expect(help).toMatch(/^\S[^\n]*\S$/)
  })

  it('has parameters without a default before those with one', () => {
    for (const { parameters } of functionTable) {
      const optional = parameters.map((parameter) => parameter.default !== undefined)
      expect(optional).toEqual(optional.toSorted())
    }
  })
})

describe('a call', () => {
  const refused = (code: string, message: string) => ({ code, message, swallowable: code === 'code_error' })

  it.each(['nothing', 'list_files', 'toString', 'FINAL_VAR', ''])(
    'of %j is no host function',
    async (name) => {
      const { seen } = await called({}, name)
      expect(seen).toEqual(refused('sandbox_violation', `there is no host function ${JSON.stringify(name)}`))
    },
  )

  it('of an unknown function rejects before there is a run', async () => {
    const nobody = new AbortController().signal
    await expect(answerCall({} as never, 'exec', [], nobody)).rejects.toMatchObject({
      code: 'sandbox_violation',
    })
  })

  test.each<[name: string, args: Json[], message: string]>([
    ['append_highlight', [], 'append_highlight takes a text'],
    ['append_highlight', [5], 'append_highlight takes a text'],
    ['append_highlight', [['a']], 'append_highlight takes a text'],
    ['add_citation', [], 'add_citation takes a path and two line numbers'],
    ['add_citation', ['a.txt'], 'add_citation takes a path and two line numbers'],
    ['add_citation', ['', 1, 1], 'add_citation takes a path and two line numbers'],
    ['add_citation', ['a.txt', '1', 1], 'add_citation takes a path and two line numbers'],
    ['add_citation', ['a.txt', 1.5, 2], 'add_citation takes a path and two line numbers'],
    ['sub_rlm', [], 'the prompt must be a text'],
    ['sub_rlm', [null], 'the prompt must be a text'],
    ['sub_rlm', [['a']], 'the prompt must be a text'],
    ['sub_rlm', ['a', 0], 'depth must be a whole number from 1 up'],
    ['sub_rlm', ['a', 1.5], 'depth must be a whole number from 1 up'],
    ['sub_rlm', ['a', '2'], 'depth must be a whole number from 1 up'],
    ['sub_rlm', ['a', null], 'depth must be a whole number from 1 up'],
    ['sub_rlm_batch', [], 'the prompts must be a list'],
    ['sub_rlm_batch', ['a'], 'the prompts must be a list'],
    ['sub_rlm_batch', [{ prompt: 'a' }], 'the prompts must be a list'],
    ['sub_rlm_batch', [['a', 5]], 'the prompt must be a text'],
    ['sub_rlm_batch', [[{ context: 'a' }]], 'the prompt must be a text'],
    ['sub_rlm_batch', [[['a']]], 'the prompt must be a text'],
    ['sub_rlm_batch', [['a'], null, -1], 'depth must be a whole number from 1 up'],
    ['llm_query', [7], 'the prompt must be a text'],
    ['llm_query_batched', [{}], 'the prompts must be a list'],
    ['rlm_query', [], 'the prompt must be a text'],
    ['rlm_query_batched', ['a'], 'the prompts must be a list'],
  ])('%s%j is refused: %s', async (name, args, message) => {
    const { seen, sub } = await called({}, name, ...args)
    expect(seen).toEqual(refused('code_error', message))
    expect(sub.requests).toEqual([])
  })

  it('of append_highlight keeps the text', async () => {
    const { seen, end } = await called({}, 'append_highlight', '  found it\n')
    expect(seen).toEqual({ value: null })
    expect(end.highlights).toEqual(['found it'])
  })

  it.each<[args: Json[], verified: boolean]>([
    [['a.txt', 2, 2, 'word', 'two'], true],
    [['a.txt', 2], true],
    [['a.txt', 1, 3], true],
    [['a.txt', 2, 2, 'word', 'three'], false],
    [['a.txt', 4, 4], false],
    [['b.txt', 1, 1], false],
  ])('of add_citation%j answers whether it holds', async (args, verified) => {
    const { seen, end } = await called({}, 'add_citation', ...args)
    expect(seen).toEqual({ value: verified })
    expect(end.citations).toMatchObject([{ path: args[0], start_line: args[1], verified }])
  })

  it('of budget answers what is left', async () => {
    const { seen } = await called({ limits: { max_steps: 5, max_subcalls: 9, max_tokens: 5000 } }, 'budget')
    expect(seen).toEqual({
      value: { steps: 4, subcalls: 9, seconds: expect.any(Number), tokens: 4985, usd: null, depth: 2 },
    })
  })

  it.each<[name: string, args: Json[], value: Json, prompts: string[]]>([
    ['sub_rlm', ['a'], 're: a', ['a']],
    ['llm_query', ['a'], 're: a', ['a']],
    ['sub_rlm_batch', [['a', 'b']], ['re: a', 're: b'], ['a', 'b']],
    ['sub_rlm_batch', [[{ prompt: 'a', context: 'c' }, 'b']], ['re: a\n\nc', 're: b'], ['a\n\nc', 'b']],
    [
      'sub_rlm_batch',
      [['a', { prompt: 'b', context: 'own' }], 'all'],
      ['re: a\n\nall', 're: b\n\nown'],
      ['a\n\nall', 'b\n\nown'],
    ],
    ['llm_query_batched', [['a', 'b']], ['re: a', 're: b'], ['a', 'b']],
    ['rlm_query', ['a', 'c'], 're: a\n\nc', ['a\n\nc']],
    ['rlm_query_batched', [['a', 'b'], 'c'], ['re: a\n\nc', 're: b\n\nc'], ['a\n\nc', 'b\n\nc']],
  ])('of %s%j with one level left asks the sub-model', async (name, args, value, prompts) => {
    const { seen, sub } = await called({ limits: { max_depth: 1 } }, name, ...args)
    expect(seen).toEqual({ value })
    expect(sub.requests.map(({ prompt }) => prompt)).toEqual(prompts)
  })

  it.each<[value: Json]>([['text'], [5], [null], [[1, 'a']], [{ a: { b: [] } }], [false]])(
    'of set_final(%j) is the final value',
    async (value) => {
      const only = async (step: Step) => {
        await step.call('set_final', value)
      }
      const { end } = await runLab({ closures: { only }, steps: ['only'] })
      expect(end).toMatchObject({ error: null, final: value })
    },
  )
})

describe('readClaim', () => {
  const base = { path: 'a', startLine: 3, endLine: 3, signal: 'reference', snippet: '' }

  test.each<[title: string, value: unknown, claim: object | undefined]>([
    ['path and line', { path: 'a', start_line: 3 }, base],
    ['a range', { path: 'a', start_line: 3, end_line: 5 }, { ...base, endLine: 5 }],
    [
      'all of it',
      { path: 'a', start_line: 3, end_line: 3, signal: 's', snippet: 't' },
      { ...base, signal: 's', snippet: 't' },
    ],
    ['no last line', { path: 'a', start_line: 3, end_line: null }, base],
    ['a last line that is no number', { path: 'a', start_line: 3, end_line: '5' }, base],
    ['an empty signal', { path: 'a', start_line: 3, signal: '' }, base],
    ['a signal and a snippet that are no texts', { path: 'a', start_line: 3, signal: 1, snippet: {} }, base],
    [
      'a long signal',
      { path: 'a', start_line: 3, signal: 'x'.repeat(100) },
      { ...base, signal: 'x'.repeat(80) },
    ],
    ['more than a claim', { path: 'a', start_line: 3, note: 'x' }, base],
    ['no path', { start_line: 3 }, undefined],
    ['an empty path', { path: '', start_line: 3 }, undefined],
    ['no line', { path: 'a' }, undefined],
    ['half a line', { path: 'a', start_line: 3.5 }, undefined],
    ['a text', 'a:3', undefined],
    ['nothing', null, undefined],
    ['nothing at all', undefined, undefined],
    ['a list', ['a', 3], undefined],
  ])('reads %s', (_title, value, claim) => {
    expect(readClaim(value)).toEqual(claim)
  })
})
