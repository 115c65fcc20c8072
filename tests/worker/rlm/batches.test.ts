import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import type { Closure } from '../helpers/closure-sandbox.ts'
import { fenced, memoryModel } from '../helpers/memory-model.ts'
import { failFor, raised, runStep } from '../helpers/one-step.ts'

describe('a batch', () => {
  it('answers in the order of its questions, whichever is answered first', async () => {
    const waiting: Array<() => void> = []
    const sub = memoryModel(({ prompt }) => {
      // the first question is answered last
      const reply = new Promise<string>((resolve) => waiting.push(() => resolve(`re: ${prompt}`)))
      if (waiting.length === 5) for (const answer of waiting.toReversed()) answer()
      return reply
    })
    const { end } = await runStep((step) => step.call('sub_rlm_batch', ['a', 'b', 'c', 'd', 'e']), { sub })
    expect(end.final).toEqual(['re: a', 're: b', 're: c', 're: d', 're: e'])
  })

  it('has an error value in the place of a question that fails', async () => {
    const { end } = await runStep((step) => step.call('sub_rlm_batch', ['a', 'bad', 'c']), {
      sub: failFor('bad'),
    })
    expect(end.final).toEqual([
      're: a',
      { error: 'the model is away', error_code: 'model_invocation_failed' },
      're: c',
    ])
    expect(end.error).toBeNull()
  })

  it.each(['sub_rlm_batch', 'llm_query_batched', 'rlm_query_batched'])(
    'of nothing is nothing: %s',
    async (name) => {
      const { end, sub } = await runStep((step) => step.call(name, []), { limits: { max_subcalls: 0 } })
      expect(end.final).toEqual([])
      expect(sub.requests).toEqual([])
    },
  )

  it('that the sub-calls left cannot hold is refused whole, with what is left', async () => {
    const { end, sub } = await runStep(
      async (step) => {
        const refused = await step.call('sub_rlm_batch', ['a', 'b', 'c', 'd']).catch(raised)
        return [refused, await step.call('sub_rlm_batch', ['a', 'b', 'c'])]
      },
      { limits: { max_subcalls: 3 } },
    )
    expect(end.final).toEqual([
      {
        code: 'limit_exceeded',
        message: 'subcall limit exceeded: 3 allowed, this batch needs 4 and 3 are left',
        swallowable: false,
      },
      ['re: a', 're: b', 're: c'],
    ])
    expect(sub.requests.length).toBe(3)
  })

  it('that the tokens left cannot hold is refused whole', async () => {
    const { end, sub } = await runStep((step) => step.call('sub_rlm_batch', ['a', 'b', 'c']).catch(raised), {
      limits: { max_tokens: 2500 },
    })
    expect(end.final).toMatchObject({ code: 'limit_exceeded', swallowable: false })
    expect(sub.requests).toEqual([])
  })

  it('that the tokens left can hold is asked', async () => {
    // about 2,000 tokens each: 20,000 in all
    const prompts = Array.from({ length: 10 }, (_, at) => `${at}`.repeat(4000))
    const { end, sub } = await runStep((step) => step.call('sub_rlm_batch', prompts).catch(raised), {
      limits: { max_tokens: 40_000 },
      sub: ['yes'],
    })
    expect(end.final).toEqual(prompts.map(() => 'yes'))
    expect(sub.requests.length).toBe(10)
  })

  it('of many questions leaves no warning of the platform behind', async () => {
    const warnings: string[] = []
    const note = (warning: Error) => void warnings.push(warning.message)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    await runStep((step) => step.call('sub_rlm_batch', Array(40).fill('a')))
    await nextTurn()
    expect(warnings).toEqual([])
  })

  test.each([1, 3, 8])('asks %i at once and no more', async (concurrency) => {
    const prompts = Array.from({ length: 20 }, (_, at) => `${at}`)
    const { sub, end } = await runStep((step) => step.call('sub_rlm_batch', prompts), {
      limits: { concurrency },
    })
    expect(sub.mostInFlight).toBe(concurrency)
    expect(end.spent.subcalls).toBe(20)
  })

  it('in each of several child runs shares the places with the others', async () => {
    const child: Closure = async (step) => {
      await step.call('set_final', await step.call('sub_rlm_batch', ['a', 'b', 'c', 'd']))
    }
    const sub = memoryModel(({ purpose }) => (purpose === 'root' ? fenced('child') : 'x'))
    const limits = { concurrency: 3, max_subcalls: 100 }
    const experiment = { limits, sub, closures: { child } }
    await runStep((step) => step.call('sub_rlm_batch', ['1', '2', '3', '4', '5'], null, 2), experiment)
    expect(sub.requests.length).toBe(25)
    expect(sub.mostInFlight).toBe(3)
  })

  it('of any questions has for each its reply or its error, in order', async () => {
    const prompts = fc.array(fc.constantFrom('a', 'b', 'bad', ''), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(prompts, fc.integer({ min: 1, max: 4 }), async (list, concurrency) => {
        const { end, sub } = await runStep((step) => step.call('sub_rlm_batch', list), {
          limits: { concurrency },
          sub: failFor('bad'),
        })
        const error = { error: 'the model is away', error_code: 'model_invocation_failed' }
        expect(end.final).toEqual(list.map((prompt) => (prompt === 'bad' ? error : `re: ${prompt}`)))
        expect(sub.mostInFlight).toBe(Math.min(concurrency, list.length))
      }),
      { numRuns: 40 },
    )
  })
})
