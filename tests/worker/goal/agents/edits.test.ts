import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyEdits, readProposal } from '../../../../src/worker/goal/agents/edits.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const edit = { path: 'a.txt', content: 'x' }

test.each([
  ['an object', { summary: 's', edits: [edit] }],
  ['JSON in a text', '{"summary":"s","edits":[{"path":"a.txt","content":"x"}]}'],
  ['JSON in a fence', 'Here:\n```json\n{"summary":"s","edits":[{"path":"a.txt","content":"x"}]}\n```\nDone.'],
  ['JSON in prose', 'I propose {"summary":"s","edits":[{"path":"a.txt","content":"x"}]} and no more'],
])('edits are read from %s', (_, final) => {
  expect(readProposal(final)).toEqual({ summary: 's', edits: [edit], problems: [] })
})

test.each([
  ['a text', 'nothing to do', 'nothing to do'],
  ['a number', 3, '3'],
  ['nothing', undefined, 'null'],
  ['an object of another kind', { answer: 1 }, ''],
])('%s proposes no edits', (_, final, summary) => {
  expect(readProposal(final)).toEqual({ summary, edits: [], problems: [] })
})

test('an edit replaces text that is there once, as it stands', () => {
  const root = temporaryFolder()
  writeFileSync(join(root, 'a'), 'one two two')
  expect(applyEdits(root, [{ path: 'a', find: 'one', replace: '$& $1' }])).toEqual([])
  expect(readFileSync(join(root, 'a'), 'utf8')).toBe('$& $1 two two')
  expect(applyEdits(root, [{ path: 'a', find: 'two', replace: '2' }])).toEqual([
    'a: the text to find is in it 2 times',
  ])
})

test('an edit that was applied before a crash is no problem when it comes again', () => {
  const root = temporaryFolder()
  const edits = [
    { path: 'a', find: 'old', replace: 'new' },
    { path: 'gone', delete: true as const },
  ]
  writeFileSync(join(root, 'a'), 'old')
  writeFileSync(join(root, 'gone'), '')
  expect([applyEdits(root, edits), applyEdits(root, edits)]).toEqual([[], []])
  expect(readFileSync(join(root, 'a'), 'utf8')).toBe('new')
})

test.each([
  '/etc/x',
  '../x',
  'a/../../x',
  '..',
  '.',
  'a\0b',
  '.git/config',
  '.runs/x',
  'link',
  'folder',
  'away/x',
])('nothing is written to %j', (path) => {
  const root = join(temporaryFolder(), 'root')
  const away = temporaryFolder()
  mkdirSync(join(root, 'folder'), { recursive: true })
  symlinkSync(join(away, 'file'), join(root, 'link'))
  symlinkSync(away, join(root, 'away'))
  expect(applyEdits(root, [{ path, content: 'x' }])).toHaveLength(1)
})
