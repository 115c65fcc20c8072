import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { expandContexts } from '../../../src/worker/cli/context-paths.ts'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { nodeProgram } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** A folder with these files. */
function folderWith(...names: string[]): string {
  const folder = temporaryFolder()
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), `${name}\n`)
  }
  return folder
}

/** What contexts stand for, relative to `folder`. */
function expand(folder: string, ...contexts: string[]): string[] {
  return expandContexts(contexts, '/nowhere/stdin.txt').map((path) => relative(folder, path.toString()))
}

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' })

test('files stand for themselves, in the order given, as absolute paths', () => {
  const folder = folderWith('a', 'b')
  const given = [join(folder, 'b'), relative(process.cwd(), join(folder, 'a'))]
  expect(expandContexts(given, '')).toEqual([Buffer.from(join(folder, 'b')), Buffer.from(join(folder, 'a'))])
})

test('a folder stands for the files in it and below, in order', () => {
  const folder = folderWith('b/2', 'b/1', 'c', 'a', 'Z')
  expect(expand(folder, folder)).toEqual(['Z', 'a', 'b/1', 'b/2', 'c'])
  expect(expand(folder, `${folder}/b/`)).toEqual(['b/1', 'b/2'])
})

test('of a folder that is no git work tree, hidden folders and installed packages are left out', () => {
  const folder = folderWith('.env', '.cache/a', 'node_modules/x/a', 'src/node_modules/y', 'src/a')
  expect(expand(folder, folder)).toEqual(['.env', 'src/a'])
})

test('in a git work tree what git ignores is left out, and what is hidden is not', () => {
  const folder = folderWith('.gitignore', '.ci/run', 'a.log', 'src/a', 'src/new')
  writeFileSync(join(folder, '.gitignore'), '*.log\n')
  git(folder, 'init', '-q')
  git(folder, 'add', 'src/a')
  expect(expand(folder, folder).sort()).toEqual(['.ci/run', '.gitignore', 'src/a', 'src/new'])
  expect(expand(folder, join(folder, 'src')).sort()).toEqual(['src/a', 'src/new'])
})

test('an empty folder stands for nothing', () => {
  expect(expand('/', temporaryFolder())).toEqual([])
})

const odd = ["it's", 'two words', 'line\nbreak', 'größe', '"q"', '-n']

test.each([
  ['a folder', false],
  ['a git work tree', true],
])('in %s names may hold anything, and need not be UTF-8', (_, tracked) => {
  const folder = folderWith(...odd)
  const bytes = Buffer.concat([Buffer.from(`${folder}/latin-`), Buffer.from([0xe9])])
  writeFileSync(bytes, 'x')
  if (tracked) git(folder, 'init', '-q')
  const found = expandContexts([folder], '')
  const wanted = [...odd.map((name) => Buffer.from(join(folder, name))), bytes]
  expect(found.sort(Buffer.compare)).toEqual(wanted.sort(Buffer.compare))
})

test('of links those that lead to files are documents', () => {
  const folder = folderWith('real/file')
  symlinkSync('real/file', join(folder, 'link'))
  symlinkSync('real', join(folder, 'to-folder'))
  symlinkSync('..', join(folder, 'real', 'circle'))
  symlinkSync('none', join(folder, 'broken'))
  expect(expand(folder, folder)).toEqual(['link', 'real/file'])
})

test('a folder that cannot be listed is left for its reader to count, and hides nothing else', () => {
  const folder = folderWith('a', 'z')
  // longer than a path may be: each half can be made by itself
  const half = Array.from({ length: 12 }, () => 'd'.repeat(200)).join('/')
  for (const name of ['deep', 'other']) mkdirSync(join(folder, name, half), { recursive: true })
  renameSync(join(folder, 'other'), join(folder, 'deep', half, 'other'))
  onTestFinished(() => void execFileSync('rm', ['-rf', join(folder, 'deep')]))
  const found = expand(folder, folder)
  expect([found[0], found.length, found.at(-1)]).toEqual(['a', 3, 'z'])
  expect(found[1]).toMatch(/^deep\/(d{200}\/){12}other(\/d{200})+$/)
})

test('what is not there is refused by the name that was given', () => {
  expect(() => expandContexts(['none/at/all'], '')).toThrow(
    new RlmsError('invalid_config', 'there is no file or folder none/at/all', 'Correct --context.'),
  )
})

test('standard input is one document, however often it is named', () => {
  const folder = folderWith('a')
  const program = nodeProgram(`
    import { expandContexts, saveStandardInput } from './cli/context-paths.ts'
    await saveStandardInput('stdin.txt', new AbortController().signal)
    process.stdout.write(expandContexts(['-', 'a', '-'], 'stdin.txt').join('\\n'))`)
  onTestFinished(() => rmSync(program, { force: true }))
  const input = Buffer.from([0x61, 0xe9, 0x0a])
  const printed = execFileSync(process.execPath, [program], { cwd: folder, input, encoding: 'utf8' })
  const names = printed.split('\n').map((path) => path.slice(path.lastIndexOf('/') + 1))
  expect(names).toEqual(['stdin.txt', 'a', 'stdin.txt'])
  expect(printed.startsWith('/')).toBe(true)
  expect(readFileSync(join(folder, 'stdin.txt'))).toEqual(input)
})
