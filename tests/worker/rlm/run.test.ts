import { describe, expect, it, test } from 'vitest'
import type { CodeError } from '../../../src/worker/rlm/ports.ts'
import type { Closure } from '../helpers/closure-sandbox.ts'
import { type Experiment, type LabRun, observation, runLab } from '../helpers/lab.ts'
import { fenced } from '../helpers/memory-model.ts'

const answer =
  (value: string): Closure =>
  async (step) => {
    await step.call('set_final', value)
  }
const failing: Closure = () => {
  throw new Error('NameError: x is not defined (line 1: x)')
}
const closures: Record<string, Closure> = {
  look: (step) => step.print('seen'),
  finish: answer('the answer'),
  failing,
  'final then fail': async (step) => {
    await step.call('set_final', 'too early')
    throw new Error('ValueError: no')
  },
}
const run = (steps: readonly string[], change: Experiment = {}) =>
  runLab({ ...change, steps, closures: { ...closures, ...change.closures } })
const replies = (root: readonly string[], change: Experiment = {}) => runLab({ closures, root, ...change })
const codes = (lab: LabRun) => lab.sandboxes[0]?.codes

describe('a run', () => {
  it('goes on step by step until its code gives the final value', async () => {
    const lab = await run(['look', 'look', 'finish'])
    expect(lab.end).toMatchObject({ error: null, final: 'the answer', spent: { steps: 3 } })
    expect(codes(lab)).toEqual(['look', 'look', 'finish'])
    expect(lab.root.requests.map(({ sequence, purpose }) => [sequence, purpose])).toEqual([
      [0, 'root'],
      [1, 'root'],
      [2, 'root'],
    ])
  })

  it('shows its model what the code printed, and the code', async () => {
    const lab = await run(['look', 'finish'])
    expect(lab.root.requests[1]?.prompt).toContain(
      '\n## Step 1\n```python\nlook\n```\n<observation step="1">\nOutput (5 characters):\nseen\n</observation>\n',
    )
  })

  it('tells what happens, in order', async () => {
    const { events } = await run(['look', 'finish'])
    expect(events.map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type))).toEqual([
      'run_start',
      ...['step_start 1', 'call_start', 'call_end', 'code 1', 'step_end 1'],
      ...['step_start 2', 'call_start', 'call_end', 'code 2', 'step_end 2'],
      'run_end',
    ])
    expect(events[0]).toEqual({ type: 'run_start', run: 'r', depth: 0, task: 'What is asked?', documents: 1 })
    expect(events[5]).toEqual({
      type: 'step_end',
      run: 'r',
      step: 1,
      ok: true,
      output: 'Output (5 characters):\nseen',
      error: null,
    })
    expect(events.at(-1)).toEqual({ type: 'run_end', run: 'r', ok: true })
  })

  it('is written down: every call and every step, and how it ended', async () => {
    const { journal } = await run(['look', 'finish'])
    expect(journal.map(({ type }) => type)).toEqual(['run', 'call', 'step', 'call', 'step', 'end'])
    expect(journal[2]).toMatchObject({
      run: 'r',
      step: 1,
      ok: true,
      observation: 'Output (5 characters):\nseen',
    })
    expect(journal.at(-1)).toEqual({ type: 'end', ok: true, error_code: null })
  })

  it('never has the documents in a prompt or in its journal', async () => {
    const documents = { 'a.txt': 'the secret of the document\n' }
    const lab = await run(['look', 'finish'], { documents })
    for (const { prompt } of lab.root.requests) expect(prompt).not.toContain('secret')
    expect(JSON.stringify(lab.journal)).not.toContain('secret')
  })

  it('keeps a trace of its steps', async () => {
    const { end } = await run(['look', 'failing', 'finish'])
    expect(end.trace).toMatchObject([
      { run: 'r', step: 1, ok: true, code_preview: 'look', output_preview: 'seen' },
      {
        step: 2,
        ok: false,
        code_preview: 'failing',
        output_preview: '',
        error: expect.stringMatching(/^NameError/),
      },
      { step: 3, ok: true, code_preview: 'finish' },
    ])
    expect(end.trace[0]).not.toHaveProperty('error')
  })

  it('ends at the step limit', async () => {
    const { end, root } = await run(['look'], { limits: { max_steps: 4 } })
    expect(end.error).toMatchObject({ code: 'limit_exceeded', message: 'step limit exceeded: 4 allowed' })
    expect(root.requests.length).toBe(4)
  })
})

describe('the final value', () => {
  it('counts only where code was executed that gave it', async () => {
    const lab = await replies(['The answer is known: FINAL("42")', fenced('finish')])
    expect(lab.end.final).toBe('the answer')
    expect(lab.root.requests.length).toBe(2)
  })

  it('of a step that failed does not end the run', async () => {
    const lab = await run(['final then fail', 'look', 'finish'])
    expect(lab.end).toMatchObject({ error: null, final: 'the answer', spent: { steps: 3 } })
  })

  it('of a step that failed is the partial answer when a limit ends the run', async () => {
    const { end } = await run(['final then fail', 'look'], { limits: { max_steps: 3 } })
    expect(end).toMatchObject({ error: { code: 'limit_exceeded' }, final: 'too early' })
  })

  it('is the last one that the step gave', async () => {
    const twice: Closure = async (step) => {
      await step.call('set_final', 'first')
      await step.call('set_final', 'second')
    }
    expect((await run(['twice'], { closures: { twice } })).end.final).toBe('second')
  })

  it('may be nothing', async () => {
    const nothing: Closure = async (step) => {
      await step.call('set_final', null)
    }
    expect((await run(['nothing'], { closures: { nothing } })).end).toMatchObject({
      error: null,
      final: null,
    })
  })
})

describe('failed steps', () => {
  const endAs =
    (code: CodeError['code'], stateLost = false): Closure =>
    (step) =>
      step.endAs({ error: { code, message: `it was ${code}`, line: 2, stateLost } })

  it('are shown with their error, and the run goes on', async () => {
    const lab = await run(['failing', 'finish'])
    expect(lab.end).toMatchObject({ error: null, final: 'the answer' })
    expect(observation(lab, 1)).toBe('Error: NameError: x is not defined (line 1: x)\nVariables are kept.')
  })

  it('that lost the variables say so', async () => {
    const lab = await run(['lost', 'finish'], { closures: { lost: endAs('sandbox_lost', true) } })
    expect(observation(lab, 1)).toBe('Error: it was sandbox_lost\nAll variables are gone.')
  })

  it('in a row end the run, up to the one that is allowed', async () => {
    const { end, root } = await run(['failing'])
    expect(end.error).toMatchObject({
      code: 'code_error',
      message: 'NameError: x is not defined (line 1: x) (3 failed steps in a row)',
    })
    expect(root.requests.length).toBe(3)
  })

  it('with one between that did not fail are counted anew', async () => {
    const lab = await run(['failing', 'failing', 'look', 'failing', 'failing', 'finish'])
    expect(lab.end).toMatchObject({ error: null, final: 'the answer' })
  })

  it('end the run at the first where one is allowed', async () => {
    const { end } = await run(['failing'], { limits: { max_errors: 1 } })
    expect(end.error?.message).toBe('NameError: x is not defined (line 1: x)')
  })

  test.each<CodeError['code']>([
    'code_error',
    'sandbox_violation',
    'sandbox_lost',
    'limit_exceeded',
    'model_invocation_failed',
  ])('end the run with the code of the last one: %s', async (code) => {
    const { end, journal } = await run(['failing', 'failing', 'last'], { closures: { last: endAs(code) } })
    expect(end.error).toMatchObject({ code, message: `it was ${code} (3 failed steps in a row)` })
    expect(journal.at(-1)).toEqual({ type: 'end', ok: false, error_code: code })
  })
})
