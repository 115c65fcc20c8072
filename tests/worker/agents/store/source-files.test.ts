// Variables that are files of the user's.
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

test('a file is a text variable with its size, read when it is asked for', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'before')
  const store = await openStore(join(folder, 'store'))
  const ref = await store.setFile('notes', file, { scope: 's' })
  expect(ref).toMatchObject({ key: 'notes', scope: 's', type: 'text', sizeBytes: 6 })
  expect(store.getMemoryUsage().currentBytes).toBe(0)
  writeFileSync(file, 'behind')
  expect(await store.resolve(ref)).toBe('behind')
})

test('agents are given its bytes, whatever they are and however many, without a way through memory', async () => {
  const folder = temporaryFolder()
  const [large, bytes] = [join(folder, 'large'), join(folder, 'bytes')]
  writeFileSync(large, '')
  truncateSync(large, 600 << 20) // no string is as long
  writeFileSync(bytes, Buffer.from([0xff, 0, 0xfe]))
  const store = await openStore(join(folder, 'store'))
  await store.setFile('bytes', Buffer.from(bytes))
  expect(readFileSync(await store.persistForSubAgent('bytes'))).toEqual(Buffer.from([0xff, 0, 0xfe]))
  expect(await store.setFile('large', large)).toMatchObject({ sizeBytes: 600 << 20 })
  await expect(store.get('large')).rejects.toThrow('Variable cannot be read: large')
})

test('it can be set again, deleted, and leaves the file where it is', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'one')
  const store = await openStore(join(folder, 'store'), 1)
  await store.set('notes', 'kept', { persist: true })
  await store.setFile('notes', file)
  expect([await store.get('notes'), await store.get('notes')]).toEqual(['one', 'one'])
  expect(await store.list()).toMatchObject([{ key: 'notes', persist: false }])
  await store.set('notes', 'two')
  expect(await store.get('notes')).toBe('two')
  await store.setFile('notes', file)
  await store.delete('notes')
  expect([store.has('notes'), readFileSync(file, 'utf8')]).toEqual([false, 'one'])
})

test('one that cannot be read is refused, and told when it goes away later', async () => {
  const folder = temporaryFolder()
  const store = await openStore(join(folder, 'store'))
  await expect(store.setFile('x', join(folder, 'none'))).rejects.toThrow('ENOENT')
  mkdirSync(join(folder, 'sub'))
  await expect(store.setFile('x', join(folder, 'sub'))).rejects.toThrow('EISDIR')
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'one')
  await store.setFile('x', file)
  rmSync(file)
  await expect(store.get('x')).rejects.toThrow('Variable cannot be read: x: ENOENT')
  await expect(store.persistForSubAgent('x')).rejects.toThrow('The file of a variable cannot be written: x')
})
