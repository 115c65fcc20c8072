// Several processes on one folder, and processes that die while they write.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { nodeProgram, runToEnd } from '../../helpers/processes.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

/** Starts a program, kills it after `afterMs` of its first output, and gives the whole lines that it said. */
async function linesUntilKilled(program: string, folder: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const closed = once(child, 'close')
  await once(child.stdout, 'data')
  await sleep(afterMs)
  child.kill('SIGKILL')
  await closed
  const lines = said.split('\n')
  lines.pop()
  return lines
}

test('killed at 20 random moments of 10,000 sets: each that had resolved is there, and none is broken', async () => {
  const program = nodeProgram(`
    import { writeSync } from 'node:fs'
    import { ContextStore } from './agents/index.ts'
    const store = new ContextStore(process.argv[2])
    await store.init()
    for (let number = 0; number < 10_000; number++) {
      const length = number % 500 === 7 ? 300_000 : 1000
      await store.set('key ' + (number % 3000), { number, text: 'x'.repeat(length) }, { persist: true })
      writeSync(1, number + '\\n')
    }`)
  const counts: number[] = []
  for (let round = 0; round < 20; round++) {
    const folder = temporaryFolder()
    const lines = await linesUntilKilled(program, folder, Math.random() * 250)
    const last = Number(lines.at(-1))
    counts.push(last)
    const store = await openStore(folder)
    expect(store.getDamage()).toEqual([])
    for (const { key } of await store.list()) {
      const { number, text } = (await store.get(key)) as { number: number; text: string }
      expect(key).toBe(`key ${number % 3000}`)
      expect(text).toBe('x'.repeat(number % 500 === 7 ? 300_000 : 1000))
      // At most one set was under way.
      expect(number).toBeLessThanOrEqual(last + 1)
      expect(number).toBeGreaterThan(last - 3000)
    }
    expect((await store.list()).length).toBeGreaterThanOrEqual(Math.min(last + 1, 3000))
  }
  expect(Math.max(...counts)).toBeGreaterThan(0)
}, 120_000)

test('four processes that set variables at once lose none, and agree on the one that they share', async () => {
  const folder = temporaryFolder()
  const program = nodeProgram(`
    import { ContextStore } from './agents/index.ts'
    const [folder, name] = process.argv.slice(2)
    const store = new ContextStore(folder)
    await store.init()
    for (let number = 0; number < 500; number++) {
      await store.set(name + number, name.repeat(100), { persist: true })
      await store.set('shared', { name, number }, { persist: true })
      if (store.has('gone ' + name)) throw new Error('a deleted variable is back')
      await store.set('gone ' + name, 1, { persist: true })
      await store.delete('gone ' + name)
    }
    console.log(JSON.stringify(await store.get('shared')))`)
  const observer = await openStore(folder)
  const ends = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => runToEnd([process.execPath, program, folder, name])),
  )
  expect(ends.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    Array.from({ length: 4 }, () => ({ status: 0, stderr: '' })),
  )
  const late = await openStore(folder)
  expect(await late.get('shared')).toEqual(await observer.get('shared'))
  expect(await late.get('shared')).toMatchObject({ number: 499 })
  for (const store of [observer, late]) {
    expect((await store.list()).length).toBe(2001)
    expect(await store.get('c499')).toBe('c'.repeat(100))
  }
})

test('a set that has resolved in one process is read at once in another', async () => {
  const folder = temporaryFolder()
  const program = nodeProgram(`
    import { ContextStore } from './agents/index.ts'
    import { createInterface } from 'node:readline'
    const store = new ContextStore(process.argv[2])
    await store.init()
    for await (const line of createInterface({ input: process.stdin })) {
      const value = await store.get('question')
      await store.set('answer', value + 1, { persist: true })
      console.log(line)
    }`)
  const child = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const store = await openStore(folder)
  for (let round = 0; round < 100; round++) {
    await store.set('question', round, { persist: true })
    child.stdin.write(`${round}\n`)
    await once(child.stdout, 'data')
    expect(await store.get('answer')).toBe(round + 1)
  }
})
