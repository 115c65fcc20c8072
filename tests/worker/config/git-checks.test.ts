import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

function findings(git: object, roles: object = { reviewer: {} }): Promise<string[]> {
  return configLab().findings((_, loop) => {
    Object.assign(loop, { roles, git: { commit_strategy: 'per_iteration', ...git } })
  })
}

test.each([
  [{ pre_commit_commands: ['true', ' '] }, 'pre_commit_commands[1] GIT_CONFIG_INVALID: the command is blank'],
  [{ pre_commit_commands: '\t' }, 'pre_commit_commands[0] GIT_CONFIG_INVALID: the command is blank'],
  [
    { commit_message: { template: ' ' } },
    'commit_message.template GIT_CONFIG_INVALID: the template is blank',
  ],
  [
    { commit_message: { template: '{loop_id} {who}' } },
    'commit_message.template GIT_CONFIG_INVALID: there is no placeholder {who}',
  ],
])('%j is refused', async (git, finding) => {
  expect(await findings(git)).toEqual([`error loops[0].git.${finding}`])
})

test.each([
  [{}],
  [{ pre_commit_commands: '' }],
  [{ pre_commit_commands: 'make lint' }],
  [
    {
      commit_message: {
        authoring: 'llm',
        author_role: 'reviewer',
        timeout_seconds: 60,
        max_subject_length: 50,
      },
    },
  ],
  [{ commit_message: { template: '{loop_id} {run_id} {iteration} {files} {tests} {} {A}' } }],
  [{ commit_strategy: 'never', pre_commit_commands: [''] }],
])('%j is right', async (git) => {
  expect(await findings(git)).toEqual([])
})

test('an author without a runner is refused', async () => {
  const found = await configLab().findings((config, loop) => {
    config.runners.second = config.runners.agent
    loop.roles = { planner: { runner: 'agent' } }
    loop.git = { commit_strategy: 'per_iteration', commit_message: { authoring: 'llm' } }
  })
  expect(found).toEqual([
    'error loops[0].git.commit_message.author_role GIT_CONFIG_INVALID: no runner is configured for the reviewer, who writes the messages',
  ])
})

test('commits in a folder that git does not know are a warning', async () => {
  const lab = configLab()
  rmSync(join(lab.repo, '.git'), { recursive: true })
  const found = await lab.findings((_, loop) => {
    loop.git = { commit_strategy: 'per_iteration' }
  })
  expect(found).toEqual([
    `warning loops[0].git.commit_strategy GIT_MISSING: ${lab.repo} is in no git repository: nothing will be committed`,
  ])
})
