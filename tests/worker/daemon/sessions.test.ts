// Sessions that a real daemon serves: each in a worker of its own, locked down before, with its own documents, and gone with
// its client.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/worker/rlm/ports.ts'
import { isAlive, waitFor, waitUntilGone } from '../helpers/processes.ts'
import { makeDocuments, openSession } from '../sandboxes/helpers/python-session.ts'
import {
  countedNative,
  type Daemon,
  descendants,
  familyOf,
  fromDaemon,
  startLab,
} from './helpers/daemon-lab.ts'

function openIn({ folder }: Daemon, options: Parameters<typeof openSession>[0] = {}) {
  return openSession({ ...options, open: fromDaemon(folder) })
}

/** The processes of a daemon's workers, once as many as are to wait are there. */
function waitingWorkers(daemon: Daemon, count: number): Promise<number[]> {
  return waitFor(`${count} workers`, () => {
    const { workers } = familyOf(daemon.pid)
    return workers.length === count && workers.every(isLocked) ? workers : undefined
  })
}

/** By proc(5): a filter holds, and no new privileges can be had. */
function isLocked(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return /^Seccomp:\t2$/m.test(status) && /^NoNewPrivs:\t1$/m.test(status)
  } catch {
    return false // it has ended meanwhile
  }
}

function descriptorsOf(pid: number): Record<string, string> {
  const folder = `/proc/${pid}/fd`
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readlinkSync(`${folder}/${name}`)]))
}

function groupOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')[2])
}

test('a session runs steps, keeps its variables, calls the host and reads its documents', async () => {
  const calls: Json[] = []
  const { output, finals, sandbox } = await openIn(await startLab(), {
    files: { 'a.txt': 'one\ntwo\n', 'b.txt': Buffer.from([0x66, 0xff, 0x6f, 10]) },
    call: async (name, args) => {
      calls.push([name, ...args])
      return 'answer'
    },
  })
  expect(await output('x = [read_file("a.txt", 2), CONTEXT["b.txt"]]')).toBe('')
  expect(await output('print(x, llm_query("what?"))')).toBe("['two', 'f\ufffdo\\n'] answer\n")
  expect(await output('set_final(grep("t").__class__.__name__)')).toBe('')
  expect(finals).toEqual(['list'])
  expect(calls).toEqual([['llm_query', 'what?']])
  expect(sandbox.report).toEqual({ backend: 'python', language: true, process: true, kernel: true })
})

describe('a worker', () => {
  test('is locked down before anybody leases it', async () => {
    const workers = await waitingWorkers(await startLab({ workers: 3 }), 3)
    expect(workers.map(isLocked)).toEqual([true, true, true])
  })

  test('serves one session and is gone with it', async () => {
    const daemon = await startLab()
    const waiting = await waitingWorkers(daemon, 2)
    const session = await openIn(daemon)
    await session.output('left = "behind"')
    await session.sandbox.close()
    await waitFor('the worker to be gone', () => waiting.some((pid) => !isAlive(pid)))
    const next = await openIn(daemon)
    expect((await next.run('print(left)')).error?.message).toMatch(/^NameError: /)
    expect((await daemon.status()).served).toBe(2)
  })

  test('has no descriptor, environment, folder or group of the daemon', async () => {
    const daemon = await startLab({ workers: 1 })
    const [pid] = await waitingWorkers(daemon, 1)
    const { nursery } = familyOf(daemon.pid)
    const targets = descriptorsOf(pid!)
    expect(Object.keys(targets)).toEqual(['0', '1', '2', '3', '4'])
    expect([targets[0], targets[1], targets[2]]).toEqual(['/dev/null', '/dev/null', '/dev/null'])
    expect(targets[3]).toMatch(/^socket:/)
    expect(targets[4]).toBe(targets[3])
    expect(Object.values(descriptorsOf(nursery))).not.toContain(targets[3])
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/HOME|PATH|USER|TOKEN/)
    expect(groupOf(pid!)).toBe(pid)
    const { output } = await openIn(daemon)
    expect(await output('print(1)')).toBe('1\n')
  })

  test('sees of a pack only the documents of its own run', async () => {
    const daemon = await startLab({ workers: 1 })
    const documents = makeDocuments({ 'mine.txt': 'my words', 'other.txt': 'a stranger wrote this' })
    const mine = { ...documents, list: documents.list.filter(({ name }) => name === 'mine.txt') }
    const [pid] = await waitingWorkers(daemon, 1)
    const { output } = await openIn(daemon, { documents: mine })
    expect(await output('print(CONTEXT["mine.txt"], len(list_files()))')).toBe('my words 1\n')
    expect(Object.keys(descriptorsOf(pid!))).toEqual(['0', '1', '2', '3', '4'])
    expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toMatch(/documents\.pack|\(deleted\)/)
  })

  test('that is killed during a step ends the step, is replaced, and the loss is told', async () => {
    const daemon = await startLab({ workers: 1 })
    const [pid] = await waitingWorkers(daemon, 1)
    const { run, output } = await openIn(daemon)
    const step = run('while True: pass')
    setTimeout(() => process.kill(pid!, 'SIGKILL'), 100)
    expect(await step).toEqual({
      output: '',
      outputLength: 0,
      error: {
        code: 'sandbox_lost',
        message: 'the runner is gone (signal SIGKILL)',
        line: null,
        stateLost: true,
      },
    })
    expect(await output('print("next")')).toBe('next\n')
    expect((await daemon.status()).served).toBe(2)
  })

  test('that is killed while it waits is replaced', async () => {
    const daemon = await startLab({ workers: 2 })
    const [pid] = await waitingWorkers(daemon, 2)
    process.kill(pid!, 'SIGKILL')
    await waitUntilGone(pid!)
    expect(await waitingWorkers(daemon, 2)).not.toContain(pid)
  })
})

test('a step that overruns is interrupted with its variables kept, and one that ignores that is ended', async () => {
  const { run, output } = await openIn(await startLab())
  await output('x = 1')
  expect((await run('while True: x += 1', 200)).error?.message).toMatch(
    /^TimeoutError: the step's time limit/,
  )
  expect(await output('print(x > 1)')).toBe('True\n')
  const { error } = await run('sum(range(10 ** 13))', 100)
  expect(error?.message).toMatch(/^TimeoutError: /)
})

test('a client that closes in the middle of a step or a call leaves no worker in use', async () => {
  const daemon = await startLab()
  for (const code of ['while True: pass', 'llm_query("never answered")']) {
    const { run, sandbox } = await openIn(daemon, { call: () => new Promise(() => {}) })
    const step = run(code).catch(() => {})
    await expect.poll(async () => (await daemon.status()).leased).toBe(1)
    await sandbox.close()
    await step
    await expect.poll(async () => (await daemon.status()).leased).toBe(0)
  }
  const all = await waitingWorkers(daemon, 2)
  expect(descendants(daemon.pid)).toHaveLength(all.length + 1)
})

test('a hundred clients at once get a session each, and no two the same', async () => {
  const daemon = await startLab({ workers: 8 })
  const outputs = await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const { signal } = new AbortController()
      const { output, sandbox } = await openIn(daemon, { files: { 'a.txt': `document ${at}` }, signal })
      await output(`mine = ${at}`)
      const said = await output('print(mine, context)')
      await sandbox.close()
      return said
    }),
  )
  expect(outputs).toEqual(Array.from({ length: 100 }, (_, at) => `${at} document ${at}\n`))
  expect((await daemon.status()).served).toBe(100)
  await expect.poll(async () => (await daemon.status()).leased).toBe(0)
}, 60_000)

test('a context that is larger than a copy is worth gets a process of its own', async () => {
  const daemon = await startLab()
  const native = countedNative()
  const { output } = await openSession({
    open: fromDaemon(daemon.folder, native.open),
    files: { 'large.txt': Buffer.alloc((16 << 20) + 1, 'x') },
  })
  expect(await output('print(len(context))')).toBe(`${(16 << 20) + 1}\n`)
  expect(native.count).toBe(1)
  const small = await openIn(daemon, { files: { 'large.txt': Buffer.alloc(16 << 20, 'x') } })
  expect(await small.output('print(len(context))')).toBe(`${16 << 20}\n`)
})
