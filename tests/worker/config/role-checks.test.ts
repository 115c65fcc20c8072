import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

test('a default that names an unknown runner is told once, at the default', async () => {
  const found = await configLab().findings((config, loop) => {
    config.role_defaults = { planner: { runner: 'nobody' } }
    config.loops.push({ ...loop, id: 'second' })
  })
  expect(found).toEqual([
    'error role_defaults.planner.runner ROLES_CONFIG_INVALID: there is no runner "nobody"',
  ])
})

test('a name that every object has is no runner', async () => {
  const found = await configLab().findings((_, loop) => {
    loop.roles = { planner: { runner: 'constructor' } }
  })
  expect(found).toEqual([
    'error loops[0].roles.planner ROLES_CONFIG_INVALID: there is no runner "constructor"',
  ])
})

test.each([
  [['', 'x'], {}],
  [[' \t'], {}],
])('a program that is %j is blank', async (command, more) => {
  const found = await configLab().findings((config) => {
    config.runner = { command, ...more }
  })
  expect(found).toEqual(['error runner.command RUNNERS_CONFIG_INVALID: the program is blank'])
})

const lost = 'prompt_mode is "file", but {prompt_file} is not among the arguments: the prompt gets nowhere'

test.each([
  [{ command: ['x'], prompt_mode: 'file' }, [`error runners.agent.args RUNNERS_CONFIG_INVALID: ${lost}`]],
  [
    { command: ['x'], args: ['{prompt_file}'], fast_args: ['-q'], prompt_mode: 'file' },
    [`error runners.agent.fast_args RUNNERS_CONFIG_INVALID: ${lost}`],
  ],
  [{ command: ['x', '--in={prompt_file}'], fast_args: ['-q'], prompt_mode: 'file' }, []],
  [{ command: ['x'], prompt_mode: 'stdin' }, []],
])('of %j it is told whether the prompt reaches the program', async (runner, expected) => {
  expect(
    await configLab().findings((config) => {
      config.runners.agent = runner
    }),
  ).toEqual(expected)
})

test.each([
  [{ command: ['claude'], args: ['--model', 'x'] }, '"-p" or "--print"'],
  [{ command: ['/opt/bin/claude'], args: ['-p'], fast_args: ['--model', 'y'] }, '"-p" or "--print"'],
  [{ command: ['codex'], args: ['-'] }, '"exec" or "e"'],
  [{ command: ['opencode'] }, '"run"'],
])('an agent program that would wait for a person is told: %j', async (runner, words) => {
  const found = await configLab().findings((config) => {
    config.runners.agent = runner
  })
  expect(found).toEqual([
    `warning runners.agent RUNNER_INTERACTIVE: without ${words} it waits for a person at the terminal`,
  ])
})

test.each([
  [{ command: ['claude', '-p'] }],
  [{ command: ['codex', 'exec'], args: ['-'] }],
  [{ command: ['opencode', 'run'] }],
  [{ command: ['constructor'] }],
])('%j is right', async (runner) => {
  expect(
    await configLab().findings((config) => {
      config.runners.agent = runner
    }),
  ).toEqual([])
})
