// Figures as people read them.
import { cutText } from '../lib/whole-text.ts'

/** `2026-01-02T03:04:05Z` as `2026-01-02 03:04:05 UTC`; anything else as it is. */
export function formatTime(timestamp: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(timestamp)
  return match ? `${match[1]} ${match[2]} UTC` : timestamp
}

/** Seconds between two timestamps; 0 when one of them is none, or they are the wrong way round. */
export function secondsBetween(start: string, end: string): number {
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0
}

export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 1) return '<1 s'
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

/** Four digits and more are grouped: 12,345. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** 1 file, 2 files. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Tokens where room is short: 950, 12k, 3.4M. */
export function shortCount(count: number): string {
  if (count < 1000) return String(count)
  const [unit, factor] = count < 999_500 ? ['k', 1000] : ['M', 1_000_000]
  const value = count / (factor as number)
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)}${unit}`
}

/** A text within `limit` characters, cut at a whole one. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${cutText(text, limit - 1)}…`
}
