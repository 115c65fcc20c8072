// Session after session costs the daemon nothing that stays.
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openSession, residentBytes } from '../sandboxes/helpers/python-session.ts'
import { type Daemon, familyOf, fromDaemon, startLab } from './helpers/daemon-lab.ts'

async function serveSessions(daemon: Daemon, count: number): Promise<void> {
  const open = fromDaemon(daemon.folder)
  for (let at = 0; at < count; at++) {
    const { output, sandbox } = await openSession({
      open,
      files: { 'a.txt': 'words\n'.repeat(1000) },
      call: async () => 'answer',
      signal: new AbortController().signal,
    })
    expect(await output(`print(len(context), llm_query("q"), ${at})`)).toBe(`6000 answer ${at}\n`)
    await sandbox.close()
  }
}

async function measure(daemon: Daemon) {
  await expect.poll(async () => (await daemon.status()).leased).toBe(0)
  const { nursery } = familyOf(daemon.pid)
  return {
    daemon: residentBytes(daemon.pid),
    nursery: residentBytes(nursery),
    descriptors: readdirSync(`/proc/${daemon.pid}/fd`).length,
  }
}

test('six hundred sessions grow neither the daemon nor its nursery', async () => {
  const daemon = await startLab({ workers: 4 })
  await serveSessions(daemon, 200)
  const before = await measure(daemon)
  await serveSessions(daemon, 400)
  const after = await measure(daemon)
  expect(after.daemon - before.daemon).toBeLessThan(12e6)
  expect(after.nursery - before.nursery).toBeLessThan(1e6)
  expect(Math.abs(after.descriptors - before.descriptors)).toBeLessThanOrEqual(4) // the workers that wait
}, 120_000)
