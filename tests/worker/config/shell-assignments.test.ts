// The settings of a loop as Bash reads them: whatever a value holds, Bash gets that value, and runs nothing.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assign, loopAssignments } from '../../../src/worker/config/shell-assignments.ts'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { agentRunner, configOf, resolved } from '../helpers/host-configs.ts'
import { runToEnd } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** What Bash has in `name`, a text or an array, when it has read the assignments as the host does. */
async function inBash(assignments: string, name: string, cwd = temporaryFolder()): Promise<string[]> {
  const all = `\${${name}[@]+"\${${name}[@]}"}`
  const script = `set -euo pipefail; eval "$1"; for value in ${all}; do printf '%s\\0' "$value"; done`
  const { status, stdout, stderr } = await runToEnd(['bash', '-c', script, 'bash', assignments], { cwd })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.split('\0').slice(0, -1)
}

const odd = [
  '',
  ' ',
  "it's",
  "'; touch ran; '",
  '$(touch ran)',
  '`touch ran`',
  '"; touch ran; "',
  '$HOME ~ * ? [a] {a,b} !1',
  '\\',
  "\\'",
  "''''",
  'two\nlines\n',
  '\r\n\t\x01\x7f',
  '# no comment',
  'a=(b) c',
  '\u2028größer 🙂',
  '-n',
  '%s%n',
]

test.each(odd)('the text %j arrives as it is', async (text) => {
  const folder = temporaryFolder()
  expect(await inBash(assign('SL_TEXT', text), 'SL_TEXT', folder)).toEqual([text])
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

test('a list arrives entry by entry, an empty one as an empty one', async () => {
  expect(await inBash(assign('SL_LIST', odd), 'SL_LIST')).toEqual(odd)
  expect(await inBash(assign('SL_LIST', []), 'SL_LIST')).toEqual([])
})

test.each<[value: unknown, text: string]>([
  [true, 'true'],
  [false, 'false'],
  [0, '0'],
  [0.25, '0.25'],
  [268_435_456, '268435456'],
  [null, ''],
  [undefined, ''],
])('%s arrives as “%s”', async (value, text) => {
  expect(await inBash(assign('SL_VALUE', value), 'SL_VALUE')).toEqual([text])
})

test.each([
  ['a text', 'a\0b'],
  ['an entry of a list', ['a', '\0']],
])('a NUL in %s, which no shell can hold, is refused by the name of the setting', (_, value) => {
  expect(() => assign('SL_TEXT', value)).toThrow(
    new RlmsError('invalid_config', 'the setting SL_TEXT holds a NUL character', 'Remove it.'),
  )
})

async function settingsOf(loop: Record<string, unknown>, changes: Record<string, unknown> = {}) {
  const { config, loop: made } = await resolved(configOf(loop, changes))
  const assignments = loopAssignments(config, made)
  return (name: string) => inBash(assignments, name)
}

test('a setting is called by its path', async () => {
  const setting = await settingsOf({
    completion_promise: "it's done",
    checklists: ['a b', 'c'],
    rlms: { auto: { max_lines: 7 }, models: { root: { command: ['rlms:offline'] } } },
  })
  expect(await setting('SL_ID')).toEqual(['work'])
  expect(await setting('SL_COMPLETION_PROMISE')).toEqual(["it's done"])
  expect(await setting('SL_CHECKLISTS')).toEqual(['a b', 'c'])
  expect(await setting('SL_RLMS_AUTO_MAX_LINES')).toEqual(['7'])
  expect(await setting('SL_RLMS_ENABLED')).toEqual(['false'])
  expect(await setting('SL_RLMS_MODELS_ROOT_COMMAND')).toEqual(['rlms:offline'])
  expect(await setting('SL_STUCK_IGNORE')).toEqual([])
})

test('a list of tables is one text of JSON', async () => {
  const checks = [{ id: "it's", type: 'file_exists', path: '$(x)' }]
  const setting = await settingsOf({ prerequisites: { checks } })
  expect(JSON.parse((await setting('SL_PREREQUISITES_CHECKS'))[0] ?? '')).toEqual(checks)
})

test('a section that holds anything can name nothing but settings', async () => {
  const lifecycle = { "a'; touch ran #": '$(touch ran)', 'x y\n': [1, null], 'ä=(': true }
  const { config, loop } = await resolved(configOf({ lifecycle }))
  const folder = temporaryFolder()
  const assignments = loopAssignments(config, loop)
  expect(await inBash(assignments, 'SL_LIFECYCLE_A___TOUCH_RAN__', folder)).toEqual(['$(touch ran)'])
  expect(await inBash(assignments, 'SL_LIFECYCLE_X_Y_', folder)).toEqual(['[1,null]'])
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

test('roles are told in their order, each with its runner, model and effort', async () => {
  const roles = { reviewer: { runner: 'fast' }, planner: { model: 'large', thinking: 'high' } }
  const fast = { command: ['/opt/my agent'], fast_args: ['-q'] }
  const setting = await settingsOf({ roles }, { runners: { fast }, runner: agentRunner })
  expect(await setting('SL_ROLES')).toEqual(['planner', 'reviewer'])
  expect(await setting('SL_ROLE_planner_COMMAND')).toEqual(['agent', 'run'])
  expect(await setting('SL_ROLE_planner_ARGS')).toEqual(['--json', '{prompt_file}'])
  expect(await setting('SL_ROLE_planner_PROMPT_MODE')).toEqual(['file'])
  expect(await setting('SL_ROLE_planner_MODEL')).toEqual(['large'])
  expect(await setting('SL_ROLE_planner_THINKING')).toEqual(['high'])
  expect(await setting('SL_ROLE_planner_RUNNER')).toEqual([''])
  expect(await setting('SL_ROLE_reviewer_RUNNER')).toEqual(['fast'])
  expect(await setting('SL_ROLE_reviewer_COMMAND')).toEqual(['/opt/my agent'])
  expect(await setting('SL_ROLE_reviewer_FAST_ARGS')).toEqual(['-q'])
  expect(await setting('SL_ROLE_reviewer_PROMPT_MODE')).toEqual(['stdin'])
})

test('a role whose runner is not there has no command', async () => {
  const setting = await settingsOf({ roles: { planner: { runner: 'toString' } } })
  expect(await setting('SL_ROLE_planner_COMMAND')).toEqual([])
  expect(await setting('SL_ROLE_planner_PROMPT_MODE')).toEqual(['stdin'])
})

test('a limit of 0 sub-calls arrives as the one that holds: twice the steps', async () => {
  const subcalls = async (limits: object) =>
    (await settingsOf({ rlms: { limits } }))('SL_RLMS_LIMITS_MAX_SUBCALLS')
  expect(await subcalls({ max_steps: 7 })).toEqual(['14'])
  expect(await subcalls({ max_subcalls: 3 })).toEqual(['3'])
})
