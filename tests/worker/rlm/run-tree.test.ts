import { describe, expect, it, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { ModelFailure, type OpenSandbox } from '../../../src/worker/rlm/ports.ts'
import type { Closure } from '../helpers/closure-sandbox.ts'
import { type Experiment, runLab } from '../helpers/lab.ts'
import { fenced, memoryModel, neverReplies } from '../helpers/memory-model.ts'
import { slowSandboxes } from '../helpers/slow-sandboxes.ts'

const note: Closure = async (step) => {
  await step.call('append_highlight', 'a finding')
  step.print('printed')
}
const hang: Closure = () => new Promise<void>(() => {})
const askForEver: Closure = async (step) => {
  await step.call('sub_rlm_batch', ['a', 'b'])
}
const closures = { note, hang, askForEver }

describe('a run that is ended from outside', () => {
  const endings: Array<[title: string, experiment: () => Experiment, code: string, message: string]> = [
    [
      'the time limit while the root model is asked',
      () => ({ root: (request) => (request.sequence === 0 ? fenced('note') : neverReplies(request)) }),
      'limit_exceeded',
      'time limit exceeded: 1 s allowed',
    ],
    [
      'the time limit while code runs',
      () => ({ steps: ['note', 'hang'] }),
      'limit_exceeded',
      'time limit exceeded: 1 s allowed',
    ],
    [
      'the time limit while sub-calls are answered',
      () => ({ steps: ['note', 'askForEver'], sub: neverReplies }),
      'limit_exceeded',
      'time limit exceeded: 1 s allowed',
    ],
    [
      'the time limit, when the program of the model dies of it',
      () => ({
        root: (request) =>
          request.sequence === 0
            ? fenced('note')
            : neverReplies(request).catch(() => new ModelFailure('killed')),
      }),
      'limit_exceeded',
      'time limit exceeded: 1 s allowed',
    ],
    [
      'the time limit, which the model of a sub-call says it had not met',
      () => ({
        steps: ['note', 'askForEver'],
        sub: (request) =>
          neverReplies(request).catch((reason: RlmsError) => {
            throw new RlmsError(reason.code, `${reason.message}; memory had not answered`)
          }),
      }),
      'limit_exceeded',
      'time limit exceeded: 1 s allowed; memory had not answered',
    ],
    [
      'a failure of the root model',
      () => ({ root: [fenced('note'), new ModelFailure('the model is away')] }),
      'model_invocation_failed',
      'the model is away',
    ],
    [
      'a sandbox that breaks',
      () => ({ steps: ['note', 'break'], closures: { ...closures, break: breakMachine } }),
      'sandbox_lost',
      'the machine broke',
    ],
    [
      'a defect of the worker',
      () => ({ root: memoryModel([fenced('note'), new TypeError('x is undefined')]) }),
      'worker_failure',
      'x is undefined',
    ],
  ]
  // what is raised by no host function and by no code: the child's sandbox cannot be opened
  const breakMachine: Closure = async (step) => {
    await step.call('sub_rlm', 'q', 2)
  }
  const breaking =
    (open: OpenSandbox): OpenSandbox =>
    async (request) => {
      if (opened++ > 0) throw new RlmsError('sandbox_lost', 'the machine broke')
      return open(request)
    }
  let opened = 0

  test.each(endings)(
    'by %s keeps what it found, and closes its sandbox',
    async (_title, make, code, message) => {
      opened = 0
      const experiment = make()
      const slow = slowSandboxes({ ...closures, ...experiment.closures })
      const lab = await runLab({
        ...experiment,
        limits: { timeout_seconds: 1 },
        openSandbox: code === 'sandbox_lost' ? breaking(slow.open) : slow.open,
      })
      expect(lab.end.error).toMatchObject({ code, message })
      expect(lab.end).toMatchObject({ highlights: ['a finding'], final: 'a finding' })
      expect(lab.journal.at(-1)).toEqual({ type: 'end', ok: false, error_code: code })
      expect(lab.events.at(-1)).toEqual({ type: 'run_end', run: 'r', ok: false })
      expect(slow.count).toEqual({ open: 0, opened: 1 })
      expect(lab.root.inFlight + lab.sub.inFlight).toBe(0)
    },
  )
})

describe('cancelling', () => {
  const cancelled = () => new RlmsError('cancelled', 'SIGINT')

  it('ends the call in flight and keeps the partial answer', async () => {
    const controller = new AbortController()
    const root = memoryModel((request) => {
      if (request.sequence === 0) return fenced('note')
      controller.abort(cancelled())
      return neverReplies(request)
    })
    const { end, sandboxes } = await runLab({ closures, root, signal: controller.signal })
    expect(end).toMatchObject({ error: { code: 'cancelled', message: 'SIGINT' }, final: 'a finding' })
    expect(root.inFlight).toBe(0)
    expect(sandboxes.map(({ closed }) => closed)).toEqual([true])
  })

  it('ends code that runs', async () => {
    const controller = new AbortController()
    const waits: Closure = (step) => {
      step.print('before')
      controller.abort(cancelled())
      return hang(step)
    }
    const { end, sandboxes } = await runLab({
      closures: { waits },
      steps: ['waits'],
      signal: controller.signal,
    })
    expect(end.error?.code).toBe('cancelled')
    expect(sandboxes.map(({ closed }) => closed)).toEqual([true])
  })

  it('before the start asks and opens nothing', async () => {
    const { end, root, sandboxes } = await runLab({
      closures,
      steps: ['note'],
      signal: AbortSignal.abort(cancelled()),
    })
    expect(end).toMatchObject({ error: { code: 'cancelled' }, final: null, sandbox: null })
    expect(root.requests).toEqual([])
    expect(sandboxes).toEqual([])
  })
})

describe('a tree of runs', () => {
  it('tells how it was sandboxed, and nothing where no sandbox could be had', async () => {
    const { end } = await runLab({ closures, steps: ['note'], limits: { max_steps: 1 } })
    expect(end.sandbox).toEqual({ backend: 'closures', language: true, process: false, kernel: false })
    const openSandbox: OpenSandbox = async () => {
      throw new RlmsError('sandbox_unavailable', 'no python here', 'Install python3.')
    }
    const without = await runLab({ openSandbox, steps: ['note'] })
    expect(without.end).toMatchObject({
      error: { code: 'sandbox_unavailable', message: 'no python here', fix: 'Install python3.' },
      sandbox: null,
      final: null,
    })
    expect(without.root.requests).toEqual([])
  })
})
