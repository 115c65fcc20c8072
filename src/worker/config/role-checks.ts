// Who plays the roles: runners that can't be started, that never see their prompt, or that do not exist.
import { basename } from 'node:path'
import { type Finding, problem } from './findings.ts'
import {
  type HostConfig,
  type Loop,
  loopRoles,
  type RoleName,
  type Runner,
  roleChoice,
  roleNames,
  runnerOf,
} from './host-config.ts'

export function checkRunners(config: HostConfig): Finding[] {
  return [
    ...Object.entries(config.runners).flatMap(([name, runner]) => checkRunner(runner, `runners.${name}`)),
    ...(config.runner ? checkRunner(config.runner, 'runner') : []),
    ...roleNames.flatMap((role) => checkDefault(config, role)),
  ]
}

/** A runner that the role's default names is told there, once for all loops. */
export function checkRoles(config: HostConfig, loop: Loop, place: string): Finding[] {
  return loopRoles(loop).flatMap((role) => {
    const choice = roleChoice(config, loop, role)
    if (runnerOf(config, choice)) return []
    if (choice.runner !== undefined && choice.runner === config.role_defaults[role]?.runner) return []
    const message =
      choice.runner === undefined ? `no runner is named for the ${role}` : unknownRunner(choice.runner)
    return [problem('error', 'ROLES_CONFIG_INVALID', `${place}.roles.${role}`, message, nameOne(config))]
  })
}

function checkDefault(config: HostConfig, role: RoleName): Finding[] {
  const choice = config.role_defaults[role]
  if (choice?.runner === undefined || runnerOf(config, choice)) return []
  const place = `role_defaults.${role}.runner`
  return [problem('error', 'ROLES_CONFIG_INVALID', place, unknownRunner(choice.runner), nameOne(config))]
}

function unknownRunner(name: string): string {
  return `there is no runner ${JSON.stringify(name)}`
}

function nameOne({ runners }: HostConfig): string {
  return `Name one of the runners (${Object.keys(runners).join(', ') || 'none'}), or add it to runners.`
}

function checkRunner(runner: Runner, place: string): Finding[] {
  const program = runner.command[0] ?? ''
  const code = 'RUNNERS_CONFIG_INVALID'
  if (program.trim() === '')
    return [problem('error', code, `${place}.command`, 'the program is blank', 'Name the program to run.')]
  return [...checkPromptFile(runner, place), ...checkUnattended(runner, place)]
}

function checkPromptFile({ command, args, fast_args, prompt_mode }: Runner, place: string): Finding[] {
  if (prompt_mode !== 'file') return []
  const lists = { args, ...(fast_args.length > 0 ? { fast_args } : {}) }
  return Object.entries(lists)
    .filter(([, list]) => ![...command, ...list].some((word) => word.includes('{prompt_file}')))
    .map(([name]) =>
      problem(
        'error',
        'RUNNERS_CONFIG_INVALID',
        `${place}.${name}`,
        'prompt_mode is "file", but {prompt_file} is not among the arguments: the prompt gets nowhere',
        'Add {prompt_file} where the program expects its file, or use prompt_mode "stdin".',
      ),
    )
}

/** What the agent programs need to answer without a person at the terminal. */
const unattended = new Map([
  ['claude', { anyOf: ['-p', '--print'], fix: 'Add "--print" to its args.' }],
  ['codex', { anyOf: ['exec', 'e'], fix: 'Add "exec" behind the program in its command.' }],
  ['opencode', { anyOf: ['run'], fix: 'Add "run" behind the program in its command.' }],
])

function checkUnattended({ command, args, fast_args }: Runner, place: string): Finding[] {
  const needs = unattended.get(basename(command[0]!))
  const lists = fast_args.length > 0 ? [args, fast_args] : [args]
  if (!needs || lists.every((list) => [...command, ...list].some((word) => needs.anyOf.includes(word))))
    return []
  const message = `without ${needs.anyOf.map((word) => JSON.stringify(word)).join(' or ')} it waits for a person at the terminal`
  return [problem('warning', 'RUNNER_INTERACTIVE', place, message, needs.fix)]
}
