// Which files, and which parts of them, decide what a validator says: tests, the configuration of whatever runs them, and
// the files that its command names. A table; adding a tool is a row.
import { isFields, parseFields } from '../lib/fields.ts'

const testFolders = /(?:^|\/)(?:tests?|__tests__|specs?|e2e|testdata|__mocks__|__snapshots__)\//i
/** A folder of specs may hold texts for people. */
const prose = /\.(?:md|rst|adoc)$/i
const testNames =
  /(?:^|\/)(?:test_[^/]*\.py|conftest\.py|[^/]+(?:[._-](?:test|tests|spec|specs)|Test|Tests|Spec)\.[a-z]+|[^/]+\.(?:bats|t|snap)|tests?\.[a-z]+)$/
const configNames =
  /(?:^|\/)(?:(?:jest|vitest|vite|ava|karma|playwright|cypress|web-test-runner|wdio|stryker)(?:\.[\w-]+)*\.[cm]?[jt]sx?|jest\.config\.json|vitest\.workspace\.json|\.mocharc(?:\.\w+)?|\.taprc|\.nycrc(?:\.\w+)?|pytest\.ini|tox\.ini|noxfile\.py|\.coveragerc|(?:GNU)?[Mm]akefile|\.?[Jj]ustfile|phpunit\.xml(?:\.dist)?|\.rspec)$/

/** Files of which only a part decides, and how that part is read; a file that can't be read decides as a whole. */
const partOf: Readonly<Record<string, { readonly part: string; readonly read: (text: string) => string }>> = {
  'package.json': { part: 'scripts and test settings', read: readPackage },
  'pyproject.toml': { part: 'test settings', read: sections(/^\[tool\.(?:pytest|tox|nox|coverage)/) },
  'setup.cfg': { part: 'test settings', read: sections(/^\[(?:tool:pytest|coverage|tox)/) },
  'Cargo.toml': { part: 'test settings', read: sections(/^\[\[?(?:test|bench|profile\.test)/) },
}
const packageKeys = ['scripts', 'jest', 'mocha', 'ava', 'tap', 'vitest', 'nyc', 'c8'] as const

/** Whether a whole file decides. `named` are the files that the validator's command names. */
export function decides(path: string, named: ReadonlySet<string>): boolean {
  const inTests = testFolders.test(path) && !prose.test(path)
  return named.has(path) || inTests || testNames.test(path) || configNames.test(path)
}

/** The part of a file that decides; undefined for a file of which no part does. */
export function decisivePart(
  path: string,
): { readonly part: string; read(text: string): string } | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return Object.hasOwn(partOf, name) ? partOf[name] : undefined
}

/** The package.json `now` with the deciding keys of `before`; `before` itself where either is no JSON. */
export function keepPackageKeys(before: string, now: string): string {
  const [old, current] = [parseFields(before), parseFields(now)]
  if (old === undefined || current === undefined) return before
  for (const key of packageKeys) {
    if (key in old) current[key] = old[key]
    else delete current[key]
  }
  const indent = /^\{\r?\n([ \t]+)"/.exec(now)?.[1] ?? 2
  return `${JSON.stringify(current, null, indent)}\n`
}

function readPackage(text: string): string {
  const fields = parseFields(text)
  return isFields(fields) ? JSON.stringify(packageKeys.map((key) => fields[key] ?? null)) : text
}

/** The sections of an INI or TOML file whose head fits. */
function sections(head: RegExp): (text: string) => string {
  return (text) => {
    let inside = false
    return text
      .split(/\r?\n/)
      .filter((line) => {
        if (/^\s*\[/.test(line)) inside = head.test(line.trim())
        return inside && line.trim() !== ''
      })
      .join('\n')
  }
}
