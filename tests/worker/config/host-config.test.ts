import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loopRoles, readHostConfig, roleChoice, runnerOf } from '../../../src/worker/config/host-config.ts'
import { agentRunner, configOf, findingsIn, jsonFile, resolved, told } from '../helpers/host-configs.ts'
import { rlmsErrorOf } from '../helpers/model-request.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('what a configuration leaves out gets its default', async () => {
  const { config, loop } = await resolved(configOf())
  expect(config.runners.agent).toEqual({ ...agentRunner, fast_args: [] })
  expect(config.role_defaults).toEqual({})
  expect(loop).toMatchObject({
    max_iterations: 0,
    tests: { mode: 'disabled', commands: [] },
    timeouts: { enabled: false, default: 900 },
    stuck: { enabled: false, threshold: 3, action: 'report_and_stop', ignore: [] },
    git: { commit_strategy: 'never' },
  })
  expect(loop.rlms).toEqual({
    enabled: false,
    mode: 'hybrid',
    request_keyword: 'RLMS_REQUEST',
    auto: { max_lines: 2500, max_estimated_tokens: 120_000, max_files: 40 },
    roles: { planner: true, implementer: true, tester: true, reviewer: true },
    limits: {
      max_steps: 40,
      max_depth: 2,
      timeout_seconds: 240,
      max_subcalls: 0,
      max_errors: 3,
      concurrency: 8,
    },
    output: { format: 'json', require_citations: true },
    policy: { force_on: false, force_off: false, fail_mode: 'warn_and_continue' },
    context: { include: [], exclude: [], max_files: 2000, max_bytes: 268_435_456 },
    models: {},
    sandbox: 'auto',
    sandbox_require: 'kernel',
  })
})

test('an explicit false, and a value of nothing, stay as they are', async () => {
  const rlms = { enabled: true, roles: { planner: false }, output: { require_citations: false } }
  const { loop } = await resolved(configOf({ rlms, timeouts: { default: 0 } }))
  expect(loop.rlms).toMatchObject({ ...rlms, roles: { planner: false, tester: true } })
  expect(loop.timeouts).toMatchObject({ default: 0 })
})

test.each<[what: string, roles: unknown, order: string[]]>([
  ['no roles', undefined, ['planner', 'implementer', 'tester', 'reviewer']],
  ['an empty table', {}, ['planner', 'implementer', 'tester', 'reviewer']],
  ['a table', { reviewer: {}, planner: {} }, ['planner', 'reviewer']],
  ['a list', ['tester', 'implementer'], ['implementer', 'tester']],
])('of %s those that are named run, in their fixed order', async (_, roles, order) => {
  const { loop } = await resolved(configOf({ roles }))
  expect(loopRoles(loop)).toEqual(order)
})

test('what a loop says of a role goes before its defaults, part by part', async () => {
  const role_defaults = { planner: { runner: 'agent', model: 'large', thinking: 'high' } }
  const { config, loop } = await resolved(
    configOf({ roles: { planner: { model: 'small' } } }, { role_defaults }),
  )
  expect(roleChoice(config, loop, 'planner')).toEqual({ runner: 'agent', model: 'small', thinking: 'high' })
  expect(roleChoice(config, loop, 'tester')).toEqual({})
})

test('a list of roles leaves them their defaults', async () => {
  const role_defaults = { planner: { model: 'large' } }
  const { config, loop } = await resolved(configOf({ roles: ['planner'] }, { role_defaults }))
  expect(roleChoice(config, loop, 'planner')).toEqual({ model: 'large' })
})

const one = { command: ['one'] }
const two = { command: ['two'] }

test.each<
  [what: string, changes: Record<string, unknown>, named: string | undefined, program: string | undefined]
>([
  ['the one that is named', { runners: { one, two } }, 'two', 'two'],
  ['the only one there is', { runners: { one } }, undefined, 'one'],
  ['the one for all', { runners: { one, two }, runner: { command: ['all'] } }, undefined, 'all'],
  [
    'the one for all before the only one',
    { runners: { one }, runner: { command: ['all'] } },
    undefined,
    'all',
  ],
  ['the named one before the one for all', { runners: { one }, runner: { command: ['all'] } }, 'one', 'one'],
  ['none where there are several', { runners: { one, two } }, undefined, undefined],
  ['none where there is none', { runners: {} }, undefined, undefined],
  ['none where another is named', { runners: { one } }, 'two', undefined],
  ['none of a name that every object has', { runners: { one } }, 'constructor', undefined],
])('the runner of a role is %s', async (_, changes, named, program) => {
  const { config } = await resolved(configOf({}, changes))
  const runner = runnerOf(config, named === undefined ? {} : { runner: named })
  expect(runner).toEqual(program === undefined ? undefined : expect.objectContaining({ command: [program] }))
})

test('a configuration that is not there is told with what to do', async () => {
  const file = join(temporaryFolder(), 'none.json')
  expect(await rlmsErrorOf(readHostConfig(file))).toMatchObject({
    code: 'invalid_config',
    message: `the configuration cannot be read: there is no file ${file}`,
    fix: 'Run superloop.sh init, or name one with --config.',
  })
})

test('a configuration that cannot be read is told with the reason', async () => {
  const folder = temporaryFolder()
  expect(await rlmsErrorOf(readHostConfig(folder))).toMatchObject({
    message: `the configuration cannot be read: ${folder} is a folder`,
    fix: 'Name a file.',
  })
  expect(await rlmsErrorOf(readHostConfig(join(jsonFile('{}'), 'below')))).toMatchObject({
    message: expect.stringMatching(/^the configuration cannot be read: ENOTDIR: /),
    fix: 'Correct the path or its permissions.',
  })
})

test.each(['', ' \n', '\uFEFF'])('a configuration of %j is blank', async (text) => {
  const file = jsonFile(text)
  expect(await rlmsErrorOf(readHostConfig(file))).toMatchObject({
    code: 'invalid_config',
    message: `the configuration is blank: ${file}`,
  })
})

test.each(['{', 'loops:', '{"loops": [}'])('a configuration of %j is no JSON', async (text) => {
  const file = jsonFile(text)
  const error = await rlmsErrorOf(readHostConfig(file))
  expect(error.message).toMatch(/^the configuration is no JSON: /)
  expect(error).toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining(file),
    fix: 'Correct the file at the place that the message names.',
  })
})

test("a schema of one's own is checked beside ours, and leaves the configuration as it is", async () => {
  const schema = { properties: { loops: { maxItems: 0, default: [] }, owner: { default: 'x' } } }
  expect(told(await findingsIn(configOf({}, { loop: 1 }), schema))).toEqual([
    ': unknown key "loop". Did you mean "loops"? (CONFIG_INVALID)',
    'loops: the value must NOT have more than 0 items. Correct the value; schema/config.schema.json describes it. (LOOPS_CONFIG_INVALID)',
  ])
  expect(await findingsIn(configOf(), { properties: { owner: { default: 'x' } } })).toEqual([])
})

test('what both schemas refuse is told once', async () => {
  const schema = { properties: { loops: { items: { properties: { max_iterations: { type: 'integer' } } } } } }
  expect(await findingsIn(configOf({ max_iterations: 'three' }), schema)).toHaveLength(1)
})

test.each(['tests', 'id'])(
  'a NUL character in %s is refused, for no command line can hold it',
  async (key) => {
    const file = jsonFile(configOf({ [key]: 'a\0b' }))
    expect(await rlmsErrorOf(readHostConfig(file))).toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(`a NUL character at "${key}"`),
    })
  },
)

test('a mark of byte order in front is no part of the configuration', async () => {
  expect(await findingsIn(`\uFEFF${JSON.stringify(configOf())}`)).toEqual([])
})

test('a single command before the commit stands for a list of one, a blank one for none', async () => {
  for (const [given, read] of [
    ['lint', ['lint']],
    ['', []],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [undefined, []],
  ]) {
    const { loop } = await resolved(configOf({ git: { pre_commit_commands: given } }))
    expect(loop.git).toMatchObject({ pre_commit_commands: read })
  }
})

test.each([
  ['draft-07', 'http://json-schema.org/draft-07/schema#'],
  ['2020-12', 'https://json-schema.org/draft/2020-12/schema'],
])("a schema of one's own may be of draft %s", async (_, $schema) => {
  const schema = { $schema, properties: { loops: { type: 'array', maxItems: 0 } } }
  expect((await findingsIn(configOf(), schema)).map(({ place }) => place)).toEqual(['loops'])
  expect(await findingsIn(configOf(), { $schema, type: 'object' })).toEqual([])
})

test.each<[what: string, schema: unknown, why: string]>([
  ['is none', { type: 5 }, 'schema is invalid: data/type must be '],
  ['names a part that it has not', { $ref: '#/$defs/none' }, "can't resolve reference #/$defs/none"],
  [
    'is of a draft that is not known',
    { $schema: 'http://json-schema.org/draft-04/schema#' },
    'no schema with key',
  ],
  ['is a text', '"x"', 'schema must be object or boolean'],
])("a schema of one's own that %s is told by the name of its file", async (_, schema, why) => {
  const file = jsonFile(schema)
  const error = await rlmsErrorOf(readHostConfig(jsonFile(configOf()), file))
  expect(error).toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining(why),
    fix: 'Correct the schema, or leave --schema out.',
  })
  expect(error.message).toMatch(/^the schema cannot be used: /)
  expect(error.message).toContain(file)
})

test("a schema of one's own that is not there is told by its flag", async () => {
  const file = join(temporaryFolder(), 'none.json')
  expect(await rlmsErrorOf(readHostConfig(jsonFile(configOf()), file))).toMatchObject({
    message: `the schema cannot be read: there is no file ${file}`,
    fix: 'Correct --schema.',
  })
})
