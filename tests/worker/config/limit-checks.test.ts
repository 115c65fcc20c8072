import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

const at = 'loops[0]'

test.each([
  ['completion_promise', ' ', 'LOOP_NEVER_COMPLETES: there is no promise: the loop never completes'],
  ['max_iterations', 0, 'LIMIT_COSTLY: nothing but the promise ends this loop'],
])('a loop whose %s is %j is told to have no good end', async (key, value, finding) => {
  expect(
    await configLab().findings((_, loop) => {
      loop[key] = value
    }),
  ).toEqual([`warning ${at}.${key} ${finding}`])
})

test('a loop that nothing ends is told so once', async () => {
  const found = await configLab().findings((_, loop) => {
    delete loop.completion_promise
    loop.max_iterations = 0
  })
  expect(found).toEqual([
    `warning ${at}.completion_promise LOOP_NEVER_COMPLETES: there is no promise: the loop never completes, and no limit ends it`,
  ])
})

test.each([[{ stuck: { enabled: true } }], [{ budget: { max_usd: 1 } }]])(
  '%j ends a loop as well',
  async (limit) => {
    expect(
      await configLab().findings((_, loop) => {
        Object.assign(loop, limit, { max_iterations: 0 })
      }),
    ).toEqual([])
  },
)

test.each([
  [{ planner: 300 }, []],
  [{ planner: 4 }, ['planner TIMEOUT_SUSPICIOUS: 4 seconds are hardly enough for a reply']],
  [{ default: 86_401 }, ['default TIMEOUT_SUSPICIOUS: 86401 seconds are more than a day']],
  [{ default: 86_400, inactivity: 5 }, []],
  [
    { inactivity: 900 },
    ['inactivity TIMEOUT_SUSPICIOUS: the planner is ended after 900 s, before 900 s without output can pass'],
  ],
  [{ default: 0, planner: 0 }, ['planner TIMEOUT_SUSPICIOUS: the planner has no time limit']],
  [{ tester: 1 }, []],
])('of the timeouts %j it is told which are probably not meant', async (timeouts, expected) => {
  const found = await configLab().findings((_, loop) => {
    Object.assign(loop, { roles: ['planner'], timeouts: { enabled: true, ...timeouts } })
  })
  expect(found).toEqual(expected.map((line) => `warning ${at}.timeouts.${line}`))
})

test('timeouts that are off are not judged', async () => {
  expect(
    await configLab().findings((_, loop) => {
      loop.timeouts = { planner: 1 }
    }),
  ).toEqual([])
})

test.each([
  [{ retry_seconds: 61, max_wait_seconds: 60 }, ['61 s, is longer than the 60 s that a turn may wait']],
  [{ retry_seconds: 60, max_wait_seconds: 60 }, []],
  [{ retry_seconds: 61, max_wait_seconds: 0 }, []],
  [{ retry_seconds: 61, max_wait_seconds: 60, on_limit: 'stop' }, []],
])('rate_limits %j: %j', async (rate_limits, told) => {
  const found = await configLab().findings((_, loop) => {
    loop.rate_limits = rate_limits
  })
  expect(found).toEqual(
    told.map(
      (text) => `warning ${at}.rate_limits.retry_seconds TIMEOUT_SUSPICIOUS: the first pause, of ${text}`,
    ),
  )
})
