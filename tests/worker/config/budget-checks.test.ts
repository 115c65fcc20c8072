import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

const usd = 'warning loops[0].budget.max_usd BUDGET_NOT_COUNTED:'
const tokens = 'warning loops[0].budget.max_tokens BUDGET_NOT_COUNTED:'

const findings = (budget: object, ...vectors: string[][]) =>
  configLab().findings((config, loop) => {
    config.runners = Object.fromEntries(
      vectors.map(([program, ...args], at) => [`r${at}`, { command: [program], args }]),
    )
    loop.roles = Object.fromEntries(
      ['planner', 'reviewer'].map((role, at) => [role, { runner: `r${Math.min(at, vectors.length - 1)}` }]),
    )
    loop.budget = budget
  })

test.each([
  [{ max_usd: 1 }, [['codex', 'exec']], [`${usd} codex tells no price: such turns are not counted`]],
  [{ max_usd: 1 }, [['/opt/bin/claude', '-p']], [`${usd} claude tells no price: such turns are not counted`]],
  [
    { max_usd: 1 },
    [
      ['codex', 'exec'],
      ['claude', '-p'],
    ],
    [`${usd} codex and claude tell no price: such turns are not counted`],
  ],
  [{ max_usd: 1 }, [['claude', '-p', '--output-format', 'json']], []],
  [{ max_usd: 1 }, [['claude', '-p', '--output-format=stream-json', '--verbose']], []],
  [{ max_usd: 1 }, [['opencode', 'run', '--format', 'json']], []],
  [{ max_usd: 1 }, [['my-agent']], []],
  [{ max_tokens: 9 }, [['codex', 'exec']], []],
  [{ max_tokens: 9 }, [['claude', '-p']], []],
  [
    { max_tokens: 9 },
    [['opencode', 'run']],
    [`${tokens} opencode tells no tokens: such turns are not counted`],
  ],
  [
    { max_tokens: 9 },
    [['gemini', '--yolo']],
    [`${tokens} gemini tells no tokens: such turns are not counted`],
  ],
  [{ max_tokens: 9 }, [['gemini', '-o', 'json']], []],
])('a budget of %j over %j is told to be blind: %j', async (budget, vectors, expected) => {
  expect(await findings(budget, ...vectors)).toEqual(expected)
})
