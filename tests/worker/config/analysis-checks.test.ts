import { expect, test } from 'vitest'
import { checkStatically } from '../../../src/worker/config/static-check.ts'
import { configLab } from '../helpers/config-lab.ts'

const models = { root: { command: ['rlms:offline'] } }

function findings(rlms: object, runner = 'agent'): Promise<string[]> {
  return configLab().findings((config, loop) => {
    config.runners.agent.command = [runner, 'exec']
    loop.rlms = { enabled: true, models, ...rlms }
  })
}

test.each([
  ['max_steps', 500],
  ['max_depth', 8],
  ['max_subcalls', 2000],
  ['concurrency', 64],
  ['max_tokens', 50_000_000],
  ['max_usd', 100],
])('%s above %d is told to be costly', async (name, most) => {
  expect(await findings({ limits: { [name]: most } })).toEqual([])
  expect(await findings({ limits: { [name]: most + 1 } })).toEqual([
    `warning loops[0].rlms.limits.${name} LIMIT_COSTLY: ${most + 1} may be expensive: it is the limit of one analysis, of which each role gets one`,
  ])
})

test('a time limit that is too short or too long is told', async () => {
  expect(await findings({ limits: { timeout_seconds: 1 } })).toEqual([
    'warning loops[0].rlms.limits.timeout_seconds TIMEOUT_SUSPICIOUS: 1 seconds are hardly enough for a reply',
  ])
  expect(await findings({ limits: { timeout_seconds: 100_000 } })).toEqual([
    'warning loops[0].rlms.limits.timeout_seconds TIMEOUT_SUSPICIOUS: 100000 seconds are more than a day',
  ])
})

test.each([
  [{ request_keyword: ' ' }, 'error loops[0].rlms.request_keyword RLMS_CONFIG_INVALID: the keyword is blank'],
  [
    { policy: { force_on: true, force_off: true } },
    'error loops[0].rlms.policy RLMS_CONFIG_INVALID: force_on and force_off are both true',
  ],
  [
    { models: { ...models, subcall: { command: [''] } } },
    'error loops[0].rlms.models.subcall.command RLMS_CONFIG_INVALID: the program is blank',
  ],
  [
    { roles: { planner: false, implementer: false, tester: false, reviewer: false } },
    'warning loops[0].rlms.roles RLMS_CONFIG_INVALID: none of the roles that run gets an analysis',
  ],
])('%j is told', async (rlms, finding) => {
  expect(await findings(rlms)).toEqual([finding])
})

test.each([
  [{ mode: 'auto', request_keyword: ' ' }],
  [{ models: { root: { command: ['rlms:claude'], model: 'x' } } }],
  [{ enabled: false, request_keyword: ' ', limits: { max_steps: 9999 } }],
])('%j is right', async (rlms) => {
  expect(await findings(rlms)).toEqual([])
})

test.each([
  ['/opt/bin/codex', {}, 'codex'],
  ['agent', { models: { root: { model: 'x' }, subcall: { command: ['rlms:claude'] } } }, 'claude'],
])(
  'analyses that the runner %s would answer, with its rights, are told with a model without tools',
  async (runner, rlms, preset) => {
    const name = runner.split('/').at(-1)
    const lab = configLab()
    const {
      config,
      isBroken,
      findings: broken,
    } = await lab.read((draft, loop) => {
      draft.runners.agent.command = [runner, 'exec']
      loop.rlms = { enabled: true, ...rlms }
    })
    expect(checkStatically({ config, isBroken, findings: broken }, lab.repo)).toEqual([
      {
        severity: 'warning',
        code: 'RLMS_MODEL_UNNAMED',
        place: 'loops[0].rlms.models',
        message: `analyses are answered by the role's own runner (${name}), with all that it may do`,
        fix: `Name a model without tools: "models": {"root": {"command": ["rlms:${preset}"]}}.`,
      },
    ])
  },
)

test('where nobody gets an analysis, nobody is told who answers it', async () => {
  expect(await findings({ models: {}, enabled: false })).toEqual([])
  expect(await findings({ models: {}, policy: { force_off: true } })).toEqual([])
})
