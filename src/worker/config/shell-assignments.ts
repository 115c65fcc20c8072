// A resolved loop as Bash assignments: SL_ and the path of each setting, so that the host reads its configuration with
// one process and no parser. `rlms.auto.max_lines` is SL_RLMS_AUTO_MAX_LINES; arrays of strings are Bash arrays.
import { RlmsError } from '../contract/errors.ts'
import {
  type HostConfig,
  type Loop,
  loopRoles,
  messageAuthor,
  roleChoice,
  runnerOf,
  type Settings,
} from './host-config.ts'

/** Every line is `NAME=value` or `NAME=(values)`, quoted for any POSIX shell. */
export function loopAssignments(config: HostConfig, loop: Loop): string {
  const { roles: _, ...settings } = loop
  const lines = [
    ...flatten('SL', settings),
    ...effectiveLimits(settings),
    assign('SL_SETTING_PATHS', settingPaths(settings)),
    assign('SL_ROLES', loopRoles(loop)),
  ]
  for (const role of new Set([...loopRoles(loop), messageAuthor(loop) ?? []].flat())) {
    const choice = roleChoice(config, loop, role)
    const runner = runnerOf(config, choice)
    const name = `SL_ROLE_${role}`
    lines.push(
      assign(`${name}_RUNNER`, choice.runner ?? ''),
      assign(`${name}_MODEL`, choice.model ?? ''),
      assign(`${name}_THINKING`, choice.thinking ?? ''),
      assign(`${name}_COMMAND`, runner?.command ?? []),
      assign(`${name}_ARGS`, runner?.args ?? []),
      assign(`${name}_FAST_ARGS`, runner?.fast_args ?? []),
      assign(`${name}_PROMPT_MODE`, runner?.prompt_mode ?? 'stdin'),
    )
  }
  return lines.join('\n')
}

/** A limit of 0 sub-calls stands for twice the steps; records tell the limit that holds. */
function effectiveLimits({ rlms }: Settings): string[] {
  const { max_steps: steps, max_subcalls: subcalls } =
    (rlms as { limits?: { max_steps?: number; max_subcalls?: number } } | undefined)?.limits ?? {}
  return subcalls === 0 && steps !== undefined ? [assign('SL_RLMS_LIMITS_MAX_SUBCALLS', 2 * steps)] : []
}

/** Throws `invalid_config` for a text that no shell can hold. */
export function assign(name: string, value: unknown): string {
  const quoteValue = (text: string) => {
    if (!text.includes('\0')) return quote(text)
    throw new RlmsError('invalid_config', `the setting ${name} holds a NUL character`, 'Remove it.')
  }
  if (Array.isArray(value)) return `${name}=(${value.map((entry) => quoteValue(String(entry))).join(' ')})`
  return `${name}=${quoteValue(value === null || value === undefined ? '' : String(value))}`
}

function flatten(prefix: string, settings: Settings): string[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const name = `${prefix}_${key.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}`
    if (Array.isArray(value))
      return value.every((entry) => typeof entry !== 'object')
        ? [assign(name, value)]
        : [assign(name, JSON.stringify(value))]
    if (typeof value === 'object' && value !== null) return flatten(name, value as Settings)
    return [assign(name, value)]
  })
}

/** As the configuration writes them, `rlms.auto.max_lines`: for messages. */
function settingPaths(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingPaths(value as Settings).map((path) => `${key}.${path}`)
      : [key],
  )
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
