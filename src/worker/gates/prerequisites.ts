// The prerequisites gate: conditions on files. Patterns are JavaScript's, as existing configurations write them.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { runInNewContext } from 'node:vm'
import { isSystemError } from '../contract/errors.ts'
import { openBoxes } from './open-boxes.ts'

export interface Prerequisite {
  readonly id?: string
  readonly type: string
  /** In the repository, or absolute. */
  readonly path: string
  readonly pattern?: string
  readonly flags?: string
  readonly needles?: readonly string[]
  readonly min_chars?: number
}

/** Why a check does not hold, or cannot be made: `reason` is a stable word, listed in docs/gates.md. */
export interface Obstacle {
  readonly reason: string
  readonly details?: Readonly<Record<string, unknown>>
}

export interface PrerequisitesReport {
  readonly ok: boolean
  readonly status: 'ok' | 'failed'
  readonly generated_at: string
  readonly total: number
  readonly passed: number
  /** Ids of the checks that hold. */
  readonly verified: readonly string[]
  readonly failed: readonly ({ id: string | null; type: string | null; path: string | null } & Obstacle)[]
}

interface Kind {
  readonly needs?: 'pattern' | 'needles'
  readonly judge: (check: Prerequisite, text: string) => Obstacle | null
}

const kinds: Readonly<Record<string, Kind>> = {
  markdown_checklist_complete: {
    judge: (_, text) => {
      const open = openBoxes(text)
      const details = { count: open.length, first: open.slice(0, 10) }
      return open.length === 0 ? null : { reason: 'unchecked_items_remaining', details }
    },
  },
  file_regex_present: {
    needs: 'pattern',
    judge: (check, text) => judgePattern(check, text, (found) => (found ? null : 'pattern_not_found')),
  },
  file_regex_absent: {
    needs: 'pattern',
    judge: (check, text) => judgePattern(check, text, (found) => (found ? 'pattern_present' : null)),
  },
  file_contains_all: {
    needs: 'needles',
    judge: ({ needles = [] }, text) => {
      const missing = needles.filter((needle) => !text.includes(needle))
      return missing.length === 0 ? null : { reason: 'missing_required_content', details: { missing } }
    },
  },
  file_not_contains_any: {
    needs: 'needles',
    judge: ({ needles = [] }, text) => {
      const present = needles.filter((needle) => text.includes(needle))
      return present.length === 0 ? null : { reason: 'forbidden_content_present', details: { present } }
    },
  },
  file_exists: { judge: () => null },
  file_nonempty: {
    judge: ({ min_chars: least = 1 }, text) => {
      const size = [...text.trim()].length
      return size >= least ? null : { reason: 'file_too_short', details: { size, min_chars: least } }
    },
  },
}

/** Judges every check; one that cannot be made has failed. */
export function judgePrerequisites(checks: readonly Prerequisite[], repo: string): PrerequisitesReport {
  const verified: string[] = []
  const failed = checks.flatMap((check) => {
    const id = check.id || `${check.type}:${check.path}`
    const obstacle = judgeCheck(check, repo)
    if (obstacle) return [{ id, type: check.type, path: check.path, ...obstacle }]
    verified.push(id)
    return []
  })
  const nothing = { id: null, type: null, path: null, reason: 'no_checks' }
  const ok = checks.length > 0 && failed.length === 0
  return {
    ok,
    status: ok ? 'ok' : 'failed',
    generated_at: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    total: checks.length,
    passed: verified.length,
    verified,
    failed: checks.length === 0 ? [nothing] : failed,
  }
}

/** What keeps a check from being made at all, whatever the files hold. */
export function incompleteness({ type, path, pattern, flags, needles }: Prerequisite): Obstacle | null {
  const kind = Object.hasOwn(kinds, type) ? kinds[type]! : null
  if (kind === null) return { reason: 'unsupported_check_type' }
  if (!path) return { reason: 'missing_path' }
  if (kind.needs === 'needles' && !needles?.length) return { reason: 'missing_needles' }
  if (kind.needs !== 'pattern') return null
  if (!pattern) return { reason: 'missing_pattern' }
  try {
    new RegExp(pattern, flags)
    return null
  } catch (error) {
    return { reason: 'invalid_regex', details: { message: (error as Error).message } }
  }
}

function judgeCheck(check: Prerequisite, repo: string): Obstacle | null {
  const incomplete = incompleteness(check)
  if (incomplete) return incomplete
  const path = resolve(repo, check.path)
  if (!existsSync(path)) return { reason: 'file_not_found' }
  if (check.type === 'file_exists') return null
  try {
    if (!statSync(path).isFile()) return { reason: 'not_a_file' }
    return kinds[check.type]!.judge(check, readFileSync(path, 'utf8'))
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { reason: 'file_unreadable', details: { message: error.message } }
  }
}

const patternMilliseconds = 5000

// A pattern can take for ever on a text that it nearly matches; a script of its own can be stopped.
function judgePattern(
  { pattern, flags }: Prerequisite,
  text: string,
  verdict: (found: boolean) => string | null,
): Obstacle | null {
  const details = { pattern }
  let found: boolean
  try {
    found = runInNewContext(
      'new RegExp(pattern, flags).test(text)',
      { pattern, flags, text },
      { timeout: patternMilliseconds },
    )
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return { reason: 'check_timed_out', details }
  }
  const reason = verdict(found)
  return reason === null ? null : { reason, details }
}
