// Budgets over runners that are known to tell no price, or no tokens: what such a turn costs is not counted.
import { basename } from 'node:path'
import { type Finding, problem } from './findings.ts'
import { type HostConfig, type Loop, loopRoles, type Runner, roleChoice, runnerOf } from './host-config.ts'

type Limit = 'max_usd' | 'max_tokens'

export function checkBudget(config: HostConfig, loop: Loop, place: string): Finding[] {
  const budget = (loop.budget ?? {}) as Readonly<Record<Limit, number | undefined>>
  return (['max_usd', 'max_tokens'] as const).flatMap((limit) => {
    if (budget[limit] === undefined) return []
    const silent = [...new Set(loopRoles(loop).flatMap((role) => silentProgram(config, loop, role, limit)))]
    if (silent.length === 0) return []
    const { what, fix } = words[limit]
    const message = `${silent.join(' and ')} ${silent.length === 1 ? 'tells' : 'tell'} no ${what}: such turns are not counted`
    return [problem('warning', 'BUDGET_NOT_COUNTED', `${place}.${limit}`, message, fix)]
  })
}

const words = {
  max_usd: {
    what: 'price',
    fix: 'Use max_tokens, or a runner that tells prices, such as claude with "--output-format" "json".',
  },
  max_tokens: {
    what: 'tokens',
    fix: 'Let it print JSON: opencode with "--format" "json", gemini with "-o" "json".',
  },
} as const

/** What of an agent program's arguments makes it tell; null: nothing does, absent: it tells anyway. */
const tellers: Readonly<Record<string, Partial<Record<Limit, RegExp | null>>>> = {
  claude: { max_usd: /(^| )--output-format[ =](stream-)?json( |$)/ },
  codex: { max_usd: null },
  gemini: { max_usd: null, max_tokens: /(^| )(-o|--output-format)[ =](stream-)?json( |$)/ },
  opencode: { max_usd: /(^| )--format[ =]json( |$)/, max_tokens: /(^| )--format[ =]json( |$)/ },
}

function silentProgram(
  config: HostConfig,
  loop: Loop,
  role: Parameters<typeof roleChoice>[2],
  limit: Limit,
): string[] {
  const runner: Runner | undefined = runnerOf(config, roleChoice(config, loop, role))
  const program = basename(runner?.command[0] ?? '')
  const needed = Object.hasOwn(tellers, program) ? tellers[program]![limit] : undefined
  if (runner === undefined || needed === undefined) return []
  return needed?.test([...runner.command, ...runner.args].join(' ')) ? [] : [program]
}
