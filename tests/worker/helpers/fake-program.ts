// Stand-ins for agent programs: small shell scripts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes an executable script `name` into `folder`; returns its path. */
export function fakeProgram(folder: string, name: string, lines: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 })
  return path
}
