// Variables as files, for the programs that agents are.
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

test.each<[what: string, value: unknown, bytes: string]>([
  ['a string is itself', 'line 1\r\nzwei €\0🙂', 'line 1\r\nzwei €\0🙂'],
  ['an empty string is empty', '', ''],
  ['anything else is its JSON', { a: [1, 'ü'] }, '{"a":[1,"ü"]}'],
  ['a large string is itself', 'ö'.repeat(1 << 20), 'ö'.repeat(1 << 20)],
])('in its file, %s', async (_, value, bytes) => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  for (const persist of [false, true]) {
    await store.set('x', value, { persist })
    const path = await store.persistForSubAgent('x')
    expect(readFileSync(path).equals(Buffer.from(bytes, 'utf8'))).toBe(true)
    expect(store.getFilePath('x')).toBe(path)
  }
  const next = await openStore(folder)
  expect(readFileSync(next.getFilePath('x'), 'utf8')).toBe(bytes)
})

test('an unchanged value is written once, however many agents are given it', async () => {
  const store = await openStore(temporaryFolder())
  await store.set('x', 'x'.repeat(10 << 20))
  const path = await store.persistForSubAgent('x')
  const before = statSync(path, { bigint: true })
  const paths = await Promise.all(Array.from({ length: 20 }, () => store.persistForSubAgent('x')))
  expect(new Set(paths)).toEqual(new Set([path]))
  const after = statSync(path, { bigint: true })
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs])
})

test('a file that its reader changed or removed is written again for the next', async () => {
  const store = await openStore(temporaryFolder())
  await store.set('x', 'the value', { persist: true })
  const path = await store.persistForSubAgent('x')
  appendFileSync(path, '!')
  expect(readFileSync(await store.persistForSubAgent('x'), 'utf8')).toBe('the value')
  rmSync(path)
  expect(readFileSync(store.getFilePath('x'), 'utf8')).toBe('the value')
  expect(await store.get('x')).toBe('the value')
})

test('a path that was told follows the variable, before, while and after it is there', async () => {
  const store = await openStore(temporaryFolder())
  const path = store.getFilePath('x')
  expect(existsSync(path)).toBe(false)
  await store.set('x', 'one', { persist: true })
  expect(readFileSync(path, 'utf8')).toBe('one')
  await store.set('x', 'two')
  expect(readFileSync(path, 'utf8')).toBe('two')
  await store.delete('x')
  expect(existsSync(path)).toBe(false)
  await store.set('x', 'three')
  expect(readFileSync(path, 'utf8')).toBe('three')
  await store.clear()
  expect(existsSync(path)).toBe(false)
})

test('what another store set since is in the file for the next agent', async () => {
  const folder = temporaryFolder()
  const [one, two] = [await openStore(folder), await openStore(folder)]
  await one.set('x', 'old', { persist: true })
  await one.persistForSubAgent('x')
  await two.set('x', 'new', { persist: true })
  expect(readFileSync(await one.persistForSubAgent('x'), 'utf8')).toBe('new')
})

test('two stores that give values of their own under one key have a file each', async () => {
  const folder = temporaryFolder()
  const [one, two] = [await openStore(folder), await openStore(folder)]
  await one.set('x', 'of one')
  await two.set('x', 'of two')
  const paths = [await one.persistForSubAgent('x'), await two.persistForSubAgent('x')]
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['of one', 'of two'])
})

test('every key has a path of its own under the folder, on file systems that fold case and accents too', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const awkward = [
    '',
    '.',
    '..',
    '../x',
    '../../etc/passwd',
    '/abs',
    'a/b',
    'a\\b',
    'a\0b',
    'CON',
    'x'.repeat(300),
  ]
  const alike = [
    'key',
    'Key',
    'KEY',
    'é',
    'e\u0301',
    '\ud800',
    '\udfff',
    '\ufffd',
    ' key',
    'key ',
    'a_b',
    'a b',
  ]
  const long = ['ü'.repeat(300), `${'ü'.repeat(299)}ö`]
  const folded = (path: string) => path.normalize('NFC').toLowerCase()
  await fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 300 })), (some) => {
      const keys = [...new Set([...awkward, ...alike, ...long, ...some])]
      const paths = keys.map((key) => store.getFilePath(key))
      expect(new Set(paths.map(folded)).size).toBe(keys.length)
      for (const path of paths) {
        expect(relative(join(folder, 'files'), path)).toMatch(/^[0-9a-f]{12}\/[\w.-]{33,93}$/)
      }
    }),
    { numRuns: 50 },
  )
  for (const key of [...awkward, ...alike, ...long]) await store.set(key, `value of ${key}`.toWellFormed())
  for (const key of [...awkward, ...alike, ...long])
    expect(readFileSync(store.getFilePath(key), 'utf8')).toBe(`value of ${key}`.toWellFormed())
})

test('closing takes the files away', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  await store.set('x', 1)
  await store.persistForSubAgent('x')
  store.close()
  expect(readdirSync(join(folder, 'files'))).toEqual([])
})
