// A question for a model, and the failure that it ended with.
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { ModelFailure, type ModelRequest } from '../../../src/worker/rlm/ports.ts'

export function modelRequest(parts: Partial<ModelRequest> = {}): ModelRequest {
  return {
    purpose: 'sub',
    prompt: 'What is this?',
    task: 'Find out.',
    language: 'python',
    sequence: 0,
    id: 'r.question.1',
    signal: new AbortController().signal,
    ...parts,
  }
}

/** What a promise rejected with; the test fails when it did not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`it should have failed, but gave ${inspect(value, { maxStringLength: 200 })}`),
    (error: unknown) => error,
  )
}

export async function modelFailureOf(promise: Promise<unknown>): Promise<ModelFailure> {
  const error = await rejectionOf(promise)
  if (error instanceof ModelFailure) return error
  return expect.fail(`it should be a ModelFailure, but is ${String(error)}`)
}

export async function rlmsErrorOf(promise: Promise<unknown>): Promise<RlmsError> {
  const error = await rejectionOf(promise)
  if (error instanceof RlmsError) return error
  return expect.fail(`it should be an RlmsError, but is ${String(error)}`)
}
