// An agent that is a program: the prompt on its standard input or in a file, its answer read as a model program's is.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { callFolder, removeFolder } from '../../models/call-folder.ts'
import { createCommandModel } from '../../models/command-model.ts'
import type { CommandVector } from '../../models/command-vector.ts'
import { ModelFailure } from '../../rlm/ports.ts'
import { withPath } from '../errors.ts'
import type { Agent } from './agent.ts'
import { endWith } from './end-with.ts'

/** How long a program may take to end when it is asked to; then it is killed. */
const graceMs = 700

export function createProgramAgent(name: string, vector: CommandVector, root: string): Agent {
  return {
    name,
    howToChange: null,
    async takeTurn({ id, prompt, log, folder, role, iteration, signal }) {
      const model = createCommandModel({ name, vector, repo: root, callsDir: folder, graceMs })
      const call = callFolder(join(folder, id))
      // After a failure of the model's own kind its output is still there to be kept.
      const ended = endWith(signal, (message) => new ModelFailure(`${name} was ended: ${message}`))
      try {
        return await model.complete({
          purpose: 'root',
          task: role.duty,
          language: 'python',
          sequence: iteration,
          id,
          prompt,
          signal: ended.signal,
        })
      } catch (error) {
        signal.throwIfAborted()
        throw error
      } finally {
        ended.close()
        keepOutput(call.path, log)
      }
    },
    settled: ({ id, folder }) => removeFolder(callFolder(join(folder, id))),
  }
}

function keepOutput(folder: string, log: string): void {
  for (const name of ['stdout', 'stderr', 'last_message']) {
    const file = join(folder, name)
    if (!existsSync(file)) continue
    const content = readFileSync(file)
    if (content.length === 0) continue
    withPath(log, 'written', () => {
      appendFileSync(log, name === 'stdout' ? '' : `\n--- ${name} ---\n`)
      appendFileSync(log, content)
    })
  }
}
