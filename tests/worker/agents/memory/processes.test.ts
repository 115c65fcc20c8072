// Memory that several processes share, and that die.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { nodeProgram, runToEnd } from '../../helpers/processes.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { entry, openMemory } from '../helpers/open-memory.ts'

test('200 entries that four processes append at once are 200 entries', async () => {
  const folder = temporaryFolder()
  const program = nodeProgram(`
    import { MemoryManager } from './agents/index.ts'
    const [folder, name] = process.argv.slice(2)
    const memory = new MemoryManager(folder)
    await memory.init()
    const numbers = Array.from({ length: 50 }, (_, number) => number)
    await Promise.all(numbers.map((number) =>
      memory.append('episodic', { id: name + number, timestamp: Date.now(), content: 'by ' + name })))`)
  const memory = await openMemory(folder)
  const ends = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => runToEnd([process.execPath, program, folder, name])),
  )
  expect(ends.map(({ status, stderr }) => [status, stderr])).toEqual(ends.map(() => [0, '']))
  for (const one of [memory, await openMemory(folder)]) {
    const ids = one.getEpisodicMemory().map(({ id }) => id)
    expect(new Set(ids).size).toBe(200)
    expect(ids).toHaveLength(200)
    const ofA = ids.filter((id) => id.startsWith('a'))
    expect(ofA).toEqual(Array.from({ length: 50 }, (_, number) => `a${number}`))
  }
})

test('appends of processes that compact meanwhile are each in a summary or still there', async () => {
  const folder = temporaryFolder()
  const program = nodeProgram(`
    import { MemoryManager } from './agents/index.ts'
    const [folder, name] = process.argv.slice(2)
    for (let round = 0; round < 6; round++) {
      const memory = new MemoryManager(folder)
      await memory.init()
      for (let number = 0; number < 20; number++) {
        await memory.append('episodic', { id: name, timestamp: 1, content: 'by ' + name })
        if (number % 10 === 9) await memory.compact('episodic', { keepLast: 5 })
      }
      memory.close()
    }`)
  const watching = await openMemory(folder)
  const ends = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => runToEnd([process.execPath, program, folder, name])),
  )
  expect(ends.map(({ status, stderr }) => [status, stderr])).toEqual(ends.map(() => [0, '']))
  for (const memory of [watching, await openMemory(folder)]) {
    const counts = memory.getEpisodicMemory().map(({ metadata }) => Number(metadata?.entryCount ?? 1))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(480)
    expect(counts.length).toBeLessThan(20)
  }
  const [scope] = readdirSync(join(folder, 'memory'))
  expect(readdirSync(join(folder, 'memory', scope!)).length).toBeLessThanOrEqual(20)
})

test('what was appended when a process was killed is there', async () => {
  const folder = temporaryFolder()
  const program = nodeProgram(`
    import { writeSync } from 'node:fs'
    import { MemoryManager } from './agents/index.ts'
    const memory = new MemoryManager(process.argv[2])
    await memory.init()
    for (let number = 0; ; number++) {
      await memory.append('semantic', { id: String(number), timestamp: number, content: 'x'.repeat(500) })
      writeSync(1, number + '\\n')
    }`)
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const closed = once(child, 'close')
  await once(child.stdout, 'data')
  await sleep(50)
  child.kill('SIGKILL')
  await closed
  const appended = said.split('\n').length - 1
  const memory = await openMemory(folder)
  const found = memory.getStats().semantic
  expect(found === appended || found === appended + 1).toBe(true)
  await memory.append('semantic', entry(1))
  expect((await openMemory(folder)).getStats().semantic).toBe(found + 1)
})

test('a log that is mostly forgotten entries stays small', async () => {
  const folder = temporaryFolder()
  const memory = await openMemory(folder)
  for (let number = 0; number < 3000; number++)
    await memory.append('working', entry(number, 'x'.repeat(5000)))
  await memory.learn({ key: 'k', value: 1 })
  const next = await openMemory(folder)
  expect(next.getWorkingMemory()).toEqual(memory.getWorkingMemory())
  expect(next.getWorkingMemory()).toHaveLength(50)
  expect(await next.recall('k')).toMatchObject({ value: 1 })
  const [scope] = readdirSync(join(folder, 'memory'))
  expect(readdirSync(join(folder, 'memory', scope!)).length).toBeLessThanOrEqual(3)
})
