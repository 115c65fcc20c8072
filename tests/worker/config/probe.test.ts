import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RoleName } from '../../../src/worker/config/host-config.ts'
import { type Probe, probePrograms } from '../../../src/worker/config/probe.ts'
import { configLab } from '../helpers/config-lab.ts'
import { fakeProgram } from '../helpers/fake-program.ts'
import { waitUntilGone } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

interface Setting {
  readonly limitMs?: number
  readonly signal?: AbortSignal
  readonly rlms?: object
}

/** Probes programs of a folder on the PATH, each a shell script; `change` says who needs which. */
async function probe(
  scripts: Record<string, string>,
  commands: Partial<Record<RoleName, readonly string[]>>,
  { limitMs = 20_000, signal = new AbortController().signal, rlms = {} }: Setting = {},
): Promise<Probe> {
  const lab = configLab()
  const bin = join(lab.repo, 'bin')
  for (const [name, lines] of Object.entries(scripts)) fakeProgram(bin, name, lines)
  const checked = await lab.read((config, loop) => {
    for (const [role, command] of Object.entries(commands)) config.runners[role] = { command }
    loop.roles = Object.fromEntries(Object.keys(commands).map((role) => [role, { runner: role }]))
    loop.rlms = rlms
  })
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
  return probePrograms(checked, { repo: lab.repo, env, limitMs, signal })
}

function said({ missing }: Probe): string[] {
  return missing.map(({ severity, place, code, message }) => `${severity} ${place} ${code}: ${message}`)
}

test('a program that answers is told with its version, the first line of either output', async () => {
  const scripts = {
    one: 'echo "one $*"; echo more',
    two: 'printf "\\n\\033[1m2.0\\033[0m\\n" >&2',
    mute: ':',
  }
  const { answers, missing } = await probe(scripts, {
    planner: ['one', 'exec'],
    tester: ['two'],
    reviewer: ['mute'],
  })
  expect(missing).toEqual([])
  expect(answers).toEqual(['one answers one --version', 'two answers 2.0', 'mute answers nothing'])
})

test('a program that several roles share is asked once, and one that nobody needs is not', async () => {
  const log = join(temporaryFolder(), 'log')
  const scripts = { shared: `echo asked >>${log}; echo 1.0` }
  const { answers } = await probe(scripts, { planner: ['shared'], tester: ['shared', 'x'] })
  expect(answers).toEqual(['shared answers 1.0'])
  expect(readFileSync(log, 'utf8')).toBe('asked\n')
})

test('the models of analyses are asked as well, those that are built in and those of analyses that are off are not', async () => {
  const models = { root: { command: ['rlms:offline'] }, subcall: { command: ['{repo}/bin/model'] } }
  const scripts = { agent: 'echo 1', model: 'echo 2' }
  const on = await probe(scripts, { planner: ['./bin/agent'] }, { rlms: { enabled: true, models } })
  expect(on.answers).toEqual(['./bin/agent answers 1', '{repo}/bin/model answers 2'])
  const off = await probe(scripts, { planner: ['bin/agent'] }, { rlms: { models } })
  expect(off.answers).toEqual(['bin/agent answers 1'])
})

test('every program that is missing, fails or is no program is told in one run', async () => {
  const scripts = { broken: 'echo "no such module" >&2; exit 3', killed: 'kill -9 $$', good: 'echo 1' }
  const rlms = { enabled: true, models: { root: { command: ['killed'] }, subcall: { command: ['good'] } } }
  const outcome = await probe(
    scripts,
    {
      planner: ['superloop-no-such-program'],
      implementer: ['./agents/none'],
      tester: ['/'],
      reviewer: ['broken'],
    },
    { rlms },
  )
  expect(said(outcome)).toEqual([
    'error loops[0].roles.planner PROGRAM_MISSING: there is no program "superloop-no-such-program"',
    'error loops[0].roles.implementer PROGRAM_MISSING: there is no program "./agents/none"',
    'error loops[0].roles.tester PROGRAM_MISSING: there is no program "/"',
    'error loops[0].roles.reviewer PROGRAM_NOT_ANSWERING: the program "broken" does not tell its version: exit status 3: no such module',
    'error loops[0].rlms.models.root PROGRAM_NOT_ANSWERING: the program "killed" does not tell its version: ended by SIGKILL',
  ])
  expect(outcome.answers).toEqual(['good answers 1'])
})

test('a program that does not answer is ended with all that it started', async () => {
  const pids = join(temporaryFolder(), 'pids')
  const slow = `sleep 60 & echo $! >>${pids}; echo $$ >>${pids}; trap "" TERM; sleep 60`
  expect(said(await probe({ slow }, { planner: ['slow'] }, { limitMs: 500 }))).toEqual([
    'error loops[0].roles.planner PROGRAM_NOT_ANSWERING: the program "slow" does not tell its version: no answer within 0.5 s',
  ])
  for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) await waitUntilGone(Number(pid))
})

test('a process that the program leaves behind does not hold up the answer', async () => {
  const { answers } = await probe({ agent: 'sleep 60 & echo 1.0' }, { planner: ['agent'] })
  expect(answers).toEqual(['agent answers 1.0'])
})

test('the program runs in an empty folder that is gone afterwards, and reads nothing', async () => {
  const log = join(temporaryFolder(), 'log')
  const { answers } = await probe(
    { agent: `pwd >${log}; echo "$(ls | wc -l)" "$(cat)"; touch -- --version` },
    { planner: ['agent'] },
  )
  expect(answers).toEqual(['agent answers 0'])
  expect(existsSync(readFileSync(log, 'utf8').trim())).toBe(false)
})

test('an interruption ends the probe', async () => {
  const slow = probe({ slow: 'sleep 60' }, { planner: ['slow'] }, { signal: AbortSignal.timeout(300) })
  await expect(slow).rejects.toThrow('timeout')
})

test('a runner that the schema refuses is not asked', async () => {
  const outcome = await probe({}, { planner: [] })
  expect([outcome.answers, said(outcome)]).toEqual([[], []])
})
