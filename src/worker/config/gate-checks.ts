// What the gates of a loop can get wrong: a gate that cannot be judged is told before anything runs.
import { incompleteness, type Prerequisite } from '../gates/prerequisites.ts'
import { type Finding, problem } from './findings.ts'
import { leavesRepository } from './globs.ts'
import type { Loop } from './host-config.ts'

export function checkGates(loop: Loop, place: string): Finding[] {
  return [
    ...checkTests(loop, `${place}.tests`),
    ...checkValidation(loop, `${place}.validation`),
    ...checkPrerequisites(loop, `${place}.prerequisites`),
    ...checkApproval(loop, `${place}.approval`),
    ...checkStuck(loop, `${place}.stuck`),
  ]
}

function checkTests(loop: Loop, place: string): Finding[] {
  const { mode, commands } = loop.tests as { mode: string; commands: readonly string[] }
  const findings = blankCommands(commands, place, 'TESTS_CONFIG_INVALID')
  if (mode === 'disabled' || commands.length > 0) return findings
  const message = `the mode is ${mode}, but there is no command`
  const fix = 'Add a command, or set the mode to "disabled".'
  return [problem('error', 'TESTS_CONFIG_INVALID', `${place}.commands`, message, fix), ...findings]
}

/** What Superloop runs itself, and this version does not. */
const superloopValidations = ['preflight', 'smoke_tests', 'automated_checklist', 'agent_browser'] as const

interface Validation
  extends Record<(typeof superloopValidations)[number], { enabled: boolean; optional: boolean }> {
  readonly enabled: boolean
  readonly mode: string
  readonly require_on_completion: boolean
  readonly commands: readonly string[]
}

function checkValidation(loop: Loop, place: string): Finding[] {
  const validation = loop.validation as unknown as Validation
  if (!validation.enabled || validation.mode === 'disabled') return []
  const code = 'VALIDATION_CONFIG_INVALID'
  const unsupported = superloopValidations.filter((name) => validation[name].enabled)
  const findings = [
    ...blankCommands(validation.commands, place, code),
    ...unsupported.map((name) =>
      problem(
        validation.require_on_completion && !validation[name].optional ? 'error' : 'warning',
        code,
        `${place}.${name}`,
        'this version cannot run it',
        'Set its enabled to false, and let a command under validation.commands do it.',
      ),
    ),
  ]
  if (validation.commands.length > 0 || unsupported.some((name) => !validation[name].optional))
    return findings
  const fix = 'Add a command, or set validation.enabled to false.'
  return [
    problem('error', code, `${place}.commands`, 'it is enabled, but there is no command', fix),
    ...findings,
  ]
}

function checkPrerequisites(loop: Loop, place: string): Finding[] {
  const { enabled, checks } = loop.prerequisites as { enabled: boolean; checks: readonly Prerequisite[] }
  const code = 'PREREQUISITES_CONFIG_INVALID'
  if (!enabled) return []
  if (checks.length === 0) {
    const fix = 'Add a check, or set prerequisites.enabled to false.'
    return [problem('error', code, `${place}.checks`, 'it is enabled, but there is no check', fix)]
  }
  return checks.flatMap((check, at) => {
    const obstacle = incompleteness(check)
    if (obstacle === null) return []
    const { message, fix } = explanations[obstacle.reason as keyof typeof explanations]
    const detail = obstacle.details?.message ?? ''
    return [problem('error', code, `${place}.checks[${at}]`, `${message}${detail && `: ${detail}`}`, fix)]
  })
}

const explanations = {
  unsupported_check_type: {
    message: 'this type of check is unknown',
    fix: 'Use one of those in docs/gates.md.',
  },
  missing_path: { message: 'the path is blank', fix: 'Name the file.' },
  missing_pattern: { message: 'it has no pattern', fix: 'Add "pattern", a regular expression.' },
  missing_needles: { message: 'it has no needles', fix: 'Add "needles", the texts to look for.' },
  invalid_regex: { message: 'the pattern is no regular expression', fix: 'Correct "pattern" or "flags".' },
}

function checkApproval(loop: Loop, place: string): Finding[] {
  const { enabled, require_on_completion: required } = loop.approval as {
    enabled: boolean
    require_on_completion: boolean
  }
  if (!enabled || required) return []
  const message = 'it is enabled, but not required: nobody is asked'
  const fix = 'Set require_on_completion to true, or enabled to false.'
  return [problem('warning', 'APPROVAL_CONFIG_INVALID', place, message, fix)]
}

/** To git a blank glob is every file: nothing would ever change. */
function checkStuck(loop: Loop, place: string): Finding[] {
  const { enabled, ignore } = loop.stuck as { enabled: boolean; ignore: readonly string[] }
  if (!enabled) return []
  return ignore.flatMap((glob, at) => {
    const here = `${place}.ignore[${at}]`
    if (glob.trim() === '')
      return [
        problem('error', 'STUCK_CONFIG_INVALID', here, 'the glob is blank', 'Name files, or remove it.'),
      ]
    if (!leavesRepository(glob)) return []
    const message = `the glob ${JSON.stringify(glob)} leaves the repository`
    const fix = 'Write it as seen from the repository, such as "docs/**".'
    return [problem('error', 'STUCK_CONFIG_INVALID', here, message, fix)]
  })
}

function blankCommands(commands: readonly string[], place: string, code: string): Finding[] {
  return commands.flatMap((command, at) =>
    command.trim() === ''
      ? [
          problem(
            'error',
            code,
            `${place}.commands[${at}]`,
            'the command is blank',
            'Write the command, or remove it.',
          ),
        ]
      : [],
  )
}
