import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import type { OpenSandbox } from '../../../src/worker/rlm/ports.ts'
import { type Closure, closureSandboxes } from '../helpers/closure-sandbox.ts'
import { type LabRun, runLab } from '../helpers/lab.ts'
import { fenced, type MemoryModel, memoryModel, neverReplies } from '../helpers/memory-model.ts'
import { slowSandboxes } from '../helpers/slow-sandboxes.ts'

const runIds = (lab: LabRun, type: 'run_start' | 'run_end') =>
  lab.events.flatMap((event) => (event.type === type ? [event.run] : []))

describe('a tree of runs', () => {
  const batch: Closure = async (step) => {
    await step.call('sub_rlm_batch', ['good', 'bad'], null, 2)
  }
  const finish: Closure = async (step) => {
    await step.call('set_final', step.request.documents.list.length)
  }

  it('has the start of each run before its steps and the end behind them', async () => {
    const ask: Closure = async (step) => {
      await step.call('set_final', await step.call('sub_rlm_batch', ['a', 'b'], null, 2))
    }
    const lab = await runLab({ closures: { ask, finish }, steps: ['ask'], sub: [fenced('finish')] })
    const [root, ...children] = runIds(lab, 'run_start')
    expect(root).toBe('r')
    expect(children).toHaveLength(2)
    expect(runIds(lab, 'run_end').at(-1)).toBe('r')
    for (const child of children) {
      const own = lab.events.filter((event) => event.run === child).map(({ type }) => type)
      expect(own).toEqual([
        'run_start',
        'step_start',
        'call_start',
        'call_end',
        'code',
        'step_end',
        'run_end',
      ])
    }
    expect(lab.events.find((event) => event.run === children[0])).toMatchObject({ depth: 1, task: 'a' })
  })

  /** A batch of two children, of which the second one's sandbox cannot be opened. */
  const breakOne = async (sub: MemoryModel) => {
    const slow = slowSandboxes({ batch, finish })
    let asked = 0
    const openSandbox: OpenSandbox = async (request) => {
      // the root's is the first, the good child's the second
      if (++asked === 3) throw new RlmsError('sandbox_lost', 'the machine broke')
      return slow.open(request)
    }
    const { end } = await runLab({ openSandbox, steps: ['batch'], sub, limits: { timeout_seconds: 100 } })
    expect(end.error).toMatchObject({ code: 'sandbox_lost', message: 'the machine broke' })
    return slow.count
  }

  it('ends when one of its children breaks the machine, whatever the others found', async () => {
    const sub = memoryModel([fenced('finish')])
    await breakOne(sub)
    // the first question of each, which is asked while the sandbox opens
    expect(sub.requests.length).toBeLessThanOrEqual(2)
  })

  it('leaves no call behind when one of its children breaks the machine', async () => {
    const sub = memoryModel(neverReplies)
    await breakOne(sub)
    expect(sub.requests.length).toBeLessThanOrEqual(2)
    expect(sub.inFlight).toBe(0)
  })

  it('leaves no sandbox behind when one of its children breaks the machine', async () => {
    expect(await breakOne(memoryModel(neverReplies))).toEqual({ open: 0, opened: 2 })
  })

  it('asks the first question of a child while its sandbox opens, but the root only with one', async () => {
    const log: string[] = []
    const { open } = closureSandboxes({ batch, finish })
    const openSandbox: OpenSandbox = async (request) => {
      await sleep(20)
      log.push('open')
      return open(request)
    }
    const told = (who: string, code: string) => () => {
      log.push(who)
      return fenced(code)
    }
    const root = memoryModel(told('root', 'batch'))
    await runLab({ openSandbox, root, sub: memoryModel(told('child', 'finish')), limits: { max_steps: 3 } })
    expect(log).toEqual(['open', 'root', 'child', 'child', 'open', 'open'])
  })

  it('leaves no sandbox of a child open when its time is up', async () => {
    const slow = slowSandboxes({ batch })
    const { end } = await runLab({
      openSandbox: slow.open,
      steps: ['batch'],
      sub: neverReplies,
      limits: { timeout_seconds: 1 },
    })
    expect(end.error?.message).toBe('time limit exceeded: 1 s allowed')
    expect(slow.count).toEqual({ open: 0, opened: 3 })
  })
})
