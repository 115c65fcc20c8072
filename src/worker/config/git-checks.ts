// Commits that could not be made, or could not be described.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Finding, problem } from './findings.ts'
import { type HostConfig, type Loop, type RoleName, roleChoice, runnerOf } from './host-config.ts'

interface Git {
  readonly commit_strategy: string
  readonly pre_commit_commands: readonly string[]
  readonly commit_message: {
    readonly authoring: string
    readonly author_role: RoleName
    readonly template: string
  }
}

/** Also what src/git/message.sh fills in. */
const placeholders = ['loop_id', 'run_id', 'iteration', 'files', 'changed', 'tests']

export function checkGit(config: HostConfig, loop: Loop, place: string, repo: string): Finding[] {
  const { commit_strategy, pre_commit_commands, commit_message } = loop.git as unknown as Git
  if (commit_strategy === 'never') return []
  return [
    ...(isInGit(repo)
      ? []
      : [
          problem(
            'warning',
            'GIT_MISSING',
            `${place}.commit_strategy`,
            `${repo} is in no git repository: nothing will be committed`,
            'Run git init there, or set commit_strategy to "never".',
          ),
        ]),
    ...pre_commit_commands.flatMap((command, at) =>
      command.trim() === ''
        ? [
            invalid(
              `${place}.pre_commit_commands[${at}]`,
              'the command is blank',
              'Write the command, or remove it.',
            ),
          ]
        : [],
    ),
    ...checkMessage(config, loop, commit_message, `${place}.commit_message`),
  ]
}

function checkMessage(
  config: HostConfig,
  loop: Loop,
  message: Git['commit_message'],
  place: string,
): Finding[] {
  const { authoring, author_role: role, template } = message
  const findings: Finding[] = []
  if (template.trim() === '')
    findings.push(
      invalid(
        `${place}.template`,
        'the template is blank',
        'Write one, or remove it: then the built-in one is used.',
      ),
    )
  for (const [, name = ''] of template.matchAll(/\{([a-z_]+)\}/g)) {
    if (!placeholders.includes(name))
      findings.push(
        invalid(
          `${place}.template`,
          `there is no placeholder {${name}}`,
          `Use ${placeholders.map((known) => `{${known}}`).join(', ')}.`,
        ),
      )
  }
  if (authoring === 'llm' && !runnerOf(config, roleChoice(config, loop, role)))
    findings.push(
      invalid(
        `${place}.author_role`,
        `no runner is configured for the ${role}, who writes the messages`,
        'Name a role that has one.',
      ),
    )
  return findings
}

function invalid(place: string, message: string, fix: string): Finding {
  return problem('error', 'GIT_CONFIG_INVALID', place, message, fix)
}

function isInGit(folder: string): boolean {
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInGit(dirname(folder)))
}
