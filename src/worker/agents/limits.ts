/** Throws a TypeError for a limit that is no number: every comparison with it would be false, and so limit nothing. */
export function requireNumbers(limits: Readonly<Record<string, unknown>>, presence?: 'optional'): void {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined && presence === 'optional') continue
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new TypeError(`${name} must be a number: ${value}.`)
  }
}
