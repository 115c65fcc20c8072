// A gate that cannot be judged is told before anything runs; it never passes for one that holds.
import { expect, test } from 'vitest'
import { checkGates } from '../../../src/worker/config/gate-checks.ts'
import { configOf, resolved, told } from '../helpers/host-configs.ts'

async function check(loop: Record<string, unknown>) {
  return checkGates((await resolved(configOf(loop))).loop, 'loops[0]')
}

test.each<[what: string, loop: Record<string, unknown>]>([
  ['none', {}],
  [
    'all, each of them complete',
    {
      tests: { mode: 'every', commands: ['true'] },
      validation: { enabled: true, require_on_completion: true, commands: ['true'] },
      prerequisites: { enabled: true, checks: [{ type: 'file_regex_present', path: 'a', pattern: 'b' }] },
      approval: { enabled: true, require_on_completion: true },
    },
  ],
  [
    'those that are off, whatever they lack',
    {
      validation: { enabled: false, commands: [' '] },
      prerequisites: { enabled: false, checks: [{ type: 'file_exists', path: '' }] },
      approval: { enabled: false, require_on_completion: true },
      stuck: { enabled: false, ignore: [''] },
    },
  ],
  ['a validation whose mode is disabled', { validation: { enabled: true, mode: 'disabled' } }],
  [
    'a validation that is optional',
    { validation: { enabled: true, commands: ['true'], preflight: { enabled: false } } },
  ],
])('a loop of which the gates are %s has no findings', async (_, loop) => {
  expect(await check(loop)).toEqual([])
})

const prerequisite = (check: Record<string, unknown>) => ({
  prerequisites: {
    enabled: true,
    checks: [
      { type: 'file_exists', path: 'a' },
      { path: 'a', ...check },
    ],
  },
})
const validation = (changes: Record<string, unknown>) => ({ validation: { enabled: true, ...changes } })

test.each<[what: string, loop: Record<string, unknown>, severity: string, finding: string]>([
  [
    'tests without a command',
    { tests: { mode: 'every' } },
    'error',
    'tests.commands: the mode is every, but there is no command. Add a command, or set the mode to "disabled". (TESTS_CONFIG_INVALID)',
  ],
  [
    'a validation without a command',
    validation({}),
    'error',
    'validation.commands: it is enabled, but there is no command. Add a command, or set validation.enabled to false. (VALIDATION_CONFIG_INVALID)',
  ],
  [
    'a validation with a blank command',
    validation({ commands: ['true', ' '] }),
    'error',
    'validation.commands[1]: the command is blank. Write the command, or remove it. (VALIDATION_CONFIG_INVALID)',
  ],
  [
    'what this version cannot run and the loop requires',
    validation({ require_on_completion: true, commands: ['true'], smoke_tests: { enabled: true } }),
    'error',
    'validation.smoke_tests: this version cannot run it. Set its enabled to false, and let a command under validation.commands do it. (VALIDATION_CONFIG_INVALID)',
  ],
  [
    'what this version cannot run and the loop can do without',
    validation({
      require_on_completion: true,
      commands: ['true'],
      smoke_tests: { enabled: true, optional: true },
    }),
    'warning',
    'validation.smoke_tests: this version cannot run it. Set its enabled to false, and let a command under validation.commands do it. (VALIDATION_CONFIG_INVALID)',
  ],
  [
    'prerequisites without a check',
    { prerequisites: { enabled: true } },
    'error',
    'prerequisites.checks: it is enabled, but there is no check. Add a check, or set prerequisites.enabled to false. (PREREQUISITES_CONFIG_INVALID)',
  ],
  [
    'a check without a file',
    prerequisite({ type: 'file_exists', path: '' }),
    'error',
    'prerequisites.checks[1]: the path is blank. Name the file. (PREREQUISITES_CONFIG_INVALID)',
  ],
  [
    'a check without a pattern',
    prerequisite({ type: 'file_regex_present' }),
    'error',
    'prerequisites.checks[1]: it has no pattern. Add "pattern", a regular expression. (PREREQUISITES_CONFIG_INVALID)',
  ],
  [
    'a check whose pattern is none',
    prerequisite({ type: 'file_regex_absent', pattern: '(' }),
    'error',
    'prerequisites.checks[1]: the pattern is no regular expression: Invalid regular expression: /(/: Unterminated group. Correct "pattern" or "flags". (PREREQUISITES_CONFIG_INVALID)',
  ],
  [
    'a check without texts',
    prerequisite({ type: 'file_contains_all', needles: [] }),
    'error',
    'prerequisites.checks[1]: it has no needles. Add "needles", the texts to look for. (PREREQUISITES_CONFIG_INVALID)',
  ],
  [
    'an approval that nobody is asked for',
    { approval: { enabled: true } },
    'warning',
    'approval: it is enabled, but not required: nobody is asked. Set require_on_completion to true, or enabled to false. (APPROVAL_CONFIG_INVALID)',
  ],
  [
    'a blank glob among those that do not count as a change',
    { stuck: { enabled: true, ignore: ['*.log', ' '] } },
    'error',
    'stuck.ignore[1]: the glob is blank. Name files, or remove it. (STUCK_CONFIG_INVALID)',
  ],
  [
    'a glob of the same that leaves the repository',
    { stuck: { enabled: true, ignore: ['../other/*'] } },
    'error',
    'stuck.ignore[0]: the glob "../other/*" leaves the repository. Write it as seen from the repository, such as "docs/**". (STUCK_CONFIG_INVALID)',
  ],
])('%s is told', async (_, loop, severity, finding) => {
  const findings = await check(loop)
  expect(told(findings)).toEqual([`loops[0].${finding}`])
  expect(findings[0]?.severity).toBe(severity)
})
