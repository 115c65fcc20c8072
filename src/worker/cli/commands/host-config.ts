// For superloop.sh: checks the host's configuration and hands it over as Bash assignments.

import type { Finding } from '../../config/findings.ts'
import { type HostConfig, type Loop, readHostConfig } from '../../config/host-config.ts'
import { probePrograms } from '../../config/probe.ts'
import { assign, loopAssignments } from '../../config/shell-assignments.ts'
import { checkStatically } from '../../config/static-check.ts'
import { RlmsError } from '../../contract/errors.ts'
import { nearest } from '../../lib/nearest.ts'
import { type FlagTable, parseFlags, usage } from '../flags.ts'
import type { Command } from '../main.ts'

const flags: FlagTable = {
  config: 'text',
  schema: 'text',
  loop: 'text',
  repo: 'text',
  static: 'switch',
  probe: 'switch',
}

/**
 * `check` prints findings on standard error, status 2 when one is an error. `resolve` also prints SL_LOOP_IDS and, with
 * --loop, that loop's settings, else SL_LOOP_SETTINGS: those of each loop, as text to evaluate. With --static it refuses
 * what a static check finds, with --probe programs that are not installed.
 */
export const hostConfig: Command = async (argv) => {
  const [action, ...rest] = argv
  const { values } = parseFlags(rest, flags)
  const text = (name: string) => (typeof values[name] === 'string' ? (values[name] as string) : undefined)
  const file = text('config')
  if (file === undefined || (action !== 'check' && action !== 'resolve'))
    throw usage('host-config check|resolve --config FILE')
  const { config, findings } = await readHostConfig(file, text('schema'))
  if (config === null) return report(findings)
  const repo = text('repo') ?? '.'
  const found = [
    ...(values.static ? checkStatically(config, repo) : []),
    ...(values.probe ? probePrograms(config, repo) : []),
  ]
  if (action === 'check' || found.some(({ severity }) => severity === 'error')) return report(found)
  process.stdout.write(`${resolve(config, text('loop'))}\n`)
  return 0
}

function resolve(config: HostConfig, id: string | undefined): string {
  const ids = config.loops.map((loop) => loop.id)
  const known = assign('SL_LOOP_IDS', ids)
  const settings = (loop: Loop) =>
    `${assign('SL_LOOP_INDEX', config.loops.indexOf(loop))}\n${loopAssignments(config, loop)}`
  if (id === undefined) return `${known}\n${assign('SL_LOOP_SETTINGS', config.loops.map(settings))}`
  const loop = config.loops.find((entry) => entry.id === id)
  if (loop) return `${known}\n${settings(loop)}`
  const near = nearest(id, ids)
  throw new RlmsError(
    'invalid_config',
    `loop id not found: ${id}`,
    near ? `Did you mean ${near}?` : `The loops are ${ids.join(', ')}.`,
  )
}

function report(findings: readonly Finding[]): number {
  for (const { severity, code, place, message, fix } of findings) {
    process.stderr.write(
      `${severity}: ${place === '' ? '' : `${place}: `}${message}\n  code: ${code}\n  fix: ${fix}\n`,
    )
  }
  return findings.some(({ severity }) => severity === 'error') ? 2 : 0
}
