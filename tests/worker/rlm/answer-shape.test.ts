import { describe, expect, it } from 'vitest'
import type { AnswerShape, Json } from '../../../src/worker/rlm/ports.ts'
import type { Closure } from '../helpers/closure-sandbox.ts'
import { observation, runLab } from '../helpers/lab.ts'

const answerShape: AnswerShape = {
  schema: '{"type":"number"}',
  check: (value: Json) => (typeof value === 'number' ? null : 'the value must be number'),
}

describe('a final value that must have a shape', () => {
  const wrong: Closure = async (step) => {
    await step.call('set_final', 'many')
  }
  const right: Closure = async (step) => {
    await step.call('set_final', 42)
  }

  it('goes back to the model that gave another, and ends the run when it fits', async () => {
    const lab = await runLab({ answerShape, closures: { wrong, right }, steps: ['wrong', 'right'] })
    expect(lab.end).toMatchObject({ error: null, final: 42 })
    expect(observation(lab, 1)).toContain('this is no answer: the value must be number')
    expect(lab.root.requests[0]?.prompt).toContain('must match this JSON Schema: {"type":"number"}')
  })

  it('is none where no try fits', async () => {
    const lab = await runLab({
      answerShape,
      closures: { wrong },
      steps: ['wrong'],
      limits: { max_errors: 2 },
    })
    expect(lab.end).toMatchObject({ error: { code: 'code_error' }, final: null })
  })

  it('of a child run has whatever shape its parent likes', async () => {
    const parent: Closure = async (step) => {
      await step.call('set_final', String(await step.call('sub_rlm', 'q', 2)).length)
    }
    const root = ({ purpose }: { purpose: string }) => (purpose === 'root' ? '```python\nparent\n```' : 'x')
    const lab = await runLab({
      answerShape,
      closures: { parent, wrong },
      root,
      sub: () => '```python\nwrong\n```',
    })
    expect(lab.end).toMatchObject({ error: null, final: 4 })
  })
})

describe('a direct answer that must have a shape', () => {
  it.each([
    ['as it is', '42'],
    ['in a fence', '```json\n42\n```'],
  ])('is read %s', async (_, reply) => {
    const lab = await runLab({ autoDepth: true, answerShape, root: [reply] })
    expect(lab.end.final).toBe(42)
    expect(lab.root.requests[0]?.prompt).toContain('{"type":"number"}')
  })

  it('goes back with what is wrong', async () => {
    const lab = await runLab({ autoDepth: true, answerShape, root: ['about forty', '"42"', '42'] })
    expect(lab.end.final).toBe(42)
    expect(lab.root.requests[1]?.prompt).toMatch(/about forty[\s\S]*It is no JSON: /)
    expect(lab.root.requests[2]?.prompt).toContain('the value must be number')
  })
})
