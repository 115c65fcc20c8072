// What flags and the environment say together: the models, and what else has a variable.
import { expect, test } from 'vitest'
import { type Flags, refusalOf, requestOf } from '../helpers/door-call.ts'

test.each([undefined, '', '[]', '[""]'])('a root command of %j is none', (command) => {
  expect(refusalOf({ 'root-command-json': command })).toMatchObject({
    code: 'missing_root_command',
    message: 'no root command is given',
  })
})

const root = {
  'root-command-json': '["agent","-p"]',
  'root-args-json': '["--json"]',
  'root-prompt-mode': 'arg',
  'root-model': 'large',
}

test.each<[given: string, changes: Flags, argv: string[], promptMode: string, model: string]>([
  ['nothing', {}, ['agent', '-p', '--json'], 'arg', 'large'],
  ['a command', { 'subcall-command-json': '["sub"]' }, ['sub', '--json'], 'arg', 'large'],
  ['arguments', { 'subcall-args-json': '["-q"]' }, ['agent', '-p', '-q'], 'arg', 'large'],
  ['a mode', { 'subcall-prompt-mode': 'stdin' }, ['agent', '-p', '--json'], 'stdin', 'large'],
  ['a model', { 'subcall-model': 'small' }, ['agent', '-p', '--json'], 'arg', 'small'],
  [
    'empty values',
    {
      'subcall-command-json': '[""]',
      'subcall-args-json': '[]',
      'subcall-prompt-mode': '',
      'subcall-model': '',
    },
    ['agent', '-p', '--json'],
    'arg',
    'large',
  ],
])(
  'of a sub-call’s model that is given by %s, the rest is the root’s',
  (_, changes, argv, promptMode, model) => {
    const { root: own, sub } = requestOf({ ...root, ...changes })
    expect(sub).toMatchObject({ argv, promptMode, model })
    expect(own).toMatchObject({ argv: ['agent', '-p', '--json'], promptMode: 'arg', model: 'large' })
  },
)

const variables = {
  SUPERLOOP_RLMS_ROOT_COMMAND_JSON: '["from-env"]',
  SUPERLOOP_RLMS_ROOT_ARGS_JSON: '["-e"]',
  SUPERLOOP_RLMS_ROOT_PROMPT_MODE: 'file',
  SUPERLOOP_RLMS_SUBCALL_COMMAND_JSON: '["sub-from-env"]',
  SUPERLOOP_RLMS_MAX_SUBCALLS: '70',
}

test('the environment says what flags do not', () => {
  const request = requestOf({ 'root-command-json': undefined }, variables)
  expect(request.root).toMatchObject({ argv: ['from-env', '-e'], promptMode: 'file' })
  expect(request.sub).toMatchObject({ argv: ['sub-from-env', '-e'], promptMode: 'file' })
  expect(request.occasion.limits.max_subcalls).toBe(70)
})

test('flags go before the environment', () => {
  const request = requestOf({ ...root, 'subcall-command-json': '["sub"]', 'max-subcalls': '5' }, variables)
  expect(request.root).toMatchObject({ argv: ['agent', '-p', '--json'], promptMode: 'arg' })
  expect(request.sub).toMatchObject({ argv: ['sub', '--json'] })
  expect(request.occasion.limits.max_subcalls).toBe(5)
})

test('an empty array and an empty variable count as not given', () => {
  const env = { ...variables, SUPERLOOP_RLMS_MAX_SUBCALLS: '', SUPERLOOP_RLMS_SUBCALL_COMMAND_JSON: '[]' }
  const request = requestOf({ 'root-command-json': '[""]' }, env)
  expect(request.sub.argv).toEqual(['from-env', '-e'])
  expect(request.occasion.limits.max_subcalls).toBe(12)
})

test.each<[variable: string, value: string]>([
  ['SUPERLOOP_RLMS_ROOT_ARGS_JSON', 'x'],
  ['SUPERLOOP_RLMS_SUBCALL_PROMPT_MODE', 'pipe'],
  ['SUPERLOOP_RLMS_MAX_SUBCALLS', '-1'],
  ['SUPERLOOP_RLMS_SANDBOX_REQUIRE', 'none'],
])('what is wrong in %s is told by its name', (variable, value) => {
  expect(refusalOf({}, { [variable]: value }).message).toMatch(new RegExp(`^${variable} must be `))
})
