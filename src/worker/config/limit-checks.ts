// Limits and timeouts that fit the schema and are probably not what was meant: too short, or without end.
import { type Finding, problem } from './findings.ts'
import { type Loop, loopRoles, type RoleName } from './host-config.ts'

interface Limits {
  readonly max_iterations: number
  readonly completion_promise: string
  readonly timeouts: Readonly<Record<'default' | 'inactivity' | RoleName, number>> & {
    readonly enabled: boolean
  }
  readonly rate_limits: {
    readonly on_limit: string
    readonly max_wait_seconds: number
    readonly retry_seconds: number
  }
  readonly stuck: { readonly enabled: boolean }
  readonly budget?: object
}

export function checkLimits(loop: Loop, place: string): Finding[] {
  const limits = loop as unknown as Limits
  return [
    ...checkEnd(limits, place),
    ...checkWaits(limits.rate_limits, `${place}.rate_limits`),
    ...(limits.timeouts.enabled ? checkTimeouts(loop, limits.timeouts, `${place}.timeouts`) : []),
  ]
}

/** What ends a loop: its promise, or a limit. */
function checkEnd({ max_iterations, completion_promise, stuck, budget }: Limits, place: string): Finding[] {
  const endless = max_iterations === 0 && !stuck.enabled && budget === undefined
  if (completion_promise.trim() === '') {
    const message = `there is no promise: the loop never completes${endless ? ', and no limit ends it' : ''}`
    const fix = 'Write the text that the reviewer gives as <promise>TEXT</promise>.'
    return [problem('warning', 'LOOP_NEVER_COMPLETES', `${place}.completion_promise`, message, fix)]
  }
  if (!endless) return []
  const fix = 'Set max_iterations, a budget, or stuck.enabled.'
  return [costly(`${place}.max_iterations`, 'nothing but the promise ends this loop', fix)]
}

function checkWaits(
  { on_limit, max_wait_seconds: most, retry_seconds: first }: Limits['rate_limits'],
  place: string,
): Finding[] {
  if (on_limit !== 'wait' || most === 0 || first <= most) return []
  const message = `the first pause, of ${first} s, is longer than the ${most} s that a turn may wait`
  return [suspicious(`${place}.retry_seconds`, message, 'Set it below max_wait_seconds.')]
}

const shortestSeconds = 5
const longestSeconds = 24 * 60 * 60

function checkTimeouts(loop: Loop, timeouts: Limits['timeouts'], place: string): Finding[] {
  const keys = ['default', 'inactivity', ...loopRoles(loop)] as const
  return [
    ...keys.flatMap((key) => checkSeconds(timeouts[key], `${place}.${key}`)),
    ...loopRoles(loop).flatMap((role) => {
      const seconds = timeouts[role] || timeouts.default
      if (seconds === 0)
        return [suspicious(`${place}.${role}`, `the ${role} has no time limit`, 'Set it, or default.')]
      if (timeouts.inactivity < seconds) return []
      const message = `the ${role} is ended after ${seconds} s, before ${timeouts.inactivity} s without output can pass`
      return [suspicious(`${place}.inactivity`, message, 'Set it below the limits of the roles.')]
    }),
  ]
}

export function checkSeconds(seconds: number, place: string): Finding[] {
  const fix = 'The unit is seconds; 0 stands for no limit of its own.'
  if (seconds > longestSeconds) return [suspicious(place, `${seconds} seconds are more than a day`, fix)]
  if (seconds === 0 || seconds >= shortestSeconds) return []
  return [suspicious(place, `${seconds} seconds are hardly enough for a reply`, fix)]
}

function suspicious(place: string, message: string, fix: string): Finding {
  return problem('warning', 'TIMEOUT_SUSPICIOUS', place, message, fix)
}

export function costly(place: string, message: string, fix: string): Finding {
  return problem('warning', 'LIMIT_COSTLY', place, message, fix)
}
