// Repositories with a package.json: each manager and lockfile, placeholders, malformed files.
import { isVitest, pkg, type Repository, vitest } from './repository.ts'

const placeholder = { scripts: { test: 'echo "Error: no test specified" && exit 1' } }

const withLockfile: readonly Repository[] = [
  ['package-lock.json', 'npm test'],
  ['pnpm-lock.yaml', 'pnpm test'],
  ['yarn.lock', 'yarn test'],
  ['bun.lock', 'bun run test'],
  ['bun.lockb', 'bun run test'],
].map(([lockfile = '', command]) => ({
  title: `a package.json with ${lockfile}`,
  files: { 'package.json': pkg(vitest), [lockfile]: '' },
  groups: [`${command} (${isVitest}; ${lockfile})`],
}))

const others: readonly Repository[] = [
  {
    title: 'a package.json without a lockfile',
    files: { 'package.json': pkg(vitest) },
    groups: [`npm test (${isVitest})`],
  },
  {
    title: 'packageManager against a lockfile',
    files: { 'package.json': pkg({ ...vitest, packageManager: 'pnpm@9.1.0' }), 'package-lock.json': '{}' },
    groups: [`pnpm test (${isVitest}; package.json: packageManager is "pnpm@9.1.0")`],
  },
  {
    title: 'packageManager and its lockfile',
    files: { 'package.json': pkg({ ...vitest, packageManager: 'yarn@4.0.0' }), 'yarn.lock': '' },
    groups: [`yarn test (${isVitest}; package.json: packageManager is "yarn@4.0.0"; yarn.lock)`],
  },
  {
    title: 'a packageManager that nobody knows',
    files: { 'package.json': pkg({ ...vitest, packageManager: 'deno@2' }) },
    groups: [`npm test (${isVitest})`],
    notes: ['package.json: packageManager "deno@2" is not known'],
  },
  {
    title: 'two lockfiles, which run the same script',
    files: { 'package.json': pkg(vitest), 'yarn.lock': '', 'package-lock.json': '{}' },
    groups: [`yarn test (${isVitest}; yarn.lock; package-lock.json)`],
  },
  {
    title: "npm's placeholder",
    files: { 'package.json': pkg(placeholder), 'package-lock.json': '{}' },
    groups: [],
    notes: ["package.json: scripts.test is npm's placeholder"],
  },
  {
    title: "npm's placeholder beside Go",
    files: { 'package.json': pkg(placeholder), 'go.mod': 'module x' },
    groups: ['go test ./... (go.mod)'],
    notes: ["package.json: scripts.test is npm's placeholder"],
  },
  {
    title: 'a package.json without a test script',
    files: { 'package.json': pkg({ scripts: { build: 'tsc' } }), 'pnpm-lock.yaml': '' },
    groups: [],
    notes: ['package.json has no scripts.test'],
  },
  {
    title: 'a test script that is no text',
    files: { 'package.json': pkg({ scripts: { test: ['vitest'] } }) },
    groups: [],
    notes: ['package.json: scripts.test is no command'],
  },
  {
    title: 'a test script that is blank',
    files: { 'package.json': pkg({ scripts: { test: ' ' } }) },
    groups: [],
    notes: ['package.json: scripts.test is no command'],
  },
  {
    title: 'a malformed package.json',
    files: { 'package.json': '{"scripts": {"test": ' },
    groups: [],
    notes: ['package.json is no JSON object'],
  },
  {
    title: 'a package.json that is a list',
    files: { 'package.json': '[]' },
    groups: [],
    notes: ['package.json is no JSON object'],
  },
  {
    title: 'a package.json with a byte order mark',
    files: { 'package.json': `\uFEFF${pkg(vitest)}` },
    groups: [`npm test (${isVitest})`],
  },
  {
    title: 'a test script that runs a script that does not exist',
    files: { 'package.json': pkg({ scripts: { test: 'npm run unit' } }) },
    groups: [],
    notes: ['npm test cannot run: package.json has no script "unit"'],
  },
  {
    title: 'a test script that runs another',
    files: { 'package.json': pkg({ scripts: { test: 'npm run unit', unit: 'mocha' } }) },
    groups: ['npm test (package.json: scripts.test is "npm run unit"; it runs mocha)'],
  },
  {
    title: 'test scripts that run each other',
    files: { 'package.json': pkg({ scripts: { test: 'npm run unit', unit: 'npm run test' } }) },
    groups: ['npm test (package.json: scripts.test is "npm run unit"; it runs npm run test)'],
  },
]

export const nodeRepositories: readonly Repository[] = [...withLockfile, ...others]
