import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readJournal } from '../helpers/lab.ts'
import { memoryModel } from '../helpers/memory-model.ts'
import { failFor, raised, runStep } from '../helpers/one-step.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

describe('a sub-call', () => {
  it('is one question to the sub-model with what it needs to know', async () => {
    const { sub, root } = await runStep((step) => step.call('sub_rlm', 'why?'), { task: 'the task' })
    expect(root.requests.length).toBe(1)
    expect(sub.requests).toMatchObject([
      { purpose: 'sub', prompt: 'why?', task: 'the task', language: 'python', sequence: 0 },
    ])
    expect(sub.requests[0]?.id).toMatch(/^r\.[0-9a-f]{16}\.1$/)
  })

  it('is numbered and named in the order of the questions', async () => {
    const { sub } = await runStep(async (step) => {
      await step.call('llm_query', 'a')
      await step.call('sub_rlm_batch', ['b', 'a'])
      return step.call('llm_query', 'a')
    })
    expect(sub.requests.map(({ prompt, sequence }) => [prompt, sequence])).toEqual([
      ['a', 0],
      ['b', 1],
      ['a', 2],
      ['a', 3],
    ])
    expect(sub.requests.map(({ id }) => id.at(-1))).toEqual(['1', '1', '2', '3'])
    expect(new Set(sub.requests.map(({ id }) => id)).size).toBe(4)
  })

  it('has a name that is safe for a file, whatever is asked', async () => {
    const { sub } = await runStep((step) => step.call('sub_rlm', '../../etc/passwd\0\n🙂'))
    expect(sub.requests[0]?.id).toMatch(/^[\w.-]+$/)
  })

  it('is in the journal before its reply is given to the code, and only then settled', async () => {
    const folder = temporaryFolder()
    const records = () => readJournal(join(folder, 'journal.jsonl'))
    const sub = memoryModel(['the reply'], 0.5)
    const settled = sub.settled
    let inJournalWhenSettled = false
    sub.settled = (request) => {
      inJournalWhenSettled = records().some(({ id }) => id === request.id)
      settled?.(request)
    }
    await runStep(
      async (step) => {
        const reply = await step.call('sub_rlm', 'why?')
        expect(records().at(-1)).toMatchObject({
          type: 'call',
          id: sub.requests[0]?.id,
          purpose: 'sub',
          model: 'memory',
          prompt_chars: 4,
          prompt_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          reply: 'the reply',
          usage: { input_tokens: 10, output_tokens: 5, cost_usd: 0.5 },
        })
        return reply
      },
      { folder, sub },
    )
    expect(sub.settledIds).toEqual(sub.requests.map(({ id }) => id))
    expect(inJournalWhenSettled).toBe(true)
  })

  it('with a context leaves none of it in the journal', async () => {
    const { journal, sub } = await runStep((step) => step.call('sub_rlm', 'Q', 1, ['a.txt', 'of the code']), {
      documents: { 'a.txt': 'secret words' },
      sub: ['x'],
    })
    expect(sub.requests[0]?.prompt).toContain('secret words')
    expect(journal.find(({ id }) => id === sub.requests[0]?.id)).toMatchObject({
      prompt_chars: sub.requests[0]?.prompt.length,
    })
    expect(JSON.stringify(journal)).not.toMatch(/secret words|of the code/)
  })

  it('that fails raises in the code, which may catch it; what it cost is counted', async () => {
    const { end, journal, sub } = await runStep((step) => step.call('sub_rlm', 'bad').catch(raised), {
      sub: failFor('bad'),
    })
    expect(end.final).toEqual({
      code: 'model_invocation_failed',
      message: 'the model is away',
      swallowable: true,
    })
    expect(end.spent).toMatchObject({ subcalls: 1, inputTokens: 17, costUsd: 0.25 })
    expect(journal).toContainEqual(
      expect.objectContaining({ type: 'call_failed', id: sub.requests[0]?.id, error: 'the model is away' }),
    )
    expect(sub.settledIds).toEqual([sub.requests[0]?.id])
  })

  it('behind the last allowed one is refused in a way that code cannot catch', async () => {
    const { end, sub } = await runStep(
      async (step) => {
        await step.call('sub_rlm', 'a')
        await step.call('sub_rlm', 'b')
        return step.call('sub_rlm', 'c').catch(raised)
      },
      { limits: { max_subcalls: 2 } },
    )
    expect(end.final).toEqual({
      code: 'limit_exceeded',
      message: 'subcall limit exceeded: 2 allowed',
      swallowable: false,
    })
    expect(sub.requests.length).toBe(2)
  })

  it('is announced and its end told, with the calls in flight', async () => {
    const { events, sub } = await runStep((step) => step.call('sub_rlm_batch', ['a', 'bad']), {
      sub: failFor('bad'),
    })
    const ids = sub.requests.map(({ id }) => id)
    const calls = events.filter((event) => 'purpose' in event || event.type === 'call_end')
    expect(calls.slice(2)).toMatchObject([
      { type: 'call_start', run: 'r', id: ids[0], purpose: 'sub', inFlight: 1 },
      { type: 'call_start', run: 'r', id: ids[1], purpose: 'sub', inFlight: 2 },
      { type: 'call_end', run: 'r', id: ids[0], ok: true, replayed: false, inFlight: 1 },
      { type: 'call_end', run: 'r', id: ids[1], ok: false, replayed: false, inFlight: 0 },
    ])
  })

  it('that the budget refuses is neither announced nor ended', async () => {
    const { end, events } = await runStep(
      (step) => step.call('sub_rlm', 'a', 1, 'x'.repeat(40_000)).catch(raised),
      {
        limits: { max_tokens: 10_000 },
      },
    )
    expect(end.final).toMatchObject({ code: 'limit_exceeded' })
    const ids = (type: string) =>
      events.flatMap((event) => (event.type === type && 'id' in event ? [event.id] : []))
    expect(ids('call_end')).toEqual(ids('call_start'))
  })
})
