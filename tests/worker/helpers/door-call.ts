// Calls of the door: every required flag, and changes of it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readDoorOptions } from '../../../src/worker/cli/door-options.ts'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { temporaryFolder } from './temporary-folder.ts'

export type Flags = Record<string, string | undefined>

/** A call with every required flag, these changed; undefined leaves a flag out. */
export function callWith(changes: Flags = {}): string[] {
  const folder = temporaryFolder()
  const repo = join(folder, 'repo')
  mkdirSync(repo)
  writeFileSync(join(repo, 'a.ts'), 'one\n')
  writeFileSync(join(folder, 'files.txt'), 'a.ts\na.ts\n\nnone.ts\n')
  const flags: Flags = {
    repo,
    'loop-id': 'demo',
    role: 'reviewer',
    iteration: '3',
    'context-file-list': join(folder, 'files.txt'),
    'output-dir': join(folder, 'out'),
    'max-steps': '6',
    'max-depth': '2',
    'timeout-seconds': '120',
    'root-command-json': '["rlms:offline"]',
    ...changes,
  }
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
}

export const readCall = (changes: Flags = {}, env: NodeJS.ProcessEnv = {}) =>
  readDoorOptions(callWith(changes), env)
export const requestOf = (changes: Flags = {}, env: NodeJS.ProcessEnv = {}) => readCall(changes, env).request

/** What the call is refused with; the test fails when it is not. */
export function refusalOf(changes: Flags, env: NodeJS.ProcessEnv = {}): RlmsError {
  try {
    readCall(changes, env)
  } catch (error) {
    if (error instanceof RlmsError) return error
    throw error
  }
  return expect.fail('it should have been refused')
}
