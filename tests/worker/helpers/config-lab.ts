// A repository with a configuration that is right, to be made wrong in one place.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CheckedConfig, readHostConfig } from '../../../src/worker/config/host-config.ts'
import { checkStatically } from '../../../src/worker/config/static-check.ts'
import { temporaryFolder } from './temporary-folder.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests put in what the types forbid
type Draft = any

export interface ConfigLab {
  readonly repo: string
  file(path: string, text?: string): void
  read(change: (config: Draft, loop: Draft) => void): Promise<CheckedConfig>
  /** What the static check finds, as `severity place CODE: message`. */
  findings(change: (config: Draft, loop: Draft) => void): Promise<string[]>
}

export function configLab(): ConfigLab {
  const repo = temporaryFolder()
  const file = (path: string, text = 'text\n') => {
    mkdirSync(dirname(join(repo, path)), { recursive: true })
    writeFileSync(join(repo, path), text)
  }
  file('spec.md')
  mkdirSync(join(repo, '.git'))
  const read: ConfigLab['read'] = (change) => {
    const config: Draft = {
      runners: { agent: { command: ['agent'] } },
      loops: [{ id: 'work', spec_file: 'spec.md', max_iterations: 3, completion_promise: 'DONE' }],
    }
    change(config, config.loops[0])
    file('config.json', JSON.stringify(config))
    return readHostConfig(join(repo, 'config.json'))
  }
  return {
    repo,
    file,
    read,
    async findings(change) {
      const checked = await read(change)
      return [...checked.findings, ...checkStatically(checked, repo)].map(
        ({ severity, place, code, message }) => `${severity} ${place} ${code}: ${message}`,
      )
    },
  }
}
