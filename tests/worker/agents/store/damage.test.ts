// Segments that a crash cut or a disk damaged: what can be read is read, what can't is named.
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ContextStore } from '../../../../src/worker/agents/index.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

const keys = ['first', 'schlüssel "zwei"', 'third']

async function folderWithThree(): Promise<{ folder: string; name: string; bytes: Buffer }> {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  for (const key of keys) await store.set(key, `value of ${key}`, { persist: true })
  const [name] = readdirSync(join(folder, 'variables'))
  return { folder, name: name!, bytes: readFileSync(join(folder, 'variables', name!)) }
}

function folderWith(name: string, bytes: Buffer): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'variables'))
  writeFileSync(join(folder, 'variables', name), bytes)
  return folder
}

async function keysOf(store: ContextStore): Promise<string[]> {
  return (await store.list()).map(({ key }) => key)
}

test('a last record that was cut at any of its bytes is as if it had not been set, and the store goes on', async () => {
  const { name, bytes } = await folderWithThree()
  const last = bytes.lastIndexOf(10, bytes.length - 2) + 1
  for (let length = last; length < bytes.length; length++) {
    const folder = folderWith(name, bytes.subarray(0, length))
    const store = await openStore(folder)
    expect(await keysOf(store)).toEqual(keys.slice(0, 2))
    expect(store.getDamage()).toEqual([])
    await store.set('third', 'again', { persist: true })
    const next = await openStore(folder)
    expect(await next.get('third')).toBe('again')
    expect(await next.get(keys[1]!)).toBe(`value of ${keys[1]}`)
  }
})

test('of a byte in the middle that was changed only its record is lost, and it is named', async () => {
  const { name, bytes } = await folderWithThree()
  const start = bytes.indexOf(10) + 1
  const end = bytes.indexOf(10, start)
  const keyAt = bytes.indexOf('schlüssel')
  for (let at = start; at < end; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    const folder = folderWith(name, changed)
    const store = await openStore(folder)
    expect(await keysOf(store)).toEqual(['first', 'third'])
    await expect(store.get(keys[1]!)).rejects.toThrow(`Variable not found: ${keys[1]}`)
    expect(store.getDamage()).toEqual([
      expect.objectContaining({
        segment: join(folder, 'variables', name),
        at: start,
        length: end + 1 - start,
        ...(at < keyAt - 6 || at > keyAt + 20 ? { key: keys[1] } : {}),
      }),
    ])
  }
})

test('a record that is damaged while the store is open is told when it is read', async () => {
  const { folder, name, bytes } = await folderWithThree()
  const store = await openStore(folder)
  const changed = Buffer.from(bytes)
  changed[bytes.length - 5]! ^= 1
  writeFileSync(join(folder, 'variables', name), changed)
  await expect(store.get('third')).rejects.toThrow(
    /^Variable is damaged on the disk: third \(byte \d+ of .*\.log and on\)\. Set it again\.$/,
  )
  expect(await store.get('first')).toBe('value of first')
})

test('a large value whose file was changed or lost is told when it is read', async () => {
  const folder = temporaryFolder()
  const writer = await openStore(folder)
  for (const key of ['changed', 'lost']) await writer.set(key, key.repeat(100_000), { persist: true })
  const [changed, lost] = readdirSync(join(folder, 'values'))
    .sort((a, b) => Number(a.split('-')[1]!.split('.')[0]) - Number(b.split('-')[1]!.split('.')[0]))
    .map((name) => join(folder, 'values', name))
  truncateSync(changed!, 100)
  rmSync(lost!)
  const store = await openStore(folder)
  await expect(store.get('changed')).rejects.toThrow(
    `Variable is damaged on the disk: changed (${changed}). Set it again.`,
  )
  await expect(store.get('lost')).rejects.toThrow(
    'Variable is damaged on the disk: lost (its file is gone). Set it again.',
  )
  await store.set('lost', 'again', { persist: true })
  expect(await store.get('lost')).toBe('again')
})

test('files that are none of the store are left alone', async () => {
  const { folder } = await folderWithThree()
  writeFileSync(join(folder, 'variables', 'README'), 'x\n')
  writeFileSync(join(folder, 'variables', 'empty.log'), '')
  writeFileSync(join(folder, 'variables', 'zeros.log'), Buffer.alloc(5000))
  const store = await openStore(folder)
  expect((await keysOf(store)).sort()).toEqual([...keys].sort())
  expect(store.getDamage()).toEqual([])
})
