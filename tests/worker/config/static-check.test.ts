// What fits the schema and is wrong all the same. `superloop.sh validate --static` tells the same in tests/superloop-validate.bats.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sectionsNotActedOn } from '../../../src/worker/config/not-acted-on.ts'
import { checkStatically } from '../../../src/worker/config/static-check.ts'
import { configOf, resolved, told } from '../helpers/host-configs.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** A repository with the spec that the smallest configuration names. */
function repository(): string {
  const repo = temporaryFolder()
  writeFileSync(join(repo, 'spec.md'), 'Do it.\n')
  mkdirSync(join(repo, 'folder'))
  return repo
}

async function check(loop: Record<string, unknown>, changes: Record<string, unknown> = {}) {
  const { config } = await resolved(
    configOf({ max_iterations: 3, completion_promise: 'DONE', ...loop }, changes),
  )
  const checked = { config, findings: [], isBroken: () => false }
  return [...checkStatically(checked, repository()), ...sectionsNotActedOn(checked)]
}

test('a configuration that is right has no findings', async () => {
  for (const policy of [{ force_on: true }, { force_off: true }])
    expect(await check({ rlms: { policy } })).toEqual([])
  expect(await check({ tests: { mode: 'every', commands: ['true'] }, roles: { planner: {} } })).toEqual([])
})

const runners = { one: { command: ['one'] }, two: { command: ['two'] } }
const blank = { command: [' \t', 'x'] }

test.each<[what: string, loop: Record<string, unknown>, changes: Record<string, unknown>, finding: string]>([
  [
    'a program that is blank',
    { roles: { planner: { runner: 'one' } } },
    { runners: { ...runners, three: blank } },
    'runners.three.command: the program is blank. Name the program to run. (RUNNERS_CONFIG_INVALID)',
  ],
  [
    'a program for all that is blank',
    {},
    { runner: blank },
    'runner.command: the program is blank. Name the program to run. (RUNNERS_CONFIG_INVALID)',
  ],
  [
    'a runner that is not there',
    { roles: { planner: { runner: 'toString' } } },
    { runners },
    'loops[0].roles.planner: there is no runner "toString". Name one of the runners (one, two), or add it to runners. (ROLES_CONFIG_INVALID)',
  ],
  [
    'a role without a runner',
    { roles: ['tester'] },
    { runners },
    'loops[0].roles.tester: no runner is named for the tester. Name one of the runners (one, two), or add it to runners. (ROLES_CONFIG_INVALID)',
  ],
  [
    'no runner at all',
    { roles: ['tester'] },
    { runners: {} },
    'loops[0].roles.tester: no runner is named for the tester. Name one of the runners (none), or add it to runners. (ROLES_CONFIG_INVALID)',
  ],
  [
    'a spec that is not there',
    { spec_file: 'specs/none.md' },
    {},
    'loops[0].spec_file: there is no file specs/none.md. Write the spec, or correct the path. (SPEC_FILE_MISSING)',
  ],
  [
    'a spec that is a folder',
    { spec_file: 'folder' },
    {},
    'loops[0].spec_file: there is no file folder. Write the spec, or correct the path. (SPEC_FILE_MISSING)',
  ],
  [
    'an analysis that is forced on and off',
    { rlms: { policy: { force_on: true, force_off: true } } },
    {},
    'loops[0].rlms.policy: force_on and force_off are both true. Set one of them to false. (RLMS_CONFIG_INVALID)',
  ],
  [
    'a glob that leaves the repository',
    { rlms: { context: { include: ['docs/**', '..data'], exclude: ['a/../../b'] } } },
    {},
    'loops[0].rlms.context.exclude[0]: the glob "a/../../b" leaves the repository. Write it as seen from the repository, such as "docs/**". (RLMS_CONFIG_INVALID)',
  ],
  [
    'tests without a command',
    { tests: { mode: 'on_promise' } },
    {},
    'loops[0].tests.commands: the mode is on_promise, but there is no command. Add a command, or set the mode to "disabled". (TESTS_CONFIG_INVALID)',
  ],
  [
    'a test command that is blank',
    { tests: { commands: ['true', '\n'] } },
    {},
    'loops[0].tests.commands[1]: the command is blank. Write the command, or remove it. (TESTS_CONFIG_INVALID)',
  ],
])('%s is an error', async (_, loop, changes, finding) => {
  const findings = await check(loop, changes)
  expect(told(findings)).toEqual([finding])
  expect(findings[0]?.severity).toBe('error')
})

test('hooks, which are acted on, are no finding', async () => {
  expect(await check({ hooks: { on_complete: 'true' } })).toEqual([])
})

test.each([
  'horizon_ref',
  'delegation',
  'lifecycle',
  'tester_exploration',
  'dev_env_contract',
  'recovery',
  'usage_check',
])('the section %s, whatever it holds, is a warning where it is not switched off', async (section) => {
  expect(await check({ [section]: { enabled: false } })).toEqual([])
  for (const value of ['text', { enabled: true }, null]) {
    const findings = await check({ [section]: value })
    expect(told(findings)).toEqual([
      `loops[0].${section}: this section is accepted, but not acted on. Remove it, or know that it does nothing here. (NOT_ACTED_ON)`,
    ])
    expect(findings[0]?.severity).toBe('warning')
  }
})

test('a loop that has the id of another is an error, each time but the first', async () => {
  const loop = (id: string) => ({ id, spec_file: 'spec.md', completion_promise: 'DONE', max_iterations: 3 })
  const findings = await check({}, { loops: [loop('a'), loop('b'), loop('a'), loop('a')] })
  expect(told(findings)).toEqual(
    [2, 3].map(
      (at) =>
        `loops[${at}].id: another loop is called "a". Give each loop an id of its own. (LOOPS_CONFIG_INVALID)`,
    ),
  )
})

test('what is wrong in several loops is told by the place of each', async () => {
  const loops = ['a', 'b'].map((id) => ({
    id,
    spec_file: 'none.md',
    completion_promise: 'DONE',
    max_iterations: 3,
    roles: ['planner'],
  }))
  const findings = await check({}, { loops, runners: {} })
  expect(findings.map(({ place }) => place)).toEqual([
    'loops[0].roles.planner',
    'loops[0].spec_file',
    'loops[1].roles.planner',
    'loops[1].spec_file',
  ])
})
