// A small repository, and what detection must say of it.

export type Files = Readonly<Record<string, string>>

export interface Repository {
  readonly title: string
  readonly files: Files
  /** On PATH besides python and bats; `-python` takes one away. */
  readonly programs?: readonly string[]
  readonly groups: readonly string[]
  readonly notes?: readonly string[]
}

export const pkg = (fields: object) => JSON.stringify(fields)
/** The script that most of them have, and how it is told. */
export const vitest = { scripts: { test: 'vitest run' } }
export const isVitest = 'package.json: scripts.test is "vitest run"'
