import { version } from '../contract/version.ts'

/** Prints the version when that is all that was asked for; whether it was. */
export function tellVersion(argv: readonly string[]): boolean {
  if (argv[0] !== '--version') return false
  process.stdout.write(`${version}\n`)
  return true
}
