// When a limit ends, as messages tell it: an epoch, a time to wait, a date, or a time of day with or without its zone.
import { findRetryAfterMs } from './reply.ts'

/** Null when the text tells no time. A time of day that has just passed stands for itself, not for tomorrow's. */
export function findResetTime(text: string, now: Date): Date | null {
  const milliseconds = findEpochMs(text) ?? findDateMs(text) ?? after(findRetryAfterMs(text), now)
  if (milliseconds !== null) return new Date(milliseconds)
  return findTimeOfDay(text, now)
}

function after(milliseconds: number | null, now: Date): number | null {
  return milliseconds === null ? null : now.getTime() + milliseconds
}

/** `usage limit reached|1766502000`, `"resets_at":1777936568`; seconds or milliseconds. */
function findEpochMs(text: string): number | null {
  const found = /(?:reached\||resets?[_ -]?at["']?[:= ]+|resetsAt["']?[:= ]+)(\d{13}|\d{10})(?!\d)/i.exec(
    text,
  )?.[1]
  if (found === undefined) return null
  return found.length === 13 ? Number(found) : Number(found) * 1000
}

const lead = String.raw`\b(?:resets?|again|until|available|renews?|retry[-_ ]after)["']?[:=]?(?: (?:at|on|by))? *["']?`

/** A whole date: ISO 8601 (without a zone it is local), or as in HTTP headers. */
function findDateMs(text: string): number | null {
  const iso = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?`
  const http = String.raw`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`
  const found = new RegExp(`${lead}(${iso}|${http})`, 'i').exec(text)?.[1]
  if (found === undefined) return null
  const date = Date.parse(/^\d/.test(found) ? found.replace(' ', 'T').replace(/ ?(?:UTC|GMT)$/, 'Z') : found)
  return Number.isNaN(date) ? null : date
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const timeOfDay = new RegExp(
  [
    lead,
    `(?:(?<month>${months.join('|')})[a-z]*\\.? (?<day>\\d{1,2})(?:st|nd|rd|th)?(?:,? (?<year>\\d{4}))?`,
    `|(?<weekday>${weekdays.join('|')})[a-z]*|(?<tomorrow>tomorrow))?`,
    String.raw`,? ?(?:at )?(?<hour>\d{1,2})(?::(?<minute>\d\d))?(?::\d\d)?(?: ?(?<half>[ap])\.?m\b\.?)?`,
    String.raw` ?\(?(?<zone>[A-Z][A-Za-z_]+(?:\/[\w+-]+)+|(?:UTC|GMT)(?:[+-]\d{1,2})?\b|Z\b)?`,
  ].join(''),
  'i',
)

const minute = 60_000
const day = 24 * 60 * minute

/** Of times without a date the next one; one that passed half an hour ago or less has just been reached. */
function findTimeOfDay(text: string, now: Date): Date | null {
  const found = timeOfDay.exec(text)?.groups
  if (found === undefined || (found.half === undefined && found.minute === undefined)) return null
  const zone = knownZone(found.zone)
  const hour = (Number(found.hour) % (found.half ? 12 : 24)) + (found.half?.toLowerCase() === 'p' ? 12 : 0)
  const at = (year: number, month: number, date: number) =>
    inZone(Date.UTC(year, month, date, hour, Number(found.minute ?? 0)), zone)
  const today = new Date(now.getTime() + offsetMs(now.getTime(), zone))
  const [year, month, date] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()]
  if (found.month !== undefined) {
    const [ofMonth, ofDay] = [months.indexOf(found.month.toLowerCase()), Number(found.day)]
    if (found.year !== undefined) return new Date(at(Number(found.year), ofMonth, ofDay))
    const thisYear = at(year, ofMonth, ofDay)
    return new Date(thisYear < now.getTime() - day ? at(year + 1, ofMonth, ofDay) : thisYear)
  }
  if (found.tomorrow !== undefined) return new Date(at(year, month, date + 1))
  const ahead = found.weekday === undefined ? 0 : daysUntil(found.weekday, today)
  const next = at(year, month, date + ahead)
  if (next >= now.getTime() - 30 * minute) return new Date(next)
  return new Date(at(year, month, date + (found.weekday === undefined ? 1 : 7)))
}

function daysUntil(weekday: string, today: Date): number {
  return (weekdays.indexOf(weekday.toLowerCase()) - today.getUTCDay() + 7) % 7
}

/** Undefined, which stands for this machine's, for a name that nobody knows. */
function knownZone(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  // the names of whole hours count westwards
  const [, sign, hours] = /^(?:UTC|GMT)([+-])(\d+)$/i.exec(name) ?? []
  const timeZone =
    hours === undefined ? name.replace(/^z$/i, 'UTC') : `Etc/GMT${sign === '+' ? '-' : '+'}${hours}`
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** The moment at which clocks of the zone show what UTC shows at `shown`. */
function inZone(shown: number, zone: string | undefined): number {
  const guess = shown - offsetMs(shown, zone)
  return shown - offsetMs(guess, zone)
}

function offsetMs(moment: number, zone: string | undefined): number {
  if (zone === undefined) return -new Date(moment).getTimezoneOffset() * minute
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const parts = Object.fromEntries(
    format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
  )
  const { year, month, day: date, hour, minute: minutes, second } = parts as Record<string, number>
  const shown = Date.UTC(year!, month! - 1, date!, hour!, minutes!, second!)
  return shown - Math.floor(moment / 1000) * 1000
}
