import { describe, expect, it } from 'vitest'
import type { Closure } from '../helpers/closure-sandbox.ts'
import { type Experiment, type LabRun, observation, runLab } from '../helpers/lab.ts'
import { fenced } from '../helpers/memory-model.ts'

const closures: Record<string, Closure> = {
  look: (step) => step.print('seen'),
  finish: async (step) => {
    await step.call('set_final', 'the answer')
  },
}
const replies = (root: readonly string[], change: Experiment = {}) => runLab({ closures, root, ...change })
const codes = (lab: LabRun) => lab.sandboxes[0]?.codes

describe('a reply', () => {
  const correction =
    'Your reply held no fenced code block, and as a whole it is not code. Reply with one fenced code block and nothing else.'

  it('without a fence is run as code', async () => {
    const lab = await replies(['look', 'finish'])
    expect(codes(lab)).toEqual(['look', 'finish'])
    expect(lab.end.error).toBeNull()
  })

  it('of several blocks is run as one code', async () => {
    const lab = await replies(['```python\na\n```\nand\n```python\nb\n```', fenced('finish')], {
      closures: { ...closures, 'a\nb': () => {} },
    })
    expect(codes(lab)).toEqual(['a\nb', 'finish'])
  })

  it('of prose is corrected once, with what the interpreter made of it', async () => {
    const lab = await replies(['I would like to look at the documents.', fenced('finish')])
    expect(lab.end).toMatchObject({ error: null, final: 'the answer' })
    expect(observation(lab, 1)).toBe(
      `Error: ${correction}\nSyntaxError: invalid syntax (line 1)\nVariables are kept.`,
    )
    expect(lab.root.requests[1]?.prompt.split(correction).length).toBe(2)
    expect(lab.end.trace[0]).toMatchObject({ ok: false })
  })

  it('of prose counts as a failed step', async () => {
    const { end } = await replies(['I can not do this.'])
    expect(end.error).toMatchObject({
      code: 'code_error',
      message: `${correction}\nSyntaxError: invalid syntax (line 1) (3 failed steps in a row)`,
    })
  })

  it('with bad syntax in a fence is told of its syntax alone', async () => {
    const lab = await replies([fenced('def'), fenced('finish')])
    expect(observation(lab, 1)).toBe('Error: SyntaxError: invalid syntax (line 1)\nVariables are kept.')
  })

  it.each(['', '  \n', '```python\n```', '```\n\n  \n```', '<think>hm</think>'])(
    'that is empty is told so and runs nothing: %j',
    async (reply) => {
      const lab = await replies([reply, fenced('finish')])
      expect(observation(lab, 1)).toBe(
        'Error: Your reply was empty. Reply with one fenced code block.\nVariables are kept.',
      )
      expect(codes(lab)).toEqual(['finish'])
    },
  )

  it('that is empty again and again ends the run', async () => {
    const { end } = await replies([''])
    expect(end.error).toMatchObject({
      code: 'model_invocation_failed',
      message: 'Your reply was empty. Reply with one fenced code block. (3 failed steps in a row)',
    })
  })
})
