import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { packDocuments } from '../../../src/worker/rlm/pack.ts'
import { listSources, readContextList } from '../../../src/worker/runs/context-list.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** A repository with two files, and one beside it. */
function surroundings() {
  const folder = temporaryFolder()
  const repo = join(folder, 'repo')
  mkdirSync(join(repo, 'src'), { recursive: true })
  for (const name of ['repo/src/a.ts', 'repo/b.md', 'other.txt'])
    writeFileSync(join(folder, name), `${name}\n`)
  return { folder, repo }
}

type Lines = string | Buffer

function listOf(lines: Lines, { folder, repo } = surroundings()) {
  const file = join(folder, 'files.txt')
  writeFileSync(file, lines)
  return readContextList(file, repo)
}

const namesIn = (lines: Lines, where = surroundings()) => listOf(lines, where).sources.map(({ name }) => name)
const pathsIn = (lines: Lines, where = surroundings()) =>
  listOf(lines, where).sources.map(({ path }) => path.toString())

test('each line is a file, in the order given; blank lines are left out', () => {
  expect(namesIn('src/a.ts\n\n \t\nb.md\n\r\nnone.ts')).toEqual(['src/a.ts', 'b.md', 'none.ts'])
  for (const nothing of ['', '\n', ' \n\n']) expect(listOf(nothing)).toEqual({ sources: [], repeated: 0 })
})

test('a document is named relative to the repository where it lies inside, else as it was given', () => {
  const where = surroundings()
  const { repo, folder } = where
  const given = [join(repo, 'src', '..', 'b.md'), './src/a.ts', join(folder, 'other.txt'), '../other.txt']
  const other = join(folder, 'other.txt')
  expect(listOf(given.join('\n'), where)).toEqual({
    sources: [
      { path: Buffer.from(join(repo, 'b.md')), name: 'b.md' },
      { path: Buffer.from(join(repo, 'src/a.ts')), name: 'src/a.ts' },
      { path: Buffer.from(other), name: other },
    ],
    repeated: 1,
  })
})

test('a file beside the repository whose name begins like that is not in it', () => {
  const { folder, repo } = surroundings()
  writeFileSync(join(folder, 'repo-two'), 'x')
  mkdirSync(join(repo, '..data'))
  writeFileSync(join(repo, '..data', 'x'), 'x')
  const where = { folder, repo }
  expect(namesIn(`${folder}/repo-two\n${repo}/..data/x\n`, where)).toEqual([`${folder}/repo-two`, '..data/x'])
})

test('a relative path counts from the repository, else from the working directory', () => {
  const where = surroundings()
  const other = relative(process.cwd(), join(where.folder, 'other.txt'))
  expect(pathsIn(`b.md\n${other}\n`, where)).toEqual([
    join(where.repo, 'b.md'),
    join(where.folder, 'other.txt'),
  ])
})

test('the same file in another spelling, and through a link to the repository, is a repeat', () => {
  const where = surroundings()
  const link = join(where.folder, 'link')
  symlinkSync(where.repo, link)
  const { repo } = where
  const lines = ['b.md', './b.md', join(repo, 'b.md'), `${repo}//src/../b.md`].join('\n')
  expect(listOf(lines, where)).toMatchObject({ sources: [{ name: 'b.md' }], repeated: 3 })
  const throughLink = [join(link, 'b.md'), join(repo, 'b.md'), 'b.md'].join('\n')
  expect(listOf(throughLink, { ...where, repo: link })).toMatchObject({
    sources: [{ name: 'b.md' }],
    repeated: 2,
  })
})

test('a list with CRLF line ends names the same files, and a name may end in a carriage return', () => {
  const where = surroundings()
  expect(namesIn('src/a.ts\r\nb.md\r\n', where)).toEqual(['src/a.ts', 'b.md'])
  writeFileSync(join(where.repo, 'odd\r'), 'x')
  expect(namesIn('odd\r\nb.md\n', where)).toEqual(['odd\r', 'b.md'])
})

test('names may hold anything but a line break', () => {
  const names = [' two words ', "it's", '"q"', 'größe', 'a\tb', '-n', '~', '$HOME', '🙂\u2028']
  expect(namesIn(names.join('\n'))).toEqual(names)
})

test('names that are no UTF-8 stay as their bytes, and no two are told the same', () => {
  const where = surroundings()
  const bytes = (...values: number[]) => Buffer.from([0x78, ...values])
  const given = [bytes(0xe9), bytes(0xe8), bytes(0xc3, 0xa9, 0xff), bytes(0xe9)]
  writeFileSync(Buffer.concat([Buffer.from(`${where.repo}/`), given[0]!]), 'x')
  const lines = Buffer.concat(given.flatMap((name) => [name, Buffer.from('\n')]))
  const { sources, repeated } = listOf(lines, where)
  expect(sources.map(({ name }) => name)).toEqual(['x\\xE9', 'x\\xE8', 'xé\\xFF'])
  expect(repeated).toBe(1)
  const inRepo = Buffer.concat([Buffer.from(`${where.repo}/`), given[0]!])
  expect(sources.map(({ path }) => path)).toEqual([inRepo, given[1], given[2]])
})

test('a name that holds a NUL is that of no file, and ends nothing', () => {
  const where = surroundings()
  const { sources } = listOf('b.md\0\nb.md\n', where)
  const report = packDocuments(sources, join(where.folder, 'pack'))
  expect(report.list.map(({ name }) => name)).toEqual(['b.md'])
  expect(report.skipped.unreadable).toBe(1)
})

test('a list that is not there, or a folder, is told with its flag', () => {
  const { folder, repo } = surroundings()
  expect(() => readContextList(join(folder, 'none'), repo)).toThrow(
    expect.objectContaining({
      code: 'invalid_config',
      message: expect.stringMatching(/^the context file list cannot be read: ENOENT: .*none/),
      fix: 'Give --context-file-list a file with one path a line.',
    }),
  )
  expect(() => readContextList(folder, repo)).toThrow(/cannot be read: EISDIR: /)
})

test('a list of many files is read, each once', () => {
  const { repo } = surroundings()
  const lines = Array.from({ length: 20_000 }, (_, at) => Buffer.from(`src/file-${at}.ts`))
  expect(listSources([...lines, ...lines], repo).repeated).toBe(20_000)
})
