import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

test('what the schema refuses and what only the static check finds is told in one run', async () => {
  const found = await configLab().findings((config, loop) => {
    config.loops.push(
      { ...loop, id: 'second', max_iterations: 'three' },
      { ...loop, id: 'third', spec_file: 'none.md' },
    )
    config.surprise = 1
  })
  expect(found).toEqual([
    'error  CONFIG_INVALID: unknown key "surprise"',
    'error loops[1].max_iterations MAX_ITERATIONS_CONFIG_INVALID: the value must be integer',
    'error loops[2].spec_file SPEC_FILE_MISSING: there is no file none.md',
  ])
})

test.each([
  ['runners', [7]],
  ['runners', { agent: { command: 'agent' } }],
  ['runner', { command: [] }],
  ['role_defaults', { planner: { runner: 7 } }],
])('where %s is %j, the roles are not judged by it', async (key, value) => {
  const found = await configLab().findings((config, loop) => {
    config[key as string] = value
    loop.spec_file = 'none.md'
  })
  expect(found.filter((line) => line.includes('ROLES_CONFIG_INVALID'))).toEqual([])
  expect(found).toContain('error loops[0].spec_file SPEC_FILE_MISSING: there is no file none.md')
})

test.each([[null], [[]], [{}], [{ loops: 7 }], [{ loops: [null, 7, []] }]])(
  'a configuration that is %j is refused without a crash',
  async (value) => {
    const found = await configLab().findings((config) => {
      for (const key of Object.keys(config)) delete config[key]
      Object.assign(config, value)
    })
    expect(found.length).toBeGreaterThan(0)
    expect(found.every((line) => line.startsWith('error '))).toBe(true)
  },
)
