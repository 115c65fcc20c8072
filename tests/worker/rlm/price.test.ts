import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Limits } from '../../../src/worker/contract/result.ts'
import { type Json, ModelFailure, type ModelRequest } from '../../../src/worker/rlm/ports.ts'
import type { Closure } from '../helpers/closure-sandbox.ts'
import { type LabRun, runLab } from '../helpers/lab.ts'
import { fenced, memoryModel } from '../helpers/memory-model.ts'
import { raised, runStep } from '../helpers/one-step.ts'

const many = (count: number): Json => Array.from({ length: count }, (_, at) => `question ${at}`)
const calls = (lab: LabRun) => lab.root.requests.length + lab.sub.requests.length
const penny = (usd: number | null) => ({ inputTokens: 1, outputTokens: 1, costUsd: usd })

describe('while a price is capped but unknown', () => {
  const limits: Partial<Limits> = { max_usd: 100, concurrency: 4 }

  it('one call goes at a time, until a reply tells its price', async () => {
    const inFlight: number[] = []
    const sub = memoryModel(() => {
      inFlight.push(sub.inFlight)
      return { text: 'x', usage: penny(inFlight.length < 3 ? null : 0.01) }
    })
    await runStep((step) => step.call('sub_rlm_batch', many(10)), { limits, sub })
    expect(inFlight.slice(0, 3)).toEqual([1, 1, 1])
    expect(sub.mostInFlight).toBe(4)
  })

  it('one call goes at a time for ever where no reply tells it', async () => {
    const { sub, end } = await runStep((step) => step.call('sub_rlm_batch', many(10)), { limits })
    expect(sub.mostInFlight).toBe(1)
    expect(end.final).toHaveLength(10)
  })

  it('one call goes at a time over child runs as well', async () => {
    const child: Closure = async (step) => {
      await step.call('set_final', await step.call('sub_rlm', 'inner'))
    }
    const sub = memoryModel(({ purpose }) => (purpose === 'root' ? fenced('child') : 'x'))
    await runStep((step) => step.call('sub_rlm_batch', many(5), null, 2), {
      limits,
      sub,
      closures: { child },
    })
    expect(sub.requests.length).toBe(10)
    expect(sub.mostInFlight).toBe(1)
  })

  it('a failed call that told no price leaves the next one alone too', async () => {
    const inFlight: number[] = []
    const sub = memoryModel(({ prompt }) => {
      inFlight.push(sub.inFlight)
      if (prompt === 'question 0') return new ModelFailure('away')
      return { text: 'x', usage: penny(0.01) }
    })
    await runStep((step) => step.call('sub_rlm_batch', many(6)), { limits, sub })
    expect(inFlight.slice(0, 2)).toEqual([1, 1])
    expect(sub.mostInFlight).toBe(4)
  })

  it('calls go side by side where the root model has told its price', async () => {
    const { sub } = await runStep((step) => step.call('sub_rlm_batch', many(10)), {
      limits,
      root: memoryModel([fenced('only')], 0.01),
    })
    expect(sub.mostInFlight).toBe(4)
  })

  it('calls go side by side where no price is capped', async () => {
    const { sub } = await runStep((step) => step.call('sub_rlm_batch', many(10)), {
      limits: { concurrency: 4 },
    })
    expect(sub.mostInFlight).toBe(4)
  })
})

describe('with one cent a call and a cap of five cents', () => {
  const limits = { max_usd: 0.05, max_steps: 50, max_subcalls: 100, max_depth: 3, max_errors: 50 }
  const refusal = 'cost limit exceeded: $0.0500 spent and about $0.0100 more needed, $0.0500 allowed'

  it('a sixth call is never made by single questions', async () => {
    const lab = await runStep(
      async (step) => {
        const answers: Json[] = []
        for (let at = 0; at < 10; at++) answers.push(await step.call('sub_rlm', `${at}`).catch(raised))
        return answers
      },
      { limits, root: memoryModel([fenced('only')], 0.01), sub: memoryModel(['x'], 0.01) },
    )
    expect(calls(lab)).toBe(5)
    expect(lab.end.final).toEqual([
      ...Array(4).fill('x'),
      ...Array(6).fill({ code: 'limit_exceeded', message: refusal, swallowable: false }),
    ])
    expect(lab.end.spent.costUsd).toBeCloseTo(0.05, 10)
  })

  it('a batch above it is refused whole', async () => {
    const lab = await runStep(
      async (step) => [
        await step.call('sub_rlm_batch', many(5)).catch(raised),
        await step.call('sub_rlm_batch', many(4)),
      ],
      { limits, root: memoryModel([fenced('only')], 0.01), sub: memoryModel(['x'], 0.01) },
    )
    expect(lab.end.final).toEqual([
      {
        code: 'limit_exceeded',
        message: 'cost limit exceeded: $0.0100 spent and about $0.0500 more needed, $0.0500 allowed',
        swallowable: false,
      },
      ['x', 'x', 'x', 'x'],
    ])
    expect(calls(lab)).toBe(5)
  })

  it('a batch that began before the price was known has errors behind the fifth answer', async () => {
    const lab = await runStep((step) => step.call('sub_rlm_batch', many(9)), {
      limits: { ...limits, concurrency: 3 },
      sub: memoryModel(['x'], 0.01),
    })
    expect(lab.sub.requests.length).toBe(5)
    const slots = lab.end.final as Json[]
    expect(slots.slice(0, 5)).toEqual(Array(5).fill('x'))
    const refused = { error: expect.stringMatching(/^cost limit exceeded: /), error_code: 'limit_exceeded' }
    expect(slots.slice(5)).toEqual(Array(4).fill(refused))
  })

  it('the root model is not asked again behind it, and the run ends with what it has', async () => {
    const again: Closure = async (step) => {
      await step.call('append_highlight', 'found')
    }
    const lab = await runLab({ limits, closures: { again }, root: memoryModel([fenced('again')], 0.01) })
    expect(lab.root.requests.length).toBe(5)
    expect(lab.end.error).toMatchObject({ code: 'limit_exceeded', message: refusal })
    expect(lab.end.highlights).toEqual(['found'])
  })

  it('a sixth call is never made by any program of questions, batches and children', async () => {
    const action = fc.oneof(
      fc.record({
        name: fc.constant('sub_rlm'),
        args: fc.tuple(fc.constant('q'), fc.integer({ min: 1, max: 3 })),
      }),
      fc.record({
        name: fc.constant('sub_rlm_batch'),
        args: fc.tuple(
          fc.integer({ min: 0, max: 6 }).map(many),
          fc.constant(null),
          fc.integer({ min: 1, max: 3 }),
        ),
      }),
    )
    const program = fc.record({
      actions: fc.array(action, { minLength: 1, maxLength: 5 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      rootTells: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(program, async ({ actions, concurrency, rootTells }) => {
        const act: Closure = async (step) => {
          for (const { name, args } of actions) await step.call(name, ...(args as Json[])).catch(() => {})
        }
        const root = memoryModel([fenced('act')], rootTells ? 0.01 : null)
        const reply = ({ purpose }: ModelRequest) => (purpose === 'root' ? fenced('act') : 'x')
        const lab = await runLab({
          limits: { ...limits, concurrency },
          closures: { act },
          root,
          sub: memoryModel(reply, 0.01),
        })
        const paid = lab.sub.requests.length + (rootTells ? lab.root.requests.length : 0)
        expect(paid).toBeLessThanOrEqual(5)
        expect(lab.end.spent.costUsd ?? 0).toBeCloseTo(paid * 0.01, 10)
      }),
      { numRuns: 60 },
    )
  })
})
