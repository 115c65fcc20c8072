import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Json, ModelFailure } from '../../../src/worker/rlm/ports.ts'
import type { Closure, Step } from '../helpers/closure-sandbox.ts'
import { type Experiment, type LabRun, runLab } from '../helpers/lab.ts'
import { fenced, memoryModel } from '../helpers/memory-model.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const away = () => new ModelFailure('the model is away')
const finish: Closure = async (step) => {
  await step.call('set_final', step.variables.get('answers') ?? 'nothing')
}
const keep = (step: Step, value: Json) => {
  step.variables.set('answers', value)
  step.print(JSON.stringify(value))
}
const ask: Closure = async (step) => keep(step, await step.call('sub_rlm_batch', ['a', 'b', 'a']))

/** A run whose root model is away from the second step on, and the run that resumes it. */
async function breakAndResume(first: Experiment, second: Experiment = {}): Promise<[LabRun, LabRun]> {
  const folder = temporaryFolder()
  const broken = await runLab({ ...first, folder, root: [fenced('first'), away()] })
  expect(broken.end.error).not.toBeNull()
  const closures = { finish, ...first.closures, ...second.closures }
  const root = memoryModel([fenced('finish')])
  return [broken, await runLab({ ...first, root, ...second, closures, folder, resume: true })]
}

const sequence = (lab: LabRun) => lab.journal.map(({ type, id }) => `${type} ${id ?? ''}`)

describe('a resumed run', () => {
  it('asks nothing again that was answered', async () => {
    const [broken, resumed] = await breakAndResume({ closures: { first: ask } })
    expect(broken.sub.requests.length).toBe(3)
    expect(resumed.sub.requests).toEqual([])
    expect(resumed.root.requests.length).toBe(1)
    expect(resumed.end).toMatchObject({ error: null, final: ['re: a', 're: b', 're: a'] })
  })

  it('goes on in the journal and writes nothing twice', async () => {
    const [broken, resumed] = await breakAndResume({ closures: { first: ask } })
    const before = sequence(broken)
    expect(sequence(resumed).slice(0, before.length)).toEqual(before)
    expect(sequence(resumed).slice(before.length)).toEqual([
      expect.stringMatching(/^call r\.step2-/),
      'step ',
      'end ',
    ])
  })

  it('asks its root model the question that was left open, with the same history and the same name', async () => {
    const [broken, resumed] = await breakAndResume({ closures: { first: ask } })
    const [, open] = broken.root.requests
    const [again] = resumed.root.requests
    const body = (prompt = '') => prompt.slice(0, prompt.lastIndexOf('\n'))
    expect(again?.id).toBe(open?.id)
    expect(body(again?.prompt)).toBe(body(open?.prompt))
    expect(again?.sequence).toBe(1)
  })

  it('shows its model what it was shown, whatever the code prints now', async () => {
    let runs = 0
    const first: Closure = (step) => step.print(`run ${++runs}`)
    const [broken, resumed] = await breakAndResume({ closures: { first } })
    expect(runs).toBe(2)
    expect(broken.root.requests[1]?.prompt).toContain('\nrun 1\n')
    expect(resumed.root.requests[0]?.prompt).toContain('\nrun 1\n')
    expect(resumed.root.requests[0]?.prompt).not.toContain('run 2')
  })

  it('counts what the replies had cost', async () => {
    const [broken, resumed] = await breakAndResume({
      closures: { first: ask },
      sub: () => ({ text: 'x', usage: { inputTokens: 100, outputTokens: 10, costUsd: 0.5 } }),
    })
    expect(broken.end.spent).toMatchObject({ subcalls: 3, costUsd: 1.5, inputTokens: 310 })
    expect(resumed.end.spent).toMatchObject({ subcalls: 3, costUsd: 1.5, inputTokens: 320, outputTokens: 40 })
  })

  it('tells of its replies as replayed', async () => {
    const [, resumed] = await breakAndResume({ closures: { first: ask } })
    const ends = resumed.events.flatMap((event) => (event.type === 'call_end' ? [event.replayed] : []))
    expect(ends).toEqual([true, true, true, true, false])
    expect(resumed.events.filter(({ type }) => type === 'call_start').length).toBe(1)
  })

  it('asks those again that failed, and only those', async () => {
    const [broken, resumed] = await breakAndResume(
      { closures: { first: ask }, sub: ({ prompt }) => (prompt === 'b' ? away() : `re: ${prompt}`) },
      { sub: ({ prompt }) => `new: ${prompt}` },
    )
    expect(broken.sub.requests.map(({ prompt }) => prompt)).toEqual(['a', 'b', 'a'])
    expect(resumed.sub.requests.map(({ prompt }) => prompt)).toEqual(['b'])
    expect(resumed.sub.requests[0]?.id).toBe(broken.sub.requests[1]?.id)
    expect(resumed.end.final).toEqual(['re: a', 'new: b', 're: a'])
  })

  it('counts what a call had cost that failed, even if it is not asked again', async () => {
    const usage = { inputTokens: 100, outputTokens: 0, costUsd: 0.75 }
    const first: Closure = async (step) => {
      step.print('before')
      if (!existsSync(join(folder, 'resumed'))) await step.call('sub_rlm', 'b')
    }
    const folder = temporaryFolder()
    const sub = [new ModelFailure('the reply was cut', { usage })]
    const broken = await runLab({ closures: { first }, folder, sub, root: [fenced('first'), away()] })
    expect(broken.end.spent.costUsd).toBe(0.75)
    writeFileSync(join(folder, 'resumed'), '')
    const resumed = await runLab({
      closures: { first, finish },
      folder,
      sub,
      root: [fenced('finish')],
      resume: true,
    })
    expect(resumed.end.spent.costUsd).toBe(0.75)
  })

  it('gives the code every reply that was paid for, also where they are above a limit by now', async () => {
    // each needs 1,001 tokens by the estimate and takes 5,000
    const sub = () => ({ text: 'x', usage: { inputTokens: 5000, outputTokens: 0, costUsd: 0.5 } })
    const [broken, resumed] = await breakAndResume({
      closures: { first: ask },
      limits: { max_tokens: 6000 },
      sub,
    })
    expect(broken.sub.requests.length).toBe(3)
    const seen = (lab: LabRun) => lab.end.trace.find(({ step }) => step === 1)?.output_preview
    expect(seen(broken)).toBe('["x","x","x"]')
    expect(seen(resumed)).toBe('["x","x","x"]')
    expect(resumed.sub.requests).toEqual([])
  })

  it('starts at its beginning where nothing was recorded', async () => {
    const folder = temporaryFolder()
    const closures = { finish }
    const lab = await runLab({ closures, steps: ['finish'], folder, resume: true })
    expect(lab.end).toMatchObject({ error: null, final: 'nothing' })
    expect(lab.root.requests.length).toBe(1)
  })

  it('cut off after any record ends like one that was not', async () => {
    const folder = temporaryFolder()
    const closures = { first: ask, finish }
    const root = ({ sequence: at }: { sequence: number }) => fenced(['first', 'finish'][at]!)
    const whole = await runLab({ closures, root, folder })
    const path = join(folder, 'journal.jsonl')
    const lines = readFileSync(path, 'utf8').split('\n')
    for (let kept = 0; kept < lines.length; kept++) {
      writeFileSync(
        path,
        lines
          .slice(0, kept)
          .map((line) => `${line}\n`)
          .join(''),
      )
      const resumed = await runLab({ closures, root, folder, resume: true })
      expect(resumed.end.final).toEqual(whole.end.final)
      const calls = lines.slice(0, kept).filter((line) => line.includes('"type":"call"')).length
      expect(resumed.root.requests.length + resumed.sub.requests.length).toBe(5 - calls)
      expect(resumed.end.spent).toEqual(whole.end.spent)
    }
  })
})

describe('a resumed run with child runs', () => {
  const child: Closure = async (step) => {
    const found = await step.call('sub_rlm', 'inner')
    await step.call('set_final', `child found ${String(found)}`)
  }
  const seen: Json[] = []
  const first: Closure = async (step) => {
    const prompts = ['one', { prompt: 'two', context: ['a.txt', 'a text of the code'] }, 'one']
    const answers = await step.call('sub_rlm_batch', prompts, null, 2)
    seen.push(answers)
    keep(step, answers)
  }
  const sub = ({ purpose, id }: { purpose: string; id: string }) =>
    purpose === 'root' ? fenced('child') : `re ${id}`

  it('gives the same names to children and their questions, and asks none again', async () => {
    seen.length = 0
    const [broken, resumed] = await breakAndResume({ closures: { first, child }, sub })
    expect(broken.sub.requests.length).toBe(6)
    expect(new Set(broken.sub.requests.map(({ id }) => id)).size).toBe(6)
    expect(resumed.sub.requests).toEqual([])
    expect(seen).toHaveLength(2)
    expect(seen[1]).toEqual(seen[0])
    expect(resumed.end.final).toEqual(seen[0])
    const runs = (lab: LabRun) =>
      lab.events.flatMap((event) => (event.type === 'run_start' ? [event.run] : []))
    expect(runs(resumed)).toEqual(runs(broken))
    for (const id of runs(broken)) expect(id).toMatch(/^r(\.[0-9a-f]{16}\.\d+)?$/)
  })

  it('leaves no pack of theirs behind', async () => {
    const [broken, resumed] = await breakAndResume({ closures: { first, child }, sub })
    expect(broken.leftInWorkDir).toEqual([])
    expect(resumed.leftInWorkDir).toEqual([])
    expect(existsSync(join(resumed.folder, 'calls'))).toBe(true)
  })
})
