// Analyses that contradict themselves, that nobody gets, or that cost more than was probably meant.
import { basename } from 'node:path'
import { type Finding, problem } from './findings.ts'
import { leavesRepository } from './globs.ts'
import { type HostConfig, type Loop, loopRoles, type RoleName, roleChoice, runnerOf } from './host-config.ts'
import { checkSeconds, costly } from './limit-checks.ts'

const code = 'RLMS_CONFIG_INVALID'

interface Analysis {
  readonly enabled: boolean
  readonly mode: string
  readonly request_keyword: string
  readonly roles: Readonly<Record<RoleName, boolean>>
  readonly limits: Readonly<Record<string, number | undefined>> & { readonly timeout_seconds: number }
  readonly context: Readonly<Record<'include' | 'exclude', readonly string[]>>
  readonly models: Readonly<Record<string, { readonly command?: readonly string[] } | undefined>>
}

/** Without a `config`, whose runners are not sound, who answers an analysis is left alone. */
export function checkAnalysis(loop: Loop, place: string, config?: HostConfig): Finding[] {
  const analysis = loop.rlms as unknown as Analysis
  const always = [...checkPolicy(loop, place), ...checkGlobs(analysis.context, `${place}.context`)]
  if (!analysis.enabled) return always
  const { limits, mode, models, request_keyword, roles } = analysis
  const keywordIsBlank = mode !== 'auto' && request_keyword.trim() === ''
  const nobodyGetsOne = loopRoles(loop).every((role) => !roles[role])
  return [
    ...always,
    ...(keywordIsBlank
      ? [
          invalid(
            `${place}.request_keyword`,
            'the keyword is blank',
            'Use a word that stands nowhere by chance.',
          ),
        ]
      : []),
    ...(nobodyGetsOne
      ? [
          problem(
            'warning',
            code,
            `${place}.roles`,
            'none of the roles that run gets an analysis',
            'Enable a role, or set rlms.enabled to false.',
          ),
        ]
      : []),
    ...checkSeconds(limits.timeout_seconds, `${place}.limits.timeout_seconds`),
    ...checkCosts(limits, `${place}.limits`),
    ...checkModels(models, `${place}.models`),
    ...(config && !models.root?.command?.length ? checkFallback(config, loop, place) : []),
  ]
}

const lean = ['claude', 'codex', 'opencode', 'gemini']

/** Without a model of its own an analysis is answered by the role's runner: with its tools, its rights and its price. */
function checkFallback(config: HostConfig, loop: Loop, place: string): Finding[] {
  const { roles, policy } = loop.rlms as unknown as Analysis & Loop['rlms']
  const programs = loopRoles(loop)
    .filter((role) => roles[role] && !policy.force_off)
    .flatMap((role) => runnerOf(config, roleChoice(config, loop, role))?.command[0] ?? [])
  const names = [...new Set(programs.map((program) => basename(program)))]
  if (names.length === 0) return []
  const preset = names.find((name) => lean.includes(name)) ?? 'claude'
  const message = `analyses are answered by the role's own runner (${names.join(', ')}), with all that it may do`
  const fix = `Name a model without tools: "models": {"root": {"command": ["rlms:${preset}"]}}.`
  return [problem('warning', 'RLMS_MODEL_UNNAMED', `${place}.models`, message, fix)]
}

function checkPolicy(loop: Loop, place: string): Finding[] {
  const { force_on: on, force_off: off } = loop.rlms.policy
  if (!on || !off) return []
  return [invalid(`${place}.policy`, 'force_on and force_off are both true', 'Set one of them to false.')]
}

function checkGlobs({ include, exclude }: Analysis['context'], place: string): Finding[] {
  return Object.entries({ include, exclude }).flatMap(([list, globs]) =>
    globs.flatMap((glob, at) =>
      leavesRepository(glob)
        ? [
            invalid(
              `${place}.${list}[${at}]`,
              `the glob ${JSON.stringify(glob)} leaves the repository`,
              'Write it as seen from the repository, such as "docs/**".',
            ),
          ]
        : [],
    ),
  )
}

/** From where on a limit hardly limits what an analysis may cost. */
const usual = {
  max_steps: 500,
  max_depth: 8,
  max_subcalls: 2000,
  concurrency: 64,
  max_tokens: 50_000_000,
  max_usd: 100,
}

function checkCosts(limits: Analysis['limits'], place: string): Finding[] {
  return Object.entries(usual).flatMap(([name, most]) => {
    const value = limits[name] ?? 0
    if (value <= most) return []
    const message = `${value} may be expensive: it is the limit of one analysis, of which each role gets one`
    return [costly(`${place}.${name}`, message, `Up to ${most} is usual.`)]
  })
}

function checkModels(models: Analysis['models'], place: string): Finding[] {
  return Object.entries(models).flatMap(([name, model]) =>
    model?.command?.[0]?.trim() === ''
      ? [
          invalid(
            `${place}.${name}.command`,
            'the program is blank',
            'Name the program to run, or remove the command.',
          ),
        ]
      : [],
  )
}

function invalid(place: string, message: string, fix: string): Finding {
  return problem('error', code, place, message, fix)
}
