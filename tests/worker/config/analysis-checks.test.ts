import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

function findings(rlms: object): Promise<string[]> {
  return configLab().findings((_, loop) => {
    loop.rlms = { enabled: true, ...rlms }
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
    { models: { subcall: { command: [''] } } },
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
  [{ models: { root: { model: 'x' } } }],
  [{ enabled: false, request_keyword: ' ', limits: { max_steps: 9999 } }],
])('%j is right', async (rlms) => {
  expect(await findings(rlms)).toEqual([])
})
