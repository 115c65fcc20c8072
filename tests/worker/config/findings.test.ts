// What a configuration gets wrong is told with its place, why, and what to do: unknown keys, values, unions.
import { expect, test } from 'vitest'
import { configOf, findingsIn, told } from '../helpers/host-configs.ts'

const correct = 'Correct the value; schema/config.schema.json describes it.'

test.each<[where: string, value: unknown, finding: string]>([
  [
    'at the top',
    configOf({}, { runer: {} }),
    ': unknown key "runer". Did you mean "runner"? (CONFIG_INVALID)',
  ],
  [
    'in a loop',
    configOf({ max_iteration: 3 }),
    'loops[0]: unknown key "max_iteration". Did you mean "max_iterations"? (LOOPS_CONFIG_INVALID)',
  ],
  [
    'deep in a loop',
    configOf({ rlms: { auto: { max_line: 3 } } }),
    'loops[0].rlms.auto: unknown key "max_line". Did you mean "max_lines"? (RLMS_CONFIG_INVALID)',
  ],
  [
    'in an entry of a list',
    configOf({ prerequisites: { checks: [{ id: 'a', type: 'file_exists', path: 'b', needle: [] }] } }),
    'loops[0].prerequisites.checks[0]: unknown key "needle". Did you mean "needles"? (PREREQUISITES_CONFIG_INVALID)',
  ],
  [
    'in a runner, by the name that the user gave it',
    configOf({}, { runners: { mine: { command: ['x'], arg: [] } } }),
    'runners.mine: unknown key "arg". Did you mean "args"? (RUNNERS_CONFIG_INVALID)',
  ],
  [
    'in a runner whose name is a number',
    configOf({}, { runners: { 7: { command: ['x'], arg: [] } } }),
    'runners[7]: unknown key "arg". Did you mean "args"? (RUNNERS_CONFIG_INVALID)',
  ],
  [
    'in a role of a loop',
    configOf({ roles: { planner: { modle: 'x' } } }),
    'loops[0].roles.planner: unknown key "modle". Did you mean "model"? (ROLES_CONFIG_INVALID)',
  ],
])('an unknown key %s is told once, with the one that was probably meant', async (_, value, finding) => {
  expect(told(await findingsIn(value))).toEqual([finding])
})

test('an unknown key that is like no other is told with those that are known', async () => {
  expect(told(await findingsIn(configOf({ rlms: { output: { colour: true } } })))).toEqual([
    'loops[0].rlms.output: unknown key "colour". Known here: format, require_citations. (RLMS_CONFIG_INVALID)',
  ])
})

test('a short key is not taken for any other short one', async () => {
  const [finding] = await findingsIn(configOf({ xy: 1 }))
  expect(finding?.fix).toMatch(/^Known here: id, spec_file, /)
})

test.each(['constructor', 'toString', '__proto__'])(
  'a key that every object has, %s, is unknown',
  async (key) => {
    const text = JSON.stringify(configOf()).replace('"id":"work"', `"id":"work","${key}":{}`)
    const [finding, ...more] = await findingsIn(text)
    expect(finding).toMatchObject({ place: 'loops[0]', message: `unknown key "${key}"` })
    expect(more).toEqual([])
  },
)

test.each<[what: string, value: unknown, finding: string]>([
  [
    'a value that is not one of those allowed',
    configOf({ rlms: { mode: 'sometimes' } }),
    'loops[0].rlms.mode: this value is not one of those allowed. Use one of "auto", "requested", "hybrid". (RLMS_CONFIG_INVALID)',
  ],
  [
    'a key that is missing at the top',
    { runners: {} },
    ': the key "loops" is missing. Add "loops". (CONFIG_INVALID)',
  ],
  [
    'a key that is missing in a loop',
    configOf({ spec_file: undefined }),
    'loops[0]: the key "spec_file" is missing. Add "spec_file" to loops[0]. (LOOPS_CONFIG_INVALID)',
  ],
  [
    'a value of another type',
    configOf({ max_iterations: '3' }),
    `loops[0].max_iterations: the value must be integer. ${correct} (MAX_ITERATIONS_CONFIG_INVALID)`,
  ],
  [
    'a value out of range',
    configOf({ rlms: { limits: { max_usd: 0 } } }),
    `loops[0].rlms.limits.max_usd: the value must be > 0. ${correct} (RLMS_CONFIG_INVALID)`,
  ],
  ['a file that holds no object', [], `: the value must be object. ${correct} (CONFIG_INVALID)`],
])('%s is told', async (_, value, finding) => {
  expect(told(await findingsIn(value))).toEqual([finding])
})

test('everything that is wrong is told, in one reading', async () => {
  const value = configOf({ rlms: { mode: 'x', enabled: 'yes' }, id: '../x' }, { loop: 1 })
  expect((await findingsIn(value)).map(({ place }) => place).sort()).toEqual([
    '',
    'loops[0].id',
    'loops[0].rlms.enabled',
    'loops[0].rlms.mode',
  ])
})

test.each<[what: string, roles: unknown, finding: string]>([
  [
    'a table of roles: what is wrong in it',
    { reviewer: { thinking: 'hard' } },
    'loops[0].roles.reviewer.thinking: this value is not one of those allowed. Use one of "none", "minimal", "low", "standard", "high", "max". (ROLES_CONFIG_INVALID)',
  ],
  [
    'a list of roles: what is wrong in it',
    ['planner', 'cook'],
    'loops[0].roles[1]: this value is not one of those allowed. Use one of "planner", "implementer", "tester", "reviewer". (ROLES_CONFIG_INVALID)',
  ],
  [
    'neither: what it may be',
    'planner',
    `loops[0].roles: the value must be object or array. ${correct} (ROLES_CONFIG_INVALID)`,
  ],
])('where a value may be one of several things, it is told of %s', async (_, roles, finding) => {
  expect(told(await findingsIn(configOf({ roles })))).toEqual([finding])
})

const ownSchema = (loop: object) => ({ properties: { loops: { items: loop } } })

test.each<[what: string, schema: unknown, findings: string[]]>([
  [
    'of one schema among several',
    ownSchema({ oneOf: [{ type: 'string' }, { type: 'object', required: ['owner'] }] }),
    ['loops[0]: the key "owner" is missing. Add "owner" to loops[0]. (LOOPS_CONFIG_INVALID)'],
  ],
  [
    'of keys of one schema among several',
    ownSchema({
      oneOf: [
        { type: 'string' },
        { type: 'object', additionalProperties: false, properties: { idea: {}, spec_file: {} } },
      ],
    }),
    ['loops[0]: unknown key "id". Did you mean "idea"? (LOOPS_CONFIG_INVALID)'],
  ],
  [
    'of schemas among several that are kept elsewhere',
    { ...ownSchema({ anyOf: [{ $ref: '#/$defs/text' }] }), $defs: { text: { type: 'string' } } },
    [
      `loops[0]: the value must be string. ${correct} (LOOPS_CONFIG_INVALID)`,
      `loops[0]: the value must match a schema in anyOf. ${correct} (LOOPS_CONFIG_INVALID)`,
    ],
  ],
  [
    'of keys where none is known',
    ownSchema({ additionalProperties: false }),
    ['id', 'spec_file'].map((key) => `loops[0]: unknown key "${key}". Remove it. (LOOPS_CONFIG_INVALID)`),
  ],
])("in a schema of one's own the finding is that %s", async (_, schema, findings) => {
  expect(told(await findingsIn(configOf(), schema))).toEqual(findings)
})
