import { expect, test } from 'vitest'
import { decides, decisivePart, keepPackageKeys } from '../../../src/worker/goal/decisive.ts'

const nothingNamed = new Set<string>()

test.each([
  'tests/run.js',
  'test/a.txt',
  'packages/x/__tests__/a.ts',
  'spec/models/user_spec.rb',
  'src/sum.test.ts',
  'src/sum.spec.js',
  'pkg/sum_test.go',
  'src/test_sum.py',
  'src/sum_test.py',
  'src/SumTest.java',
  'conftest.py',
  'a.bats',
  't/basic.t',
  'test.js',
  'vitest.config.mts',
  'jest.config.json',
  'jest.config.integration.js',
  '.mocharc.yml',
  'pytest.ini',
  'tox.ini',
  'Makefile',
  'sub/GNUmakefile',
  'justfile',
])('%s decides what a validator says', (path) => {
  expect(decides(path, nothingNamed)).toBe(true)
})

test.each([
  'src/sum.ts',
  'src/latest/index.js',
  'src/contest.py',
  'attest.js',
  'docs/testing.md',
  'specs/feature.md',
  'src/inspect.ts',
  'lib/protest.go',
  'package.json',
])('%s does not', (path) => {
  expect(decides(path, nothingNamed)).toBe(false)
})

test('a file that the command names does', () => {
  expect(decides('verify', new Set(['verify']))).toBe(true)
})

test.each([
  ['package.json', '{"version":"1","scripts":{"test":"a"}}', '{"version":"2","scripts":{"test":"a"}}', true],
  ['package.json', '{"scripts":{"test":"a"}}', '{"scripts":{"test":"b"}}', false],
  ['app/package.json', '{"jest":{"bail":1}}', '{}', false],
  ['package.json', 'no json', 'no json either', false],
  [
    'pyproject.toml',
    '[project]\nv=1\n[tool.pytest.ini_options]\nq=1\n',
    '[project]\nv=2\n[tool.pytest.ini_options]\nq=1\n',
    true,
  ],
  ['pyproject.toml', '[tool.pytest.ini_options]\nq=1\n', '[tool.pytest.ini_options]\nq=2\n', false],
  ['setup.cfg', '[metadata]\na=1\n[tool:pytest]\nb=1', '[metadata]\na=2\n[tool:pytest]\nb=1', true],
  ['Cargo.toml', '[dependencies]\na="1"\n[[test]]\nname="x"', '[dependencies]\n[[test]]\nname="x"', true],
  ['Cargo.toml', '[[test]]\nname="x"', '[[test]]\nname="y"', false],
])('of %s only a part decides: %j and %j, the same: %j', (path, before, now, same) => {
  const part = decisivePart(path)!
  expect(part.read(before) === part.read(now)).toBe(same)
})

test('other files have no such part', () => {
  expect(decisivePart('src/index.ts')).toBeUndefined()
  expect(decisivePart('constructor')).toBeUndefined()
})

test('what decides in a package.json comes back, with the indentation that it has', () => {
  const before = '{"scripts":{"test":"vitest"},"mocha":{"bail":true}}'
  const now = '{\n\t"scripts": {"test": "true"},\n\t"jest": {},\n\t"dependencies": {"a": "1"}\n}\n'
  expect(keepPackageKeys(before, now)).toBe(
    '{\n\t"scripts": {\n\t\t"test": "vitest"\n\t},\n\t"dependencies": {\n\t\t"a": "1"\n\t},\n\t"mocha": {\n\t\t"bail": true\n\t}\n}\n',
  )
  expect(keepPackageKeys(before, '{"scripts": ')).toBe(before)
})
