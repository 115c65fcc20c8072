// What a configuration that fits the schema can still get wrong, told before anything runs.
import { checkAnalysis } from './analysis-checks.ts'
import { checkBudget } from './budget-checks.ts'
import { checkCommands } from './command-checks.ts'
import { checkFiles } from './file-checks.ts'
import { type Finding, problem } from './findings.ts'
import { checkGates } from './gate-checks.ts'
import { checkGit } from './git-checks.ts'
import type { CheckedConfig, HostConfig, Loop } from './host-config.ts'
import { checkLimits } from './limit-checks.ts'
import { checkRoles, checkRunners } from './role-checks.ts'

/** Errors stop a run; warnings are told. What the schema refuses already is left alone. */
export function checkStatically({ config, isBroken }: CheckedConfig, repo: string): Finding[] {
  if (config === null) return []
  const rolesAreSound = !['/runners', '/runner', '/role_defaults'].some(isBroken)
  const loops = config.loops.map((loop, at) => ({ loop, at })).filter(({ at }) => !isBroken(`/loops/${at}`))
  return [
    ...(rolesAreSound ? checkRunners(config) : []),
    ...loops.flatMap(({ loop, at }) => [
      ...(rolesAreSound ? checkRoles(config, loop, `loops[${at}]`) : []),
      ...(rolesAreSound ? checkGit(config, loop, `loops[${at}].git`, repo) : []),
      ...checkFiles(loop, `loops[${at}]`, repo),
      ...checkLimits(loop, `loops[${at}]`),
      ...(rolesAreSound ? checkBudget(config, loop, `loops[${at}].budget`) : []),
      ...checkAnalysis(loop, `loops[${at}].rlms`, rolesAreSound ? config : undefined),
      ...checkGates(loop, `loops[${at}]`),
      ...checkCommands(loop, `loops[${at}]`, repo),
    ]),
    ...repeatedIds(config),
  ]
}

function repeatedIds({ loops }: HostConfig): Finding[] {
  const ids = loops.map((loop: Loop | null) => loop?.id)
  return ids.flatMap((id, at) =>
    id !== undefined && ids.indexOf(id) < at
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
