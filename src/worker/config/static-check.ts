// What a configuration that fits the schema can still get wrong, told before anything runs.
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Finding, problem } from './findings.ts'
import { checkGates } from './gate-checks.ts'
import { type HostConfig, type Loop, loopRoles, type RoleName, roleChoice, runnerOf } from './host-config.ts'

/** Errors stop a run; warnings are told. */
export function checkStatically(config: HostConfig, repo: string): Finding[] {
  return [
    ...Object.entries(config.runners).flatMap(([name, runner]) =>
      checkCommand(runner.command, `runners.${name}.command`),
    ),
    ...(config.runner ? checkCommand(config.runner.command, 'runner.command') : []),
    ...config.loops.flatMap((loop, at) => checkLoop(config, loop, `loops[${at}]`, repo)),
    ...repeatedIds(config),
  ]
}

function checkLoop(config: HostConfig, loop: Loop, place: string, repo: string): Finding[] {
  return [
    ...loopRoles(loop).flatMap((role) => checkRole(config, loop, role, place)),
    ...checkSpec(loop, place, repo),
    ...checkPolicy(loop, place),
    ...checkGlobs(loop, place),
    ...checkGates(loop, place),
    ...checkNotActedOn(loop, place),
  ]
}

function checkCommand(command: readonly string[], place: string): Finding[] {
  if ((command[0] ?? '').trim() !== '') return []
  return [
    problem('error', 'RUNNERS_CONFIG_INVALID', place, 'the program is blank', 'Name the program to run.'),
  ]
}

function checkRole(config: HostConfig, loop: Loop, role: RoleName, place: string): Finding[] {
  const choice = roleChoice(config, loop, role)
  if (runnerOf(config, choice)) return []
  const known = Object.keys(config.runners).join(', ') || 'none'
  const why =
    choice.runner === undefined
      ? `no runner is named for the ${role}`
      : `there is no runner ${JSON.stringify(choice.runner)}`
  return [
    problem(
      'error',
      'ROLES_CONFIG_INVALID',
      `${place}.roles.${role}`,
      why,
      `Name one of the runners (${known}), or add it to runners.`,
    ),
  ]
}

function checkSpec(loop: Loop, place: string, repo: string): Finding[] {
  const path = resolve(repo, loop.spec_file)
  if (existsSync(path) && statSync(path).isFile()) return []
  return [
    problem(
      'error',
      'SPEC_FILE_MISSING',
      `${place}.spec_file`,
      `there is no file ${loop.spec_file}`,
      'Write the spec, or correct the path.',
    ),
  ]
}

function checkPolicy(loop: Loop, place: string): Finding[] {
  const { force_on: on, force_off: off } = loop.rlms.policy
  if (!on || !off) return []
  return [
    problem(
      'error',
      'RLMS_CONFIG_INVALID',
      `${place}.rlms.policy`,
      'force_on and force_off are both true',
      'Set one of them to false.',
    ),
  ]
}

/** git refuses a list of files of which one glob leaves the repository. */
function checkGlobs(loop: Loop, place: string): Finding[] {
  const { include, exclude } = loop.rlms.context as Record<'include' | 'exclude', readonly string[]>
  return Object.entries({ include, exclude }).flatMap(([list, globs]) =>
    globs.flatMap((glob, at) =>
      glob.startsWith('/') || glob.split('/').includes('..')
        ? [
            problem(
              'error',
              'RLMS_CONFIG_INVALID',
              `${place}.rlms.context.${list}[${at}]`,
              `the glob ${JSON.stringify(glob)} leaves the repository`,
              'Write it as seen from the repository, such as "docs/**".',
            ),
          ]
        : [],
    ),
  )
}

/** Sections of Superloop that are accepted and do nothing. */
function checkNotActedOn(loop: Loop, place: string): Finding[] {
  return notActedOn
    .filter((name) => loop[name] !== undefined && isOn(loop[name]))
    .map((name) =>
      problem(
        'warning',
        'NOT_ACTED_ON',
        `${place}.${name}`,
        'this section is accepted, but not acted on',
        'Remove it, or know that it does nothing here.',
      ),
    )
}

const notActedOn = [
  'horizon_ref',
  'delegation',
  'lifecycle',
  'tester_exploration',
  'dev_env_contract',
  'recovery',
  'usage_check',
]

function isOn(section: unknown): boolean {
  return (section as { enabled?: boolean } | null)?.enabled !== false
}

function repeatedIds({ loops }: HostConfig): Finding[] {
  return loops.flatMap(({ id }, at) =>
    loops.findIndex((other) => other.id === id) < at
      ? [
          problem(
            'error',
            'LOOPS_CONFIG_INVALID',
            `loops[${at}].id`,
            `another loop is called ${JSON.stringify(id)}`,
            'Give each loop an id of its own.',
          ),
        ]
      : [],
  )
}
