import { expect, test } from 'vitest'
import { checkGates } from '../../../src/worker/config/gate-checks.ts'
import type { Loop } from '../../../src/worker/config/host-config.ts'

const off = { enabled: false, optional: false }

/** What the check finds in a loop with these gates, as `severity place CODE: message`. */
function findings(gates: Record<string, object>): string[] {
  const defaults: Record<string, object> = {
    tests: { mode: 'disabled', commands: [] },
    validation: {
      enabled: false,
      mode: 'every',
      require_on_completion: false,
      commands: [],
      preflight: off,
      smoke_tests: off,
      automated_checklist: off,
      agent_browser: off,
    },
    prerequisites: { enabled: false, checks: [] },
    approval: { enabled: false, require_on_completion: false },
  }
  const loop = Object.fromEntries(
    Object.entries(defaults).map(([name, gate]) => [name, { ...gate, ...gates[name] }]),
  )
  return checkGates(loop as unknown as Loop, 'loops[0]').map(
    ({ severity, place, code, message }) => `${severity} ${place} ${code}: ${message}`,
  )
}

test('gates that are off, and those that can be judged, are right', () => {
  expect(findings({})).toEqual([])
  expect(
    findings({
      tests: { mode: 'every', commands: ['npm test'] },
      validation: { enabled: true, commands: ['true'], agent_browser: off },
      prerequisites: { enabled: true, checks: [{ type: 'file_exists', path: 'x' }] },
      approval: { enabled: true, require_on_completion: true },
    }),
  ).toEqual([])
  expect(
    findings({
      validation: { mode: 'disabled', enabled: true },
      prerequisites: { checks: [{ type: '?', path: '' }] },
    }),
  ).toEqual([])
})

const command = 'error loops[0].validation.commands'

test.each<[object, string[]]>([
  [{}, [`${command} VALIDATION_CONFIG_INVALID: it is enabled, but there is no command`]],
  [{ commands: ['true', ' '] }, [`${command}[1] VALIDATION_CONFIG_INVALID: the command is blank`]],
  [
    { commands: ['true'], smoke_tests: { enabled: true, optional: false } },
    ['warning loops[0].validation.smoke_tests VALIDATION_CONFIG_INVALID: this version cannot run it'],
  ],
  [
    { require_on_completion: true, preflight: { enabled: true, optional: false } },
    ['error loops[0].validation.preflight VALIDATION_CONFIG_INVALID: this version cannot run it'],
  ],
  [
    { require_on_completion: true, agent_browser: { enabled: true, optional: true } },
    [
      `${command} VALIDATION_CONFIG_INVALID: it is enabled, but there is no command`,
      'warning loops[0].validation.agent_browser VALIDATION_CONFIG_INVALID: this version cannot run it',
    ],
  ],
])('the validation %j cannot be judged', (validation, found) => {
  expect(findings({ validation: { enabled: true, ...validation } })).toEqual(found)
})

test.each([
  [{ type: 'file_exists', path: '' }, 'the path is blank'],
  [{ type: 'file_size', path: 'x' }, 'this type of check is unknown'],
  [{ type: 'file_regex_absent', path: 'x' }, 'it has no pattern'],
  [
    { type: 'file_regex_absent', path: 'x', pattern: '(' },
    'the pattern is no regular expression: Invalid regular expression: /(/: Unterminated group',
  ],
  [{ type: 'file_contains_all', path: 'x', needles: [] }, 'it has no needles'],
])('the prerequisite %j cannot be judged', (check, message) => {
  const checks = [{ type: 'file_exists', path: 'x' }, check]
  expect(findings({ prerequisites: { enabled: true, checks } })).toEqual([
    `error loops[0].prerequisites.checks[1] PREREQUISITES_CONFIG_INVALID: ${message}`,
  ])
})

test('prerequisites without a check, and an approval that nobody is asked for, are told', () => {
  expect(findings({ prerequisites: { enabled: true }, approval: { enabled: true } })).toEqual([
    'error loops[0].prerequisites.checks PREREQUISITES_CONFIG_INVALID: it is enabled, but there is no check',
    'warning loops[0].approval APPROVAL_CONFIG_INVALID: it is enabled, but not required: nobody is asked',
  ])
})
