// For superloop.sh: checks the host's configuration and hands it over as Bash assignments.

import type { Finding } from '../../config/findings.ts'
import { type HostConfig, type Loop, readHostConfig } from '../../config/host-config.ts'
import { sectionsNotActedOn } from '../../config/not-acted-on.ts'
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

/** Agent programs take up to six seconds to start. */
const probeLimitMs = 20_000

/**
 * `check` prints findings on standard error, status 2 when one is an error, and else what holds on standard output.
 * `resolve` prints SL_LOOP_IDS and, with --loop, that loop's settings, else SL_LOOP_SETTINGS: those of each loop, as text to
 * evaluate; with --static it refuses what a static check finds, and tells of a spec that nobody has written.
 */
export const hostConfig: Command = async (argv, signal) => {
  const [action, ...rest] = argv
  const { values } = parseFlags(rest, flags)
  const text = (name: string) => (typeof values[name] === 'string' ? (values[name] as string) : undefined)
  const file = text('config')
  if (file === undefined || (action !== 'check' && action !== 'resolve'))
    throw usage('host-config check|resolve --config FILE')
  const repo = text('repo') ?? '.'
  const checked = await readHostConfig(file, text('schema'))
  const findings = [...checked.findings, ...(values.static ? checkStatically(checked, repo) : [])]
  if (action === 'resolve' && checked.config !== null && !findings.some(isError)) {
    report(findings.filter(({ code }) => code === 'SPEC_FILE_TEMPLATE'))
    process.stdout.write(`${resolve(checked.config, text('loop'))}\n`)
    return 0
  }
  if (action === 'resolve') return report(findings)
  const { missing, answers } = values.probe
    ? await probePrograms(checked, { repo, env: process.env, limitMs: probeLimitMs, signal })
    : { missing: [], answers: [] }
  const status = report([...findings, ...missing, ...sectionsNotActedOn(checked)])
  if (status !== 0) return status
  const held = [
    'the configuration fits the schema',
    ...(values.static ? ['static analysis passed'] : []),
    ...answers,
    ...(values.probe ? ['every program is installed'] : []),
  ]
  process.stdout.write(held.map((line) => `ok: ${line}\n`).join(''))
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
  return findings.some(isError) ? 2 : 0
}

function isError({ severity }: Finding): boolean {
  return severity === 'error'
}
