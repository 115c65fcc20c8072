// The table of small repositories: what is in each, and what detection must say of it.
import { nodeRepositories } from './node-repositories.ts'
import { isVitest, pkg, type Repository, vitest } from './repository.ts'

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

export const repositories: readonly Repository[] = [...nodeRepositories, ...languages, ...targets]
