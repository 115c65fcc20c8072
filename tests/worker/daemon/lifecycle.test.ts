// One daemon for a folder: started once however often it is asked for, replaced when it is dead or another one, gone when
// it is stopped or nobody needs it; and no folder that others may enter.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { daemonStatus, startDaemon, stopDaemon } from '../../../src/worker/daemon/lifecycle.ts'
import { readRecord } from '../../../src/worker/daemon/record.ts'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { isAlive, waitFor, waitUntilGone } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { openSession } from '../sandboxes/helpers/python-session.ts'
import { bundle, countedNative, descendants, fromDaemon, startIn, startLab } from './helpers/daemon-lab.ts'

describe('starting', () => {
  test('gives a daemon that serves, in a folder and on sockets that only its user may use', async () => {
    const daemon = await startLab()
    expect(await daemon.status()).toMatchObject({ pid: daemon.pid, leased: 0, served: 0 })
    const modes = readdirSync(daemon.folder).map((name) => [name, modeOf(join(daemon.folder, name))])
    expect(Object.fromEntries(modes)).toEqual({
      'clients.sock': 0o600,
      'daemon.json': 0o600,
      'daemon.lock': 0o600,
      'workers.sock': 0o600,
    })
    expect(modeOf(daemon.folder)).toBe(0o700)
  })

  test('a second time gives the first', async () => {
    const daemon = await startLab()
    const again = await startIn(daemon.folder)
    expect(again.isNew).toBe(false)
    expect(again.status.pid).toBe(daemon.pid)
  })

  test('many at once gives one', async () => {
    const folder = labFolder()
    const started = await Promise.all(Array.from({ length: 5 }, () => startIn(folder)))
    const { pid } = readRecord(folder)!
    expect(started.map(({ status }) => status.pid)).toEqual([pid, pid, pid, pid, pid])
    expect(started.filter(({ isNew }) => isNew)).toHaveLength(1)
  })

  test('over one that was killed replaces it, its sockets and its record', async () => {
    const daemon = await startLab()
    process.kill(daemon.pid, 'SIGKILL')
    await waitUntilGone(daemon.pid)
    const { isNew, status } = await startIn(daemon.folder)
    expect(isNew).toBe(true)
    expect(status.pid).not.toBe(daemon.pid)
    const { output } = await openSession({ open: fromDaemon(daemon.folder) })
    expect(await output('print(1)')).toBe('1\n')
  })

  test('over one that does not answer replaces it', async () => {
    const daemon = await startLab()
    process.kill(daemon.pid, 'SIGSTOP')
    onTestFinished(() => {
      if (isAlive(daemon.pid)) process.kill(daemon.pid, 'SIGKILL')
    })
    const { isNew, status } = await startIn(daemon.folder)
    expect(isNew).toBe(true)
    expect(status.pid).not.toBe(daemon.pid)
    await waitUntilGone(daemon.pid)
  })

  test('over one of another build replaces it; a run of another build does without', async () => {
    const daemon = await startLab()
    const other = join(temporaryFolder(), 'daemon.cjs')
    copyFileSync(bundle, other)
    symlinkSync(join(bundle, '../python'), join(other, '../python'))
    const program = { folder: daemon.folder, python: findPython().path, workers: 1, idle_seconds: 60 }
    const { isNew } = await startDaemon(other, program)
    expect(isNew).toBe(true)
    expect(isAlive(daemon.pid)).toBe(false)
    const native = countedNative()
    await openSession({ open: fromDaemon(daemon.folder, native.open) })
    expect(native.count).toBe(1)
  })

  test('in a folder that others may enter, or at a path too long for a socket, is refused with the fix', async () => {
    const open = labFolder()
    mkdirSync(open)
    chmodSync(open, 0o755)
    await expect(startIn(open)).rejects.toThrow(
      new RlmsError(
        'invalid_config',
        `the daemon will not use ${open}: others may enter it`,
        `Own it, and allow nobody else: chmod 700 ${open}`,
      ),
    )
    const long = join(temporaryFolder(), 'x'.repeat(100))
    await expect(startIn(long)).rejects.toThrow(
      new RlmsError(
        'invalid_config',
        `the daemon can have no socket in ${long}: the path is too long`,
        'Set XDG_STATE_HOME to a shorter path.',
      ),
    )
    const file = labFolder()
    writeFileSync(file, '')
    await expect(startIn(file)).rejects.toThrow(/^the daemon has no folder: EEXIST/)
  })

  test('where no worker can be locked down is refused with the reason, and leaves nothing', async () => {
    const folder = labFolder()
    const python = join(temporaryFolder(), 'python3')
    writeFileSync(
      python,
      `#!/bin/sh\nexec ${findPython().path} -c 'import sys; sys.exit("no module named _json")'\n`,
    )
    chmodSync(python, 0o755)
    const started = startDaemon(bundle, { folder, python, workers: 1, idle_seconds: 60 })
    await expect(started).rejects.toThrow(/which is no CPython 3/)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a record', () => {
  test('in a folder that others may enter is not believed', async () => {
    const daemon = await startLab()
    chmodSync(daemon.folder, 0o750)
    expect(readRecord(daemon.folder)).toBeUndefined()
    chmodSync(daemon.folder, 0o700)
    expect(readRecord(daemon.folder)).toEqual(daemon.record)
  })

  test('that is none, or behind a link, is not believed', async () => {
    const daemon = await startLab()
    const link = join(temporaryFolder(), 'link')
    symlinkSync(daemon.folder, link)
    expect(readRecord(link)).toBeUndefined()
    for (const text of ['', '{', 'null', '{"pid":1}', JSON.stringify({ ...daemon.record, token: 'short' })]) {
      writeFileSync(join(daemon.folder, 'daemon.json'), text)
      expect(readRecord(daemon.folder)).toBeUndefined()
    }
  })

  test('of a socket that nobody listens on costs a run no more than a start of its own', async () => {
    const daemon = await startLab()
    const stale = labFolder()
    mkdirSync(stale, { mode: 0o700 })
    writeFileSync(join(stale, 'daemon.json'), JSON.stringify({ ...daemon.record, pid: process.pid }))
    writeFileSync(join(stale, 'clients.sock'), '')
    const native = countedNative()
    const { output } = await openSession({ open: fromDaemon(stale, native.open) })
    expect(await output('print(1)')).toBe('1\n')
    expect(native.count).toBe(1)
  })
})

describe('stopping', () => {
  test('ends the daemon with its nursery and workers, and leaves an empty folder', async () => {
    const daemon = await startLab({ workers: 3 })
    await waitFor('the workers', () => descendants(daemon.pid).length === 4)
    const family = [daemon.pid, ...descendants(daemon.pid)]
    expect(await stopDaemon(daemon.folder)).toBe(true)
    for (const pid of family) await waitUntilGone(pid)
    expect(readdirSync(daemon.folder)).toEqual([])
    expect(await daemonStatus(daemon.folder)).toBeUndefined()
    expect(await stopDaemon(daemon.folder)).toBe(false)
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('by %s does the same', async (signal) => {
    const daemon = await startLab()
    const family = [daemon.pid, ...descendants(daemon.pid)]
    process.kill(daemon.pid, signal)
    for (const pid of family) await waitUntilGone(pid)
    expect(readdirSync(daemon.folder)).toEqual([])
  })

  test('by kill -9 takes its nursery and workers along, idle or busy', async () => {
    const daemon = await startLab()
    const { run } = await openSession({
      open: fromDaemon(daemon.folder, async () => Promise.reject(new Error('over'))),
    })
    const busy = run('while True: pass')
    const over = expect(busy).rejects.toThrow('over')
    await waitFor('the workers', () => descendants(daemon.pid).length === 4)
    const family = descendants(daemon.pid)
    process.kill(daemon.pid, 'SIGKILL')
    for (const pid of family) await waitUntilGone(pid)
    await over
  })

  test('happens by itself when nobody has used it for a while, and not before', async () => {
    const daemon = await startLab({ idleSeconds: 1 })
    const { output, sandbox } = await openSession({ open: fromDaemon(daemon.folder) })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(await output('print(1)')).toBe('1\n')
    await sandbox.close()
    await waitUntilGone(daemon.pid)
    expect(readdirSync(daemon.folder)).toEqual([])
  })
})

function labFolder(): string {
  const folder = join(temporaryFolder(), 'd')
  onTestFinished(async () => void (await stopDaemon(folder)))
  return folder
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}
