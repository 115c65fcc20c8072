// Segments that are mostly waste become one, while others read and write; and whatever a compaction leaves that died.
import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { nodeProgram, runToEnd } from '../../helpers/processes.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

const segmentsOf = (folder: string) => readdirSync(join(folder, 'variables')).sort()

function bytesOf(folder: string): number {
  const sizes = segmentsOf(folder).map((name) => statSync(join(folder, 'variables', name)).size)
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** A folder that many stores have written to, one after the other. */
async function folderOfMany(count: number): Promise<string> {
  const folder = temporaryFolder()
  for (let number = 0; number < count; number++) {
    const store = await openStore(folder)
    await store.set(`v${number}`, number, { persist: true })
    await store.set('last', number, { persist: true })
    await store.set('deleted', number, { persist: true })
    await store.delete('deleted')
    store.close()
  }
  return folder
}

async function expectAll(folder: string, count: number): Promise<void> {
  const store = await openStore(folder)
  for (let number = 0; number < count; number++) expect(await store.get(`v${number}`)).toBe(number)
  expect(await store.get('last')).toBe(count - 1)
  expect(store.has('deleted')).toBe(false)
  expect((await store.list()).length).toBe(count + 1)
}

test('many small segments become one when the folder is opened', async () => {
  const folder = await folderOfMany(17)
  expect(segmentsOf(folder)).toHaveLength(17)
  await expectAll(folder, 17)
  expect(segmentsOf(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{12}-\d+\.log$/)])
  await expectAll(folder, 17)
})

test('a store that sets the same variables again and again keeps its folder small', async () => {
  const folder = temporaryFolder()
  const [store, other] = [await openStore(folder), await openStore(folder)]
  for (let number = 0; number < 5000; number++) {
    await store.set(`v${number % 10}`, `${number}`.repeat(1000), { persist: true })
    if (number % 1000 === 0) expect(await other.get('v0')).toBe(`${number}`.repeat(1000))
  }
  expect(bytesOf(folder)).toBeLessThan(9 << 20)
  for (const reader of [store, other, await openStore(folder)])
    for (let number = 0; number < 10; number++)
      expect(await reader.get(`v${number}`)).toBe(`${4990 + number}`.repeat(1000))
})

test('a writer whose segment was taken writes its record again, and the reader misses none', async () => {
  const folder = temporaryFolder()
  const [writer, reader] = [await openStore(folder), await openStore(folder)]
  for (let number = 0; number < 5; number++) {
    await writer.set(`v${number}`, number, { persist: true })
    const [own] = segmentsOf(folder).filter((name) => name.endsWith('.log'))
    expect(reader.has(`v${number}`)).toBe(true)
    renameSync(join(folder, 'variables', own!), join(folder, 'variables', own!.replace('.log', '.taken')))
  }
  expect(segmentsOf(folder).filter((name) => name.endsWith('.taken'))).toHaveLength(5)
  for (const store of [writer, reader, await openStore(folder)])
    for (let number = 0; number < 5; number++) expect(await store.get(`v${number}`)).toBe(number)
})

test('a segment that is being compacted is written to no more, however long that takes', async () => {
  const folder = temporaryFolder()
  const writer = await openStore(folder)
  await writer.set('before', 1, { persist: true })
  const [own] = segmentsOf(folder)
  const taken = join(folder, 'variables', own!.replace('.log', '.taken'))
  renameSync(join(folder, 'variables', own!), taken)
  const { size } = statSync(taken)
  await sleep(100)
  expect(writer.has('before')).toBe(true)
  await writer.set('after', 2, { persist: true })
  expect(statSync(taken).size).toBe(size)
  rmSync(taken)
  expect(await (await openStore(folder)).get('after')).toBe(2)
})

test('a value that only a compacting store has seen is written by it, since it takes the place of the one on disk', async () => {
  const folder = temporaryFolder()
  const [dying, compacting] = [await openStore(folder), await openStore(folder)]
  await dying.set('x', 'resolved', { persist: true })
  const own = join(folder, 'variables', segmentsOf(folder)[0]!)
  const compacted = readFileSync(own)
  await dying.set('x', 'under way', { persist: true })
  expect(await compacting.get('x')).toBe('under way')
  rmSync(own)
  writeFileSync(join(folder, 'variables', '000000000000-0.log'), compacted)
  for (let number = 0; number < 16; number++) {
    const store = await openStore(folder)
    if (number === 0) expect(await store.get('x')).toBe('resolved')
    await store.set(`v${number}`, number, { persist: true })
    store.close()
  }
  await compacting.init()
  expect(segmentsOf(folder)).toHaveLength(1)
  expect(await (await openStore(folder)).get('x')).toBe('under way')
})

test.each<[died: string, leave: (folder: string, before: string) => void]>([
  [
    'had taken the segments',
    (variables) => {
      for (const name of readdirSync(variables))
        renameSync(join(variables, name), join(variables, name.replace('.log', '.taken')))
    },
  ],
  [
    'had begun to write',
    (variables) => {
      for (const name of readdirSync(variables).slice(0, 9))
        renameSync(join(variables, name), join(variables, name.replace('.log', '.taken')))
      writeFileSync(join(variables, 'fedcba987654-7.draft'), '0000')
      writeFileSync(join(variables, 'compaction.lock'), '999999999 1\n')
    },
  ],
  [
    'had written, and removed only some',
    (variables, before) => {
      for (const name of readdirSync(before).slice(0, 5))
        copyFileSync(join(before, name), join(variables, name.replace('.log', '.taken')))
    },
  ],
])('what a compaction left that died when it %s is read, and tidied up by the next', async (died, leave) => {
  const folder = await folderOfMany(17)
  const before = temporaryFolder()
  for (const name of segmentsOf(folder)) copyFileSync(join(folder, 'variables', name), join(before, name))
  if (died.startsWith('had written')) await expectAll(folder, 17)
  leave(join(folder, 'variables'), before)
  await expectAll(folder, 17)
  const more = await openStore(folder)
  for (let number = 0; number < 15; number++) {
    const store = await openStore(folder)
    await store.set('more', number, { persist: true })
    store.close()
  }
  expect(await more.get('more')).toBe(14)
  const last = await openStore(folder)
  await last.delete('more')
  await expectAll(folder, 17)
  expect(segmentsOf(folder).filter((name) => !name.endsWith('.log'))).toEqual([])
})

test('processes that write, delete, read and compact at once lose nothing', async () => {
  const folder = temporaryFolder()
  const program = nodeProgram(`
    import { ContextStore } from './agents/index.ts'
    const [folder, name] = process.argv.slice(2)
    for (let round = 0; round < 8; round++) {
      const store = new ContextStore(folder, 20_000)
      await store.init()
      for (let number = 0; number < 600; number++) {
        const key = name + number % 7
        const value = name + round + ':' + number + 'x'.repeat(3000)
        await store.set(key, value, { persist: true })
        if (number % 5 === 0) await store.delete(name + (number + 1) % 7)
        if ((await store.get(key)) !== value) throw new Error('lost ' + key)
        for (const other of 'abc') {
          const seen = await store.get(other + 'mark').catch(() => 'none')
          if (seen === 'none' && (round > 0 && other === name)) throw new Error('no mark')
        }
        await store.set(name + 'mark', { round, number }, { persist: true })
      }
      if (store.getDamage().length > 0) throw new Error(JSON.stringify(store.getDamage()))
      store.close()
    }`)
  const ends = await Promise.all(
    ['a', 'b', 'c'].map((name) => runToEnd([process.execPath, program, folder, name])),
  )
  expect(ends.map(({ status, stderr }) => [status, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ])
  const store = await openStore(folder)
  for (const name of ['a', 'b', 'c']) {
    expect(await store.get(`${name}mark`)).toEqual({ round: 7, number: 599 })
    expect(await store.get(`${name}${599 % 7}`)).toBe(`${name}7:599${'x'.repeat(3000)}`)
    expect(store.has(`${name}${596 % 7}`)).toBe(true)
  }
  expect(bytesOf(folder)).toBeLessThan(20 << 20)
}, 60_000)

test('a damaged segment is kept, so that whoever opens the folder is told', async () => {
  const folder = await folderOfMany(17)
  const path = join(folder, 'variables', segmentsOf(folder)[0]!)
  const bytes = readFileSync(path)
  bytes[40]! ^= 1
  writeFileSync(path, bytes)
  for (let round = 0; round < 3; round++) {
    const store = await openStore(folder)
    expect(store.getDamage()).toEqual([expect.objectContaining({ segment: path, at: 0 })])
    await store.set('more', round, { persist: true })
  }
  expect(segmentsOf(folder).length).toBeLessThan(5)
})

test('what was persisted and is not any more does not come back, whatever was compacted', async () => {
  const folder = temporaryFolder()
  const first = await openStore(folder)
  await first.set('deleted', 'old', { persist: true })
  await first.set('demoted', 'old', { persist: true })
  for (let number = 0; number < 10; number++)
    await first.set(`large${number}`, 'x'.repeat(200_000), { persist: true })
  const [stays] = segmentsOf(folder)
  const second = await openStore(folder)
  await second.set('demoted', 'new', { persist: false })
  await second.delete('deleted')
  for (let number = 0; number < 1000; number++)
    await second.set('churn', `${number}`.padEnd(10_000), { persist: true })
  expect(segmentsOf(folder)).toContain(stays)
  expect(segmentsOf(folder).some((name) => name.startsWith(second.ref('churn').id.slice(0, 12)))).toBe(true)
  expect(bytesOf(folder)).toBeLessThan(9 << 20)
  expect(await second.get('demoted')).toBe('new')
  const last = await openStore(folder)
  expect([last.has('deleted'), last.has('demoted')]).toEqual([false, false])
})
