// The table of small repositories: what is in each, and what detection must say of it.

export type Files = Readonly<Record<string, string>>

interface Repository {
  readonly title: string
  readonly files: Files
  /** On PATH besides python and bats; `-python` takes one away. */
  readonly programs?: readonly string[]
  readonly groups: readonly string[]
  readonly notes?: readonly string[]
}

const pkg = (fields: object) => JSON.stringify(fields)
const vitest = { scripts: { test: 'vitest run' } }
const isVitest = 'package.json: scripts.test is "vitest run"'
const placeholder = { scripts: { test: 'echo "Error: no test specified" && exit 1' } }

const lockfiles: readonly Repository[] = [
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

const packages: readonly Repository[] = [
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

const languages: readonly Repository[] = [
  { title: 'nothing', files: {}, groups: [] },
  { title: 'only a readme', files: { 'README.md': '# hello' }, groups: [] },
  {
    title: 'pyproject.toml',
    files: { 'pyproject.toml': '[project]' },
    groups: ['python -m pytest (pyproject.toml)'],
  },
  {
    title: 'pyproject.toml and requirements.txt',
    files: { 'pyproject.toml': '', 'requirements.txt': 'pytest' },
    groups: ['python -m pytest (pyproject.toml; requirements.txt)'],
  },
  { title: 'pytest.ini', files: { 'pytest.ini': '[pytest]' }, groups: ['python -m pytest (pytest.ini)'] },
  { title: 'tox.ini', files: { 'tox.ini': '[tox]' }, groups: ['python -m pytest (tox.ini)'] },
  {
    title: 'requirements.txt alone',
    files: { 'requirements.txt': '' },
    groups: ['python -m pytest (requirements.txt)'],
  },
  {
    title: 'a malformed pyproject.toml',
    files: { 'pyproject.toml': '[[[' },
    groups: ['python -m pytest (pyproject.toml)'],
  },
  {
    title: 'Python where there is python3 alone',
    files: { 'pytest.ini': '' },
    programs: ['-python', 'python3'],
    groups: ['python3 -m pytest (pytest.ini; there is python3 and no python)'],
  },
  {
    title: 'Python, with pytest as the npm script too',
    files: { 'pytest.ini': '', 'package.json': pkg({ scripts: { test: 'python3 -m pytest -v' } }) },
    groups: ['npm test (package.json: scripts.test is "python3 -m pytest -v"; pytest.ini; it runs pytest)'],
  },
  { title: 'Go', files: { 'go.mod': 'module x' }, groups: ['go test ./... (go.mod)'] },
  { title: 'Rust', files: { 'Cargo.toml': '[package]' }, groups: ['cargo test (Cargo.toml)'] },
  {
    title: 'two languages',
    files: { 'go.mod': 'module x', 'package.json': pkg(vitest) },
    groups: [`npm test (${isVitest})`, 'go test ./... (go.mod)'],
  },
]

const targets: readonly Repository[] = [
  {
    title: 'a Makefile only',
    files: { Makefile: '.PHONY: test\ntest: build\n\t./run-tests\n' },
    groups: ['make test (Makefile: target test; it runs ./run-tests)'],
  },
  {
    title: 'a Makefile with its recipe on the line',
    files: { makefile: 'all test: ; ./check\n' },
    groups: ['make test (makefile: target test; it runs ./check)'],
  },
  {
    title: 'a Makefile that calls the npm script',
    files: { 'package.json': pkg(vitest), Makefile: 'test:\n\tnpm test\n' },
    groups: [`npm test (${isVitest}; Makefile: target test)`],
  },
  {
    title: 'a Makefile that calls an npm script that does not exist',
    files: { 'package.json': pkg({}), Makefile: 'test:\n\tnpm run unit\n' },
    groups: [],
    notes: ['package.json has no scripts.test', 'make test cannot run: package.json has no script "unit"'],
  },
  {
    title: 'a Makefile whose test target has targets of its own',
    files: { Makefile: 'test: unit lint\nunit:\n\tx\nlint:\n\ty\n' },
    groups: ['make test (Makefile: target test)'],
  },
  {
    title: 'a Makefile without a test target',
    files: { Makefile: 'TEST := 1\ntesting:\n\tx\n' },
    groups: [],
  },
  {
    title: 'pytest by a Makefile and by pyproject.toml',
    files: { 'pyproject.toml': '', Makefile: 'PY ?= python3\ntest:\n\t@$(PY) -m pytest -q\n' },
    groups: ['python -m pytest (pyproject.toml; Makefile: target test)'],
  },
  {
    title: 'a part of the tests by a Makefile, all by pyproject.toml',
    files: { 'pyproject.toml': '', Makefile: 'test:\n\tpytest tests/unit\n' },
    groups: [
      'python -m pytest (pyproject.toml)',
      'make test (Makefile: target test; it runs pytest tests/unit)',
    ],
  },
  {
    title: 'two languages and a Makefile for both',
    files: { 'Cargo.toml': '', 'go.mod': '', Makefile: 'test:\n\tgo test ./...\n\tcargo test\n' },
    groups: [
      'go test ./... (go.mod)',
      'cargo test (Cargo.toml)',
      'make test (Makefile: target test; it runs go test ./... && cargo test)',
    ],
  },
  {
    title: 'a justfile only',
    files: { justfile: 'build:\n  tsc\n\ntest filter="":\n  @deno test\n' },
    groups: ['just test (justfile: target test; it runs deno test)'],
  },
  {
    title: 'a justfile that runs cargo',
    files: { Justfile: 'test:\n    cargo test\n', 'Cargo.toml': '' },
    groups: ['cargo test (Cargo.toml; Justfile: target test)'],
  },
  {
    title: 'bats files',
    files: { 'tests/a.bats': '', 'tests/b.bats': '' },
    groups: ['bats tests (tests/*.bats: 2 files)'],
  },
  {
    title: 'bats files in the root, and in test',
    files: { 'a.bats': '', 'test/b.bats': '' },
    groups: ['bats test . (test/*.bats: 1 file; *.bats: 1 file)'],
  },
  {
    title: 'bats files that the npm script runs',
    files: { 'tests/a.bats': '', 'package.json': pkg({ scripts: { test: 'bats --tap tests/*.bats' } }) },
    groups: [
      'npm test (package.json: scripts.test is "bats --tap tests/*.bats"; tests/*.bats: 1 file; it runs bats tests)',
    ],
  },
  {
    title: 'bats files where bats is installed with npm',
    files: { 'test/a.bats': '', 'node_modules/.bin/bats': '#!/bin/sh' },
    programs: ['-bats'],
    groups: ['node_modules/.bin/bats test (test/*.bats: 1 file; node_modules/.bin/bats)'],
  },
]

export const repositories: readonly Repository[] = [...lockfiles, ...packages, ...languages, ...targets]
