import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

const scripts = { test: 'vitest', 'lint:fix': 'eslint' }

async function findings(loop: object): Promise<string[]> {
  const lab = configLab()
  lab.file('package.json', JSON.stringify({ scripts }))
  return lab.findings((_, work) => Object.assign(work, loop))
}

test.each([
  'npm run test',
  'yarn run lint:fix && true',
  ' bun run test -- -u',
  'npm test',
  'npm run --prefix web x',
  'make',
])('%s is right', async (command) => {
  expect(await findings({ tests: { mode: 'every', commands: [command] } })).toEqual([])
})

test('a script that is not there is told wherever a command names it', async () => {
  const commands = ['npm run tset', 'pnpm run build']
  expect(
    await findings({
      tests: { mode: 'every', commands },
      validation: { enabled: true, commands },
      git: { commit_strategy: 'per_iteration', pre_commit_commands: 'npm run lint:fxi' },
    }),
  ).toEqual([
    'warning loops[0].tests.commands[0] SCRIPT_MISSING: package.json has no script "tset"',
    'warning loops[0].tests.commands[1] SCRIPT_MISSING: package.json has no script "build"',
    'warning loops[0].validation.commands[0] SCRIPT_MISSING: package.json has no script "tset"',
    'warning loops[0].validation.commands[1] SCRIPT_MISSING: package.json has no script "build"',
    'warning loops[0].git.pre_commit_commands[0] SCRIPT_MISSING: package.json has no script "lint:fxi"',
  ])
})

test.each([
  [undefined, 'npm run needs a package.json, and there is none'],
  ['no object', 'package.json has no script "test"'],
  [{}, 'package.json has no script "test"'],
])('with a package.json of %j it is told so', async (packageJson, message) => {
  const lab = configLab()
  if (packageJson !== undefined) lab.file('package.json', JSON.stringify(packageJson))
  const found = await lab.findings((_, work) => {
    work.tests = { mode: 'every', commands: ['npm run test'] }
  })
  expect(found).toEqual([`warning loops[0].tests.commands[0] SCRIPT_MISSING: ${message}`])
})

test('commands that are off are not looked at', async () => {
  const commands = ['npm run none']
  expect(
    await findings({ tests: { commands }, validation: { commands }, git: { pre_commit_commands: commands } }),
  ).toEqual([])
})
