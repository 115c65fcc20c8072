// rlm doctor: what a run needs and this machine has; each problem with its fix. Adding a check: a function and a row.
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { probeSandboxes } from '../../compose.ts'
import { asRlmsError } from '../../contract/errors.ts'
import { daemonStatus } from '../../daemon/lifecycle.ts'
import { daemonFolder, readRecord } from '../../daemon/record.ts'
import { findProgram } from '../../lib/find-program.ts'
import { listRuns, stateFolder } from '../../runs/run-store.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { usage } from '../flags.ts'
import { presetNames } from '../model-choice.ts'
import { printValue } from '../print-value.ts'
import { chooseModels } from '../run-request.ts'
import { type Resolved, resolveSettings } from '../settings/resolve.ts'
import { describeDaemon } from './daemon.ts'

const spec: CommandSpec = {
  name: 'rlm doctor',
  summary: 'check what runs need: Node, Python, the sandbox, agent programs, configuration',
  operands: '',
  examples: ['rlm doctor', 'rlm doctor --json | jq \'.checks[] | select(.state == "problem")\''],
  flags: [
    { name: 'json', help: 'one JSON document' },
    { name: 'config', value: 'FILE', help: 'check this configuration in place of those found' },
    { name: 'profile', value: 'NAME', help: 'and this profile' },
  ],
  notes: ['Exit status: 0 without a problem, else 1. A note is nothing that keeps runs from going well.'],
}

interface Finding {
  readonly name: string
  readonly state: 'ok' | 'note' | 'problem'
  readonly found: string
  readonly fix?: string
}
type Values = Readonly<Record<string, string | boolean | undefined>>
type Findings = Finding | Finding[]
type Check = (values: Values) => Promise<Findings> | Findings

const checks: readonly Check[] = [node, git, sandbox, agents, configuration, state, daemon]

export const doctor = specify(spec, async ({ values, positionals }) => {
  if (positionals.length > 0) throw usage('rlm doctor takes no words')
  const findings = (await Promise.all(checks.map((check) => check(values)))).flat()
  const ok = !findings.some((finding) => finding.state === 'problem')
  if (values.json) await printValue({ ok, checks: findings }, 'json')
  else process.stdout.write(findings.map(show).join(''))
  return ok ? 0 : 1
})

function show({ name, state, found, fix }: Finding): string {
  return `${state.padEnd(8)} ${name.padEnd(14)} ${found}\n${fix === undefined ? '' : `${' '.repeat(24)}fix: ${fix}\n`}`
}

function node(): Finding[] {
  const { node: version } = process.versions
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const found = `${version}, ${process.execPath}`
  const fits = major > 20 || (major === 20 && minor >= 19)
  const certificates = process.env.NODE_EXTRA_CA_CERTS
  return [
    fits
      ? { name: 'node', state: 'ok', found }
      : { name: 'node', state: 'problem', found, fix: 'Install Node.js 20.19 or newer.' },
    ...(certificates
      ? [
          {
            name: 'certificates',
            state: 'note',
            found: `NODE_EXTRA_CA_CERTS is read at every start of Node: ${certificates}`,
            fix: 'Unset it where no model over HTTP needs it; a start is up to 65 ms sooner.',
          } as const,
        ]
      : []),
  ]
}

async function git(): Promise<Finding> {
  const version = await versionOf('git')
  if (version) return { name: 'git', state: 'ok', found: version }
  const fix = 'Install git: without it, files that .gitignore names are read too.'
  return { name: 'git', state: 'note', found: 'not found', fix }
}

async function sandbox(): Promise<Finding[]> {
  const [python, ...others] = await probeSandboxes()
  return [...(python ? nativePython(python) : []), ...others.map(describeOther)]
}

type Probe = Awaited<ReturnType<typeof probeSandboxes>>[number]

function nativePython(probe: Probe): Finding[] {
  const { engine, lacking } = probe
  if (engine === null) return [{ name: 'python', state: 'problem', ...missing(lacking) }]
  const why = process.env.SUPERLOOP_RLMS_PYTHON
    ? 'named by SUPERLOOP_RLMS_PYTHON'
    : 'the first usable one found'
  return [
    { name: 'python', state: 'ok', found: `${engine} (${why})` },
    { ...describeOther(probe), name: 'sandbox', state: lacking ? 'problem' : 'ok' },
  ]
}

/** A sandbox that runs need not have. */
function describeOther({ backend, layers, lacking }: Probe): Finding {
  const held = (['language', 'process', 'kernel'] as const).filter((layer) => layers?.[layer]).join(', ')
  if (!lacking) return { name: backend, state: 'ok', found: `all layers: ${held}` }
  const { found, fix } = missing(lacking)
  return { name: backend, state: 'note', found: held === '' ? found : `${held}; ${found}`, fix }
}

function missing(lacking: Probe['lacking']): { found: string; fix: string } {
  return { found: lacking?.message ?? '', fix: lacking?.fix ?? '' }
}

async function agents(): Promise<Finding[]> {
  const found = await Promise.all(
    presetNames.map(async (name): Promise<Finding[]> => {
      const path = findProgram(name, '/', process.env.PATH)
      if (path === undefined) return []
      const version = await versionOf(path)
      if (version) return [{ name, state: 'ok', found: `${version}, ${path}` }]
      const fix = `Run ${name} --version by hand, and mend what it tells.`
      return [{ name, state: 'problem', found: `does not tell its version, ${path}`, fix }]
    }),
  )
  const all = found.flat()
  if (all.length > 0) return all
  const fix = `Install ${presetNames.join(', ')}, or name a model: rlm config set model URL#NAME`
  return [{ name: 'agents', state: 'note', found: 'no agent program found', fix }]
}

async function configuration(values: Values): Promise<Finding[]> {
  try {
    const resolved = await resolveSettings({ cwd: process.cwd(), env: process.env, flags: values })
    const files = resolved.files.length === 0 ? 'no file; defaults hold' : resolved.files.join(', ')
    const profile = resolved.profile === null ? '' : `; profile ${resolved.profile}`
    return [{ name: 'configuration', state: 'ok', found: files + profile }, model(resolved)]
  } catch (cause) {
    const { message, fix } = asRlmsError(cause)
    return [{ name: 'configuration', state: 'problem', found: message, fix }]
  }
}

function model(resolved: Resolved): Finding {
  try {
    const { root, sub, offlineForWant } = chooseModels(resolved, process.env)
    const words = [root.argv.join(' '), ...(sub === root ? [] : [`sub-calls ${sub.argv.join(' ')}`])]
    const found = `${words.join('; ')} (${resolved.origins.model})`
    return offlineForWant
      ? {
          name: 'model',
          state: 'note',
          found,
          fix: 'Answers are by patterns and word counts until a model is named.',
        }
      : { name: 'model', state: 'ok', found }
  } catch (cause) {
    const { message, fix } = asRlmsError(cause)
    return { name: 'model', state: 'problem', found: message, fix }
  }
}

function state(): Finding {
  const folder = stateFolder(process.env)
  const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)))
  try {
    accessSync(nearest(folder), constants.W_OK)
    return { name: 'runs', state: 'ok', found: `${listRuns(process.env).length} in ${folder}` }
  } catch {
    const fix = 'Correct its permissions, set XDG_STATE_HOME, or give each run --out.'
    return { name: 'runs', state: 'problem', found: `${folder} cannot be written to`, fix }
  }
}

async function daemon(): Promise<Finding> {
  const folder = daemonFolder()
  const serving = await daemonStatus(folder)
  if (serving) return { name: 'daemon', state: 'ok', found: describeDaemon(serving) }
  if (readRecord(folder) === undefined)
    return { name: 'daemon', state: 'ok', found: 'none: each run starts its own sandbox' }
  const fix = 'Start it again: rlm daemon start.'
  return { name: 'daemon', state: 'problem', found: 'it does not answer; runs do without it', fix }
}

const versionMs = 20_000

/** The first line that `program --version` prints; undefined when it can't be asked. */
async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], {
      timeout: versionMs,
      killSignal: 'SIGKILL',
    })
    return stdout.trim().split('\n')[0] || undefined
  } catch {
    return undefined
  }
}
