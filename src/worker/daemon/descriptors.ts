// What whoever started this process had open, and did not mean it to have.
import { closeSync, readdirSync, readFileSync } from 'node:fs'

const closedAtExec = 0o2000000

/** Closes the descriptors above the standard ones that came from the parent: Node's own are not passed on, these are. */
export function closeInherited(): void {
  if (process.platform !== 'linux') return
  for (const name of readdirSync('/proc/self/fd')) {
    if (Number(name) > 2 && isInherited(name)) closeSync(Number(name))
  }
}

function isInherited(descriptor: string): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & closedAtExec) === 0
  } catch {
    return false // that of the listing, closed by now
  }
}
