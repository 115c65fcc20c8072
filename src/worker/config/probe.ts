// Asks the programs that roles and models need for their versions: what a run would find out an hour later is told now.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endGroup, startGroup } from '../lib/process-group.ts'
import { type Finding, problem } from './findings.ts'
import { type CheckedConfig, loopRoles, messageAuthor, roleChoice, runnerOf } from './host-config.ts'

export interface ProbeOptions {
  readonly repo: string
  readonly env: NodeJS.ProcessEnv
  /** How long a program may take to answer. */
  readonly limitMs: number
  readonly signal: AbortSignal
}

export interface Probe {
  readonly missing: readonly Finding[]
  /** A line for each program that answered. */
  readonly answers: readonly string[]
}

/** Every program that a role or a model needs is asked once, all at the same time, in an empty folder, with no input. */
export async function probePrograms(checked: CheckedConfig, options: ProbeOptions): Promise<Probe> {
  const programs = [...neededPrograms(checked)]
  const outcomes = await Promise.all(
    programs.map(async ([program, place]) => ({ program, ...(await askVersion(program, place, options)) })),
  )
  options.signal.throwIfAborted()
  return {
    missing: outcomes.flatMap(({ finding }) => finding ?? []),
    answers: outcomes.flatMap(({ version, program }) =>
      version === undefined ? [] : `${program} answers ${version}`,
    ),
  }
}

/** Each program with the place that needs it first. */
function neededPrograms({ config, isBroken }: CheckedConfig): Map<string, string> {
  const programs = new Map<string, string>()
  if (config === null || ['/runners', '/runner', '/role_defaults'].some(isBroken)) return programs
  const need = (program: string | undefined, place: string) => {
    if (program !== undefined && program.trim() !== '' && !programs.has(program)) programs.set(program, place)
  }
  for (const [at, loop] of config.loops.entries()) {
    if (isBroken(`/loops/${at}`)) continue
    for (const role of loopRoles(loop))
      need(runnerOf(config, roleChoice(config, loop, role))?.command[0], `loops[${at}].roles.${role}`)
    const author = messageAuthor(loop)
    if (author)
      need(
        runnerOf(config, roleChoice(config, loop, author))?.command[0],
        `loops[${at}].git.commit_message.author_role`,
      )
    for (const [name, { command }] of Object.entries(
      loop.rlms.enabled === true ? (loop.rlms.models as Models) : {},
    ))
      if (!command?.[0]?.startsWith('rlms:')) need(command?.[0], `loops[${at}].rlms.models.${name}`)
  }
  return programs
}

type Models = Readonly<Record<string, { readonly command?: readonly string[] }>>

interface Outcome {
  readonly version?: string
  readonly finding?: Finding
}

const outputLimit = 64 * 1024

async function askVersion(program: string, place: string, options: ProbeOptions): Promise<Outcome> {
  const { repo, env, limitMs } = options
  const cwd = mkdtempSync(join(tmpdir(), 'superloop-probe-'))
  const path = program.replaceAll('{repo}', () => resolve(repo))
  const file = path.includes('/') ? resolve(repo, path) : path
  const child = startGroup([file, '--version'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    tag: `superloop-probe-${process.pid}-${cwd.slice(-6)}`,
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < outputLimit) output += text
    })
  }
  try {
    const end = await ended(child, options)
    return judge(end, firstLine(output), program, place, limitMs)
  } finally {
    if (child.pid !== undefined) await endGroup(child.pid, 500)
    rmSync(cwd, { recursive: true, force: true })
  }
}

type End =
  | { readonly error: NodeJS.ErrnoException }
  | { readonly status: number | null; readonly signal: NodeJS.Signals | null }
  | 'late'

/** A process that the program leaves behind may hold its pipes: they are read for a moment longer, not until they close. */
async function ended(child: ChildProcess, { limitMs, signal }: ProbeOptions): Promise<End> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const closed = once(child, 'close', { signal: over }).catch(() => {})
  try {
    const [status, endedBy] = await once(child, 'exit', { signal: over })
    await Promise.race([closed, sleep(200)])
    return { status, signal: endedBy }
  } catch (error) {
    return over.aborted ? 'late' : { error: error as NodeJS.ErrnoException }
  }
}

function judge(end: End, said: string, program: string, place: string, limitMs: number): Outcome {
  const name = JSON.stringify(program)
  if (end !== 'late' && 'error' in end) {
    const why = ['ENOENT', 'EACCES'].includes(end.error.code ?? '')
      ? `there is no program ${name}`
      : `the program ${name} cannot be started: ${end.error.message}`
    return { finding: problem('error', 'PROGRAM_MISSING', place, why, 'Install it, or correct the command.') }
  }
  if (end !== 'late' && end.status === 0) return { version: said || 'nothing' }
  const why =
    end === 'late' ? `no answer within ${limitMs / 1000} s` : `${describe(end)}${said && `: ${said}`}`
  const fix = 'Run it by hand with --version, and mend what it tells.'
  return {
    finding: problem(
      'error',
      'PROGRAM_NOT_ANSWERING',
      place,
      `the program ${name} does not tell its version: ${why}`,
      fix,
    ),
  }
}

function describe({ status, signal }: { status: number | null; signal: NodeJS.Signals | null }): string {
  return signal === null ? `exit status ${status}` : `ended by ${signal}`
}

function firstLine(output: string): string {
  const line = output.split('\n').find((text) => text.trim() !== '') ?? ''
  // What a terminal would act on is taken out.
  return line
    .replace(/\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u001f\u007f]/g, '')
    .trim()
    .slice(0, 200)
}
