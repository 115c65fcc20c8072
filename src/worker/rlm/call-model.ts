// One question to a model, inside the budget: answered from the journal where an earlier part of the run has the answer,
// else asked, journalled, and only then handed on.
import { performance } from 'node:perf_hooks'
import { RlmsError } from '../contract/errors.ts'
import type { Reservation } from './budget.ts'
import type { CallSlot } from './call-slots.ts'
import { sha256, usageRecord } from './journal.ts'
import { type Model, ModelFailure, type ModelReply, type ModelRequest, type Usage } from './ports.ts'
import type { Run } from './tree.ts'

export interface Call {
  readonly purpose: 'root' | 'sub'
  /** The same in a resumed run. */
  readonly id: string
  readonly prompt: string
  readonly sequence: number
  /** What its batch has set aside for it. */
  readonly held?: Reservation
}

/** Rejects with a ModelFailure, `limit_exceeded`, or the signal's reason. */
export async function callModel(
  run: Run,
  model: Model,
  call: Call,
  signal: AbortSignal,
): Promise<ModelReply> {
  const { tree } = run
  const recorded = tree.journal.recordedReply(call.id)
  if (recorded) {
    call.held?.release()
    model.settled?.(call) // who journalled it may have been killed before it could say so
    tellEnd(run, call, { ok: true, replayed: true, durationMs: 0 })
    return recorded
  }
  const slot = await waitForTurn(run, model, signal)
  const asked = ask(run, model, call, slot, signal).finally(() => {
    tree.pending.delete(asked)
    slot.release()
  })
  tree.pending.add(asked)
  return asked
}

/** A place among the calls in flight; the only one while a price is capped but unknown. */
async function waitForTurn({ id, tree }: Run, model: Model, signal: AbortSignal): Promise<CallSlot> {
  const slot = await tree.callSlots.acquire(id, signal)
  if (!tree.budget.priceUnknown(model)) return slot
  try {
    const freeProbe = await tree.priceProbe.acquire(signal)
    if (!tree.budget.priceUnknown(model)) freeProbe()
    const release = () => {
      freeProbe()
      slot.release()
    }
    return { ...slot, release }
  } catch (error) {
    slot.release()
    throw error
  }
}

async function ask(
  run: Run,
  model: Model,
  call: Call,
  slot: CallSlot,
  signal: AbortSignal,
): Promise<ModelReply> {
  const { tree } = run
  // Anew, since prices may have become known while it waited.
  call.held?.release()
  const reserve = () => tree.budget.reserve(call.prompt.length, 1, model)
  let reservation = reserve()
  const { purpose, id, prompt, sequence } = call
  const started = performance.now()
  const elapsedMs = () => Math.round(performance.now() - started)
  const noteFailure = (failure: ModelFailure) => {
    reservation.settle(failure.usage ?? noUsage)
    recordFailure(run, model, request, failure, elapsedMs())
    if (failure.rateLimited) slot.refused()
  }
  const onRetry = (failure: ModelFailure) => {
    noteFailure(failure)
    reservation = reserve()
  }
  const request: ModelRequest = {
    purpose,
    id,
    prompt,
    sequence,
    task: run.task,
    language: tree.language,
    signal,
    onRetry,
  }
  let ok = false
  tree.emit({ type: 'call_start', run: run.id, id, purpose, inFlight: tree.pending.size + 1 })
  try {
    const reply = await model.complete(request)
    recordReply(run, model, request, reply, elapsedMs())
    reservation.settle(reply.usage)
    slot.succeeded()
    ok = true
    return reply
  } catch (error) {
    if (error instanceof ModelFailure) {
      noteFailure(error)
      model.settled?.(request)
    } else if (signal.aborted && error instanceof RlmsError) tree.interrupted.push(error)
    throw error
  } finally {
    reservation.release()
    tellEnd(run, call, { ok, replayed: false, durationMs: elapsedMs() })
  }
}

const noUsage: Usage = { inputTokens: 0, outputTokens: 0, costUsd: null }

function recordReply(
  { tree }: Run,
  model: Model,
  request: ModelRequest,
  reply: ModelReply,
  ms: number,
): void {
  const { id, purpose, prompt } = request
  tree.journal.append({
    type: 'call',
    id,
    purpose,
    model: model.name,
    prompt_sha256: sha256(prompt),
    prompt_chars: prompt.length,
    reply: reply.text,
    usage: usageRecord(reply.usage),
    duration_ms: ms,
  })
  model.settled?.(request)
}

function recordFailure(
  { tree }: Run,
  model: Model,
  request: ModelRequest,
  error: ModelFailure,
  ms: number,
): void {
  const { id, purpose } = request
  tree.journal.append({
    type: 'call_failed',
    id,
    purpose,
    model: model.name,
    error: error.message,
    usage: usageRecord(error.usage ?? noUsage),
    duration_ms: ms,
  })
}

function tellEnd(run: Run, { id }: Call, end: { ok: boolean; replayed: boolean; durationMs: number }): void {
  const { inputTokens, outputTokens, costUsd } = run.tree.budget.spent()
  run.tree.emit({
    type: 'call_end',
    run: run.id,
    id,
    ...end,
    inFlight: Math.max(0, run.tree.pending.size - 1),
    spent: { tokens: inputTokens + outputTokens, costUsd },
  })
}
