// A command model over a fake program, with a repository and a folder for its calls.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createCommandModel } from '../../../src/worker/models/command-model.ts'
import type { CommandVector } from '../../../src/worker/models/command-vector.ts'
import type { Model } from '../../../src/worker/rlm/ports.ts'
import { fakeProgram } from './fake-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface ProgramModel {
  readonly model: Model
  /** Where the program runs; the folder with the calls lies beside it. */
  readonly repo: string
  readonly callsDir: string
}

export const agent = './bin/agent'

/** The model is called `agent`; its program is the script `lines`, its arguments are `args`. */
export function programModel(
  lines: string,
  args: readonly string[] = [],
  parts: Partial<CommandVector> = {},
): ProgramModel {
  const folder = temporaryFolder()
  const repo = join(folder, 'repo')
  const callsDir = join(folder, 'out', 'calls')
  mkdirSync(repo)
  fakeProgram(repo, agent, lines)
  const vector: CommandVector = {
    argv: [agent, ...args],
    promptMode: 'stdin',
    model: null,
    env: {},
    ...parts,
  }
  return { model: createCommandModel({ name: 'agent', vector, repo, callsDir }), repo, callsDir }
}
