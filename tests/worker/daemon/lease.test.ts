// What a client makes of a lease: its setup and first step go out before it is answered, and nothing is believed before it is.
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import {
  controlEnvelope,
  createEnvelopeReader,
  sessionEnvelope,
} from '../../../src/worker/daemon/protocol.ts'
import { addresses, buildOf, makeFolder, newToken, writeRecord } from '../../../src/worker/daemon/record.ts'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { openSession } from '../sandboxes/helpers/python-session.ts'
import { bundle, countedNative, fromDaemon } from './helpers/daemon-lab.ts'

interface Client {
  answer(reply: Parameters<typeof controlEnvelope>[0]): void
  speak(bytes: string): void
}

const tokenBytes = 32
const ready = (seccomp: boolean) => ({ id: 1, result: { op: 'ready', kernel: { seccomp, landlock: 0 } } })

/** Stands in for a daemon: what it hears of sessions and controls, and what it does once a first step has come. */
async function standIn(onStep: (client: Client) => void) {
  const folder = join(temporaryFolder(), 'd')
  const heard = { session: '', controls: [] as unknown[] }
  const server = createServer((socket) => {
    const write = (pieces: readonly Buffer[]) => {
      for (const piece of pieces) socket.write(piece)
    }
    const read = createEnvelopeReader({
      onControl: (message) => heard.controls.push((message as { method: unknown }).method),
      onSession(bytes) {
        heard.session += bytes.toString('latin1')
        if (!bytes.includes('"code":')) return
        onStep({
          answer: (reply) => write([controlEnvelope(reply)]),
          speak: (text) => write(sessionEnvelope(Buffer.from(text))),
        })
      },
      onViolation: () => socket.destroy(),
    })
    let greeting = tokenBytes
    socket.on('data', (bytes) => {
      const rest = bytes.subarray(greeting)
      greeting = Math.max(0, greeting - bytes.length)
      if (rest.length > 0) read(rest)
    })
    socket.on('error', () => {})
  })
  makeFolder(folder)
  await new Promise<void>((resolve) => server.listen(addresses(folder).clients, resolve))
  onTestFinished(() => void server.close())
  const python = findPython().path
  const record = {
    pid: process.pid,
    build: buildOf(bundle),
    python,
    token: newToken(),
    workers: 1,
    idle_seconds: 60,
  }
  writeRecord(folder, record)
  const native = countedNative()
  return { ...(await openSession({ open: fromDaemon(folder, native.open) })), heard, native }
}

test.each<[what: string, onStep: (client: Client) => void]>([
  ['refuses it', ({ answer }) => answer({ id: 1, error: { code: -32000, message: 'all are leased' } })],
  ['leases a worker that is not locked', ({ answer }) => answer(ready(false))],
  ['leases what says no lock', ({ answer }) => answer({ id: 1, result: { op: 'done' } })],
  ['has a worker speak before it is leased', ({ speak }) => speak('forged')],
])('a daemon that %s has the session go on in a process of its own', async (_what, onStep) => {
  const { output, heard, native } = await standIn(onStep)
  expect(native.count).toBe(0)
  expect(await output('print(1)')).toBe('1\n')
  expect(await output('print(2)')).toBe('2\n')
  expect([native.count, heard.session.includes('print(1)'), heard.session.includes('print(2)')]).toEqual([
    1,
    true,
    false,
  ])
})

test('a step has its time from when its worker is there', async () => {
  let before: unknown[] = []
  const { run, heard } = await standIn(async ({ answer }) => {
    answer({ method: 'queued' })
    await sleep(400)
    before = [...heard.controls]
    answer(ready(true))
  })
  const step = run('print(1)', 100)
  await expect.poll(() => heard.controls, { timeout: 5000 }).toContain('interrupt')
  expect(before).toEqual(['lease'])
  expect((await step).error).toMatchObject({ stateLost: true })
})
