// Configurations of the host: the smallest that is right, and changes of it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Finding } from '../../../src/worker/config/findings.ts'
import { type HostConfig, type Loop, readHostConfig } from '../../../src/worker/config/host-config.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Fields = Record<string, unknown>

export const agentRunner = {
  command: ['agent', 'run'],
  args: ['--json', '{prompt_file}'],
  prompt_mode: 'file',
}

/** One loop, `work`, with these settings beside those it needs, and one runner, `agent`. */
export function configOf(loop: Fields = {}, changes: Fields = {}): Fields {
  const work = { id: 'work', spec_file: 'spec.md', ...loop }
  return { runners: { agent: agentRunner }, loops: [work], ...changes }
}

export function jsonFile(value: unknown): string {
  const file = join(temporaryFolder(), 'file.json')
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  return file
}

/** With its defaults; the test fails when it does not fit the schema. */
export async function resolved(value: unknown): Promise<{ config: HostConfig; loop: Loop }> {
  const { config, findings } = await readHostConfig(jsonFile(value))
  expect(findings).toEqual([])
  if (config === null) return expect.fail('there is no configuration')
  return { config, loop: config.loops[0]! }
}

export async function findingsIn(value: unknown, schema?: unknown): Promise<readonly Finding[]> {
  const { findings } = await readHostConfig(
    jsonFile(value),
    schema === undefined ? undefined : jsonFile(schema),
  )
  return findings
}

/** Each as one line: where, what is wrong, what to do, and its code. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(({ place, message, fix, code }) => `${place}: ${message}. ${fix} (${code})`)
}
