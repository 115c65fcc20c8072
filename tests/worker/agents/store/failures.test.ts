// Disks that are full, folders that are none: told with what to do, and nothing is lost.
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeProgram, runToEnd } from '../../helpers/processes.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

test.each<[what: string, deep: string[]]>([
  ['in its place', ['file']],
  ['in the place of a folder above', ['file', 'store']],
  ['in the place of the segments', []],
])('a file %s is told', async (_, deep) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, deep.length > 0 ? 'file' : 'variables'), '')
  const place = join(folder, ...deep)
  await expect(openStore(place)).rejects.toThrow(
    new RegExp(
      `^The store cannot be opened: ${place}: E(EXIST|NOTDIR): .*\\. A file is in its place: remove it, or use another folder\\.$`,
    ),
  )
})

/** Runs a program under a limit on the size of files: what a full disk is like, for one process. */
async function underLimit(blocks: number, folder: string, source: string): Promise<string[]> {
  const program = nodeProgram(`
    import { ContextStore } from './agents/index.ts'
    const folder = process.argv[2]
    const store = new ContextStore(folder, 2_000)
    await store.init()
    const tell = (error) => console.log(error.code, error.message)
    ${source}`)
  const limited = [
    '/bin/sh',
    '-c',
    `ulimit -f ${blocks} && exec "$@"`,
    'sh',
    process.execPath,
    program,
    folder,
  ]
  const { status, stdout, stderr } = await runToEnd(limited)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.trimEnd().split('\n')
}

test('a set for which the disk has no room is told, and the variable is as it was', async () => {
  const folder = temporaryFolder()
  const said = await underLimit(
    16,
    folder,
    `await store.set('x', 'before', { persist: true })
    await store.set('filler', 'y'.repeat(4000), { persist: true })
    await store.set('x', 'z'.repeat(20_000), { persist: true }).catch(tell)
    await store.set('large', 'z'.repeat(300_000), { persist: true }).catch(tell)
    console.log(await store.get('x'), store.has('large'))
    await store.set('after', 'small', { persist: true })`,
  )
  expect(said).toEqual([
    'EFBIG Variable cannot be written: x: EFBIG: file too large, write. Raise the limit on the size of files (ulimit -f).',
    'EFBIG Variable cannot be written: large: EFBIG: file too large, write. Raise the limit on the size of files (ulimit -f).',
    'before false',
  ])
  const store = await openStore(folder)
  expect(store.getDamage()).toEqual([])
  expect((await store.list()).map(({ key }) => key).sort()).toEqual(['after', 'filler', 'x'])
  expect(await store.get('x')).toBe('before')
  expect(readdirSync(join(folder, 'values'))).toEqual([])
})

test('where there is room for a large value, but none for its record, no file of it stays', async () => {
  const folder = temporaryFolder()
  const said = await underLimit(
    700,
    folder,
    `for (let size = 200_000, number = 0; size > 1; size = Math.floor(size / 2))
      await store.set('filler' + number++, 'x'.repeat(size), { persist: true }).catch(() => {})
    while (await store.set('filler', '', { persist: true }).catch(() => false));
    await store.set('large', 'z'.repeat(300_000), { persist: true }).catch(tell)
    console.log(store.has('large'))`,
  )
  expect(said).toEqual([expect.stringMatching(/^EFBIG Variable cannot be written: large: /), 'false'])
  expect(readdirSync(join(folder, 'values'))).toEqual([])
})

test('a value that cannot be spilled stays in memory, above the limit', async () => {
  const said = await underLimit(
    16,
    temporaryFolder(),
    `for (let number = 0; number < 6; number++) await store.set('v' + number, String(number).repeat(4000))
    for (let number = 0; number < 6; number++)
      if ((await store.get('v' + number)) !== String(number).repeat(4000)) console.log('lost', number)
    console.log(store.getMemoryUsage().currentBytes > 2000)`,
  )
  expect(said).toEqual(['true'])
})

test('a file for an agent that cannot be written is told, and none is left half-written', async () => {
  const folder = temporaryFolder()
  const said = await underLimit(
    16,
    folder,
    `const path = store.getFilePath('x')
    await store.set('x', 'y'.repeat(20_000))
    await store.persistForSubAgent('x').catch(tell)
    const { readdirSync } = await import('node:fs')
    const { dirname } = await import('node:path')
    console.log(readdirSync(dirname(path)).length, (await store.get('x')).length)`,
  )
  expect(said).toEqual([
    'EFBIG The file of a variable cannot be written: x: EFBIG: file too large, write. Raise the limit on the size of files (ulimit -f).',
    '0 20000',
  ])
})

test('a folder that was removed is made again; what memory and open files hold is still there', async () => {
  const folder = join(temporaryFolder(), 'store')
  const store = await openStore(folder)
  await store.set('x', 'old', { persist: true })
  const [reader, late] = [await openStore(folder), await openStore(folder)]
  rmSync(folder, { recursive: true })
  for (const one of [store, reader]) expect(await one.get('x')).toBe('old')
  await store.set('y', 'new', { persist: true })
  expect([await late.get('y'), await late.get('x')]).toEqual(['new', 'old'])
  expect(readFileSync(await store.persistForSubAgent('x'), 'utf8')).toBe('old')
  expect(await (await openStore(folder)).get('y')).toBe('new')
})

test('a file where large values go is told', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'values'), '')
  const store = await openStore(folder)
  await expect(store.set('x', 'y'.repeat(300_000), { persist: true })).rejects.toThrow(
    /^Variable cannot be written: x: EEXIST: .*A file is in its place/,
  )
  expect(store.has('x')).toBe(false)
})

test('what a process left that died before it had written the record goes after a while', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'values'))
  const [old, young] = ['old.json', 'young.json'].map((name) => join(folder, 'values', name))
  writeFileSync(old!, '"x"')
  writeFileSync(young!, '"x"')
  const hoursAgo = new Date(Date.now() - 2 * 3_600_000)
  utimesSync(old!, hoursAgo, hoursAgo)
  await openStore(folder)
  expect(readdirSync(join(folder, 'values'))).toEqual(['young.json'])
})
