import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { matchesAnyFile } from '../../../src/worker/config/globs.ts'
import { configLab } from '../helpers/config-lab.ts'

function lab(): string {
  const { repo, file } = configLab()
  for (const path of [
    'a.md',
    'docs/b.md',
    'docs/deep/c d.md',
    '.hidden/x.txt',
    'odd [1].txt',
    'plus+.c',
    '日本.txt',
  ])
    file(path)
  mkdirSync(join(repo, 'empty'))
  return repo
}

test.each([
  'a.md',
  './a.md',
  '*.md',
  '?.md',
  '[abc].md',
  '[!b-z].md',
  'docs/*.md',
  'docs/**',
  '**/c*',
  '**/*.md',
  'docs/**/b.md',
  'do*/de*/c?d.md',
  '.hidden/*',
  'odd [[]1].txt',
  'odd \\[1\\].txt',
  'plus+.c',
  'plus[+].c',
  '日?.txt',
])('%s matches a file', (glob) => {
  expect(matchesAnyFile(lab(), glob)).toBe(true)
})

test.each([
  'b.md',
  '*.txt/a',
  'docs',
  'docs/',
  '*/c d.md',
  'empty/**',
  '*.c++',
  'plus.c',
  '[!a].md',
  '**/none',
  'a.md/b',
  '/a.md',
  '',
])('%j matches no file', (glob) => {
  expect(matchesAnyFile(lab(), glob)).toBe(false)
})

test('a folder that leads back to itself is not followed for ever', () => {
  const repo = lab()
  symlinkSync('..', join(repo, 'docs/up'))
  expect(matchesAnyFile(repo, '**/none')).toBe(false)
  expect(matchesAnyFile(repo, 'docs/up/a.md')).toBe(true)
})

test('an absolute glob counts from the root', () => {
  const repo = lab()
  expect(matchesAnyFile('/nowhere', `${repo}/*.md`)).toBe(true)
})
