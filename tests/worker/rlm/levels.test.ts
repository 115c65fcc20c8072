import { describe, expect, it, test } from 'vitest'
import { type Json, ModelFailure } from '../../../src/worker/rlm/ports.ts'
import type { Closure } from '../helpers/closure-sandbox.ts'
import type { Experiment } from '../helpers/lab.ts'
import { fenced } from '../helpers/memory-model.ts'
import { raised, runStep } from '../helpers/one-step.ts'

/** A sub-model that drives children with the closure `child` and answers plain questions. */
const driver = ({ purpose, prompt }: { purpose: string; prompt: string }) =>
  purpose === 'root' ? fenced('child') : `re: ${prompt}`
const withChild = (child: Closure, experiment: Experiment = {}): Experiment => ({
  sub: driver,
  ...experiment,
  closures: { child, ...experiment.closures },
})
const answers =
  (value: Json): Closure =>
  async (step) => {
    await step.call('set_final', value)
  }
const depthExceeded = (asked: number, left: string, allowed: number) => ({
  code: 'limit_exceeded',
  message: `depth exceeded: ${asked} asked for, ${left} of ${allowed} (--max-depth)`,
  swallowable: false,
})

describe('levels of models', () => {
  test.each<[maxDepth: number, depth: number, left: string]>([
    [0, 1, '0 levels are left'],
    [0, 2, '0 levels are left'],
    [1, 2, '1 level is left'],
    [2, 3, '2 levels are left'],
    [3, 99, '3 levels are left'],
  ])('of %i allow no sub-call of depth %i', async (max_depth, depth, left) => {
    const { end, sub } = await runStep((step) => step.call('sub_rlm', 'why?', depth).catch(raised), {
      limits: { max_depth },
    })
    expect(end.final).toEqual(depthExceeded(depth, left, max_depth))
    expect(sub.requests).toEqual([])
    expect(end.spent).toMatchObject({ subcalls: 0, depthReached: 0 })
  })

  test.each([
    [1, 1],
    [2, 1],
    [2, 2],
    [3, 3],
  ])('of %i allow a sub-call of depth %i', async (max_depth, depth) => {
    const experiment = withChild(answers('from the child'), { limits: { max_depth } })
    const { end } = await runStep((step) => step.call('sub_rlm', 'why?', depth), experiment)
    expect(end.final).toBe(depth === 1 ? 're: why?' : 'from the child')
  })

  it('go down by one with each child, whatever the tree would allow', async () => {
    const seen: Json[] = []
    const child: Closure = async (step) => {
      const { depth } = (await step.call('budget')) as { depth: number }
      seen.push([depth, await step.call('sub_rlm', 'too deep', depth + 1).catch(raised)])
      await step.call('set_final', depth === 0 ? 'bottom' : await step.call('sub_rlm', 'down', depth))
    }
    const { end, sub } = await runStep(
      (step) => step.call('sub_rlm', 'start', 3),
      withChild(child, { limits: { max_depth: 4 } }),
    )
    expect(seen).toEqual([
      [2, depthExceeded(3, '2 levels are left', 4)],
      [1, depthExceeded(2, '1 level is left', 4)],
    ])
    // a question of depth 1 is one call, no run
    expect(end.final).toBe('re: down')
    expect(end.spent.depthReached).toBe(3)
    expect(sub.requests.map(({ purpose }) => purpose)).toEqual(['root', 'root', 'sub'])
  })

  it('that are refused in a batch refuse it whole', async () => {
    const { end, sub } = await runStep(
      (step) => step.call('sub_rlm_batch', ['a', { prompt: 'b', depth: 3 }]).catch(raised),
      { limits: { max_depth: 2 } },
    )
    expect(end.final).toEqual(depthExceeded(3, '2 levels are left', 2))
    expect(sub.requests).toEqual([])
  })

  test.each<[maxDepth: number, value: string]>([
    [1, 're: why?'],
    [2, 'child with 1 below'],
    [3, 'child with 2 below'],
  ])('of %i are all given to rlm_query', async (max_depth, value) => {
    const child: Closure = async (step) => {
      const { depth } = (await step.call('budget')) as { depth: number }
      await step.call('set_final', `child with ${depth} below`)
    }
    const experiment = withChild(child, { limits: { max_depth } })
    const { end } = await runStep(
      async (step) => [await step.call('rlm_query', 'why?'), await step.call('rlm_query_batched', ['why?'])],
      experiment,
    )
    expect(end.final).toEqual([value, [value]])
  })
})

describe('a child run', () => {
  it('is driven by the sub-model, over its question, and its answer comes back as a value', async () => {
    const value = { found: [1, 'two', null], more: { ok: true } }
    const { end, sub, root, sandboxes } = await runStep(
      (step) => step.call('sub_rlm', 'the question', 2),
      withChild(answers(value)),
    )
    expect(end.final).toEqual(value)
    expect(root.requests.length).toBe(1)
    expect(sub.requests).toMatchObject([{ purpose: 'root', task: 'the question', sequence: 0 }])
    expect(sub.requests[0]?.prompt).toContain('\n## Task\nthe question\n')
    expect(sandboxes.map(({ closed }) => closed)).toEqual([true, true])
  })

  it('has variables of its own', async () => {
    const child: Closure = async (step) => {
      await step.call('set_final', [...step.variables.keys()])
    }
    const { end } = await runStep(async (step) => {
      step.variables.set('mine', 1)
      return step.call('sub_rlm', 'q', 2)
    }, withChild(child))
    expect(end.final).toEqual([])
  })

  it('draws on the same ledger', async () => {
    const child: Closure = async (step) => {
      await step.call('sub_rlm_batch', ['a', 'b'])
      await step.call('set_final', await step.call('budget'))
    }
    const { end } = await runStep(
      (step) => step.call('sub_rlm', 'q', 2),
      withChild(child, { limits: { max_steps: 10, max_subcalls: 10 } }),
    )
    expect(end.final).toMatchObject({ steps: 8, subcalls: 7, depth: 1 })
    expect(end.spent).toMatchObject({ steps: 2, subcalls: 3, depthReached: 2 })
  })

  it('is in the same journal and in the trace', async () => {
    const { journal, end } = await runStep((step) => step.call('sub_rlm', 'q', 2), withChild(answers('x')))
    const steps = journal.filter(({ type }) => type === 'step').map(({ run }) => run)
    expect(steps).toEqual([expect.stringMatching(/^r\.[0-9a-f]{16}\.1$/), 'r'])
    expect(end.trace.map(({ run }) => run)).toEqual(steps)
  })

  it('that ends with an error raises it in the code of its parent', async () => {
    const child: Closure = () => {
      throw new Error('ValueError: no')
    }
    const { end } = await runStep((step) => step.call('sub_rlm', 'q', 2).catch(raised), withChild(child))
    expect(end.final).toEqual({
      code: 'code_error',
      message: 'ValueError: no (3 failed steps in a row)',
      swallowable: true,
    })
  })

  it('that uses up the budget raises a limit, which code cannot catch', async () => {
    const { end } = await runStep(
      (step) => step.call('sub_rlm', 'q', 2).catch(raised),
      withChild(() => {}, { limits: { max_steps: 4 } }),
    )
    expect(end.final).toEqual({
      code: 'limit_exceeded',
      message: 'step limit exceeded: 4 allowed',
      swallowable: false,
    })
  })

  it('whose model is away is a value in its slot of a batch', async () => {
    const sub = ({ prompt }: { prompt: string }) =>
      prompt.includes('bad') ? new ModelFailure('away') : fenced('child')
    const { end } = await runStep(
      (step) => step.call('sub_rlm_batch', ['a', 'bad'], null, 2),
      withChild(answers('x'), { sub }),
    )
    expect(end.final).toEqual(['x', { error: 'away', error_code: 'model_invocation_failed' }])
  })

  it('that broke a rule of the sandbox is an error that its parent may catch', async () => {
    const child: Closure = (step) =>
      step.endAs({
        error: { code: 'sandbox_violation', message: 'no import of os', line: 1, stateLost: false },
      })
    const { end } = await runStep((step) => step.call('sub_rlm', 'q', 2).catch(raised), withChild(child))
    expect(end.final).toMatchObject({ code: 'code_error', swallowable: true })
  })
})

describe('child runs at once', () => {
  test.each([1, 2, 5])('are at most %i', async (concurrency) => {
    let alive = 0
    let most = 0
    const child: Closure = async (step) => {
      most = Math.max(most, ++alive)
      await step.call('set_final', await step.call('sub_rlm', 'inner'))
      alive--
    }
    const experiment = withChild(child, { limits: { concurrency } })
    await runStep((step) => step.call('sub_rlm_batch', ['a', 'b', 'c', 'd', 'e', 'f'], null, 2), experiment)
    expect(most).toBe(concurrency)
  })

  it('of nested batches do not wait for each other, even one at a time', async () => {
    const child: Closure = async (step) => {
      const { depth } = (await step.call('budget')) as { depth: number }
      await step.call('set_final', await step.call('sub_rlm_batch', ['x', 'y'], null, depth))
    }
    const limits = { concurrency: 1, max_depth: 3 }
    const { end } = await runStep(
      (step) => step.call('sub_rlm_batch', ['a', 'b'], null, 3),
      withChild(child, { limits }),
    )
    expect(end.final).toEqual(Array(2).fill(Array(2).fill(['re: x', 're: y'])))
  })

  it('keep their place free for the next when their context was of no use', async () => {
    const limits = { concurrency: 1, timeout_seconds: 3 }
    const { end } = await runStep(
      async (step) => [
        await step.call('sub_rlm', 'a', 2, 5).catch(raised),
        await step.call('sub_rlm', 'b', 2, []).catch(raised),
        await step.call('sub_rlm', 'c', 2),
      ],
      withChild(answers('x'), { limits }),
    )
    expect(end.error?.message).toBeUndefined()
    expect(end.final).toMatchObject([{ code: 'code_error' }, { code: 'code_error' }, 'x'])
  })

  it('have the documents of the run where they were given no context', async () => {
    const documents = { 'a.txt': 'a', 'b.txt': 'b' }
    const { sandboxes } = await runStep(
      (step) => step.call('sub_rlm', 'a', 2),
      withChild(answers('x'), { documents }),
    )
    expect(sandboxes.map((sandbox) => sandbox.documents)).toEqual([
      ['a.txt', 'b.txt'],
      ['a.txt', 'b.txt'],
    ])
  })
})
