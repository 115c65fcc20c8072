// Whatever is sent to the daemon's socket, it serves whoever asks properly, and whoever does not learns nothing.
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  controlEnvelope,
  createEnvelopeReader,
  readReply,
  sessionEnvelope,
} from '../../../src/worker/daemon/protocol.ts'
import { openSession } from '../sandboxes/helpers/python-session.ts'
import { type Daemon, fromDaemon, startLab } from './helpers/daemon-lab.ts'

interface Talk {
  readonly socket: Socket
  /** All that came back. */
  readonly heard: Buffer[]
  readonly closed: Promise<void>
}

/** Says something to a socket of the daemon, as it is. */
function say(daemon: Daemon, bytes: Buffer | string, name = 'clients.sock'): Talk {
  const socket = connect(join(daemon.folder, name))
  const heard: Buffer[] = []
  onTestFinished(() => void socket.destroy())
  socket.on('data', (data) => heard.push(data))
  socket.on('error', () => {})
  socket.write(bytes)
  return { socket, heard, closed: new Promise((resolve) => socket.once('close', () => resolve())) }
}

function tokenOf({ record }: Daemon): Buffer {
  return Buffer.from(record.token, 'hex')
}

/** It still gives a session to whoever asks for one. */
async function expectServing(daemon: Daemon): Promise<void> {
  const { output, sandbox } = await openSession({ open: fromDaemon(daemon.folder) })
  expect(await output('print(1)')).toBe('1\n')
  await sandbox.close()
  await expect.poll(async () => (await daemon.status()).leased).toBe(0)
}

const status = controlEnvelope({ method: 'status', id: 1 })
const lease = controlEnvelope({ method: 'lease', id: 1, params: { cpu_seconds: 60 } })

describe('before the token', () => {
  test.each<[what: string, bytes: Buffer]>([
    ['another token', Buffer.concat([Buffer.alloc(32), status])],
    ['a request without one', Buffer.concat([status, Buffer.alloc(32)])],
    ['a request of HTTP', Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\n\r\n${' '.repeat(32)}`)],
    ['a megabyte of zeroes', Buffer.alloc(1 << 20)],
  ])('%s is hung up on without a word', async (_, bytes) => {
    const daemon = await startLab()
    const { heard, closed } = say(daemon, bytes)
    await closed
    expect(heard).toEqual([])
    await expectServing(daemon)
  })

  test('nothing but a part of it is waited for a while, then hung up on', async () => {
    const daemon = await startLab()
    const started = Date.now()
    const talks = [
      say(daemon, tokenOf(daemon).subarray(0, 31)),
      say(daemon, ''),
      say(daemon, tokenOf(daemon)),
    ]
    await expectServing(daemon)
    await Promise.all(talks.map(({ closed }) => closed))
    expect(talks.flatMap(({ heard }) => heard)).toEqual([])
    expect(Date.now() - started).toBeLessThan(20_000)
  })

  test('it may come in pieces', async () => {
    const daemon = await startLab()
    const bytes = Buffer.concat([tokenOf(daemon), status])
    const { socket, heard } = say(daemon, bytes.subarray(0, 1))
    for (const byte of bytes.subarray(1)) {
      await sleep(1)
      socket.write(Buffer.from([byte]))
    }
    await expect.poll(() => heard.length).toBe(1)
    expect(readReplies(heard)).toMatchObject([{ id: 1, result: { pid: daemon.pid } }])
  })
})

describe('behind the token', () => {
  const bad: Record<string, Buffer> = {
    'a message that is no JSON': Buffer.from([1, 0, 0, 0, 1, 0x7b]),
    'a message of no bytes': Buffer.from([1, 0, 0, 0, 0]),
    'a message of four gigabytes': Buffer.from([1, 255, 255, 255, 255]),
    'an envelope of another kind': Buffer.from([2, 0, 0, 0, 1, 0]),
    'a method that there is not': control({ method: 'fork', id: 1 }),
    'a lease of no time': control({ method: 'lease', id: 1, params: { cpu_seconds: 0 } }),
    'a lease of a text': control({ method: 'lease', id: 1, params: { cpu_seconds: '1; rm' } }),
    'a lease of more': control({ method: 'lease', id: 1 }),
    'no object': control(null),
    'bytes for a worker that it did not lease': sessionEnvelope(Buffer.from('x'))[0]!,
    'a second lease': Buffer.concat([lease, lease]),
  }
  test('what does not belong there is hung up on', async () => {
    const daemon = await startLab()
    for (const [what, bytes] of Object.entries(bad)) {
      const { closed } = say(daemon, Buffer.concat([tokenOf(daemon), bytes]))
      await expect(Promise.race([closed, sleep(4000, 'nothing')]), what).resolves.toBeUndefined()
    }
    await expectServing(daemon)
  })

  test('an interrupt without a lease does nothing', async () => {
    const daemon = await startLab()
    say(
      daemon,
      Buffer.concat([tokenOf(daemon), control({ method: 'interrupt' }), control({ method: 'kill' })]),
    )
    await expectServing(daemon)
  })

  test('half of a message, and then nobody, leaves nothing', async () => {
    const daemon = await startLab()
    for (let length = 0; length < lease.length; length += 7) {
      const { socket, closed } = say(daemon, Buffer.concat([tokenOf(daemon), lease.subarray(0, length)]))
      await sleep(5)
      socket.destroy()
      await closed
    }
    await expectServing(daemon)
  })
})

describe('with a lease', () => {
  test('what is no frame ends the worker, and the client is told how', async () => {
    const daemon = await startLab()
    const noFrame = sessionEnvelope(Buffer.alloc(24))
    const { heard, closed } = say(daemon, Buffer.concat([tokenOf(daemon), lease, ...noFrame]))
    await closed
    expect(readReplies(heard)).toMatchObject([
      { id: 1, result: { op: 'ready', kernel: { seccomp: true } } },
      { method: 'ended', params: { how: 'exit status 1' } },
    ])
    await expectServing(daemon)
  })

  test('half of a frame, or one that is too large, is waited for as long as the client is there', async () => {
    const daemon = await startLab()
    for (const bytes of [Buffer.alloc(10, 1), Buffer.alloc(1000, 255)]) {
      const { socket } = say(daemon, Buffer.concat([tokenOf(daemon), lease, ...sessionEnvelope(bytes)]))
      await expect.poll(async () => (await daemon.status()).leased).toBe(1)
      socket.destroy()
      await expectServing(daemon)
    }
  })

  test('gigabytes for a worker that does not read them fill no memory of the daemon', async () => {
    const daemon = await startLab()
    const { memory_bytes: before } = await daemon.status()
    const setup = Buffer.from('{"documents":[],"pack_size":0,"functions":[]}')
    const code = Buffer.from('{"code":"while True: pass"}')
    const { socket } = say(daemon, Buffer.concat([tokenOf(daemon), lease]))
    for (const body of [setup, code]) for (const piece of sessionEnvelope(frame(body))) socket.write(piece)
    const chunk = Buffer.alloc(1 << 20)
    for (let sent = 0; sent < 300; sent++) for (const piece of sessionEnvelope(chunk)) socket.write(piece)
    await sleep(500)
    const { memory_bytes: after } = await daemon.status()
    expect(after - before).toBeLessThan(50 << 20)
    expect(socket.writableLength).toBeGreaterThan(200 << 20)
    socket.destroy()
    await expectServing(daemon)
  })
})

test('what connects as a worker without being one is hung up on', async () => {
  const daemon = await startLab()
  const ready = '{"op":"ready","kernel":{"seccomp":true,"landlock":7},"python":"3"}'
  for (const line of [`${'0'.repeat(32)} ${ready}\n`, '\n', 'x\n', `${'x'.repeat(5000)}`]) {
    const { heard, closed } = say(daemon, line, 'workers.sock')
    await closed
    expect(heard).toEqual([])
  }
  await expectServing(daemon)
})

function control(message: unknown): Buffer {
  return controlEnvelope(message as Parameters<typeof controlEnvelope>[0])
}

/** With a secret of zeroes. */
function frame(body: Buffer): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}

function readReplies(heard: readonly Buffer[]): unknown[] {
  const replies: unknown[] = []
  const read = createEnvelopeReader({
    onControl: (message) => replies.push(readReply(message) ? message : 'no reply'),
    onSession: () => {},
    onViolation: (what) => replies.push(what),
  })
  for (const bytes of heard) read(bytes)
  return replies
}
