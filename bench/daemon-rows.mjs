// The daemon: what a run saves that finds one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './measure.mjs'
import { openSandbox, parts, root, scratch, writeLog } from './surroundings.mjs'

const count = 100
/** Between sessions, so that the worker of the last one has been replaced, as it is between runs. */
const pauseMs = 30

export const daemonRows = [
  {
    name: 'daemon: connect, lease a fresh worker, execute',
    unit: 'ms',
    target: 1,
    floorIs: 'connecting to another Node over a Unix socket, and a line there and back, twice',
    measure: () =>
      withDaemon(async (backend) => {
        const open = backend({ require: 'kernel', timeoutSeconds: 300 })
        const documents = { list: [], packSize: 0, descriptor: 0 }
        const { signal } = new AbortController()
        const request = { documents, functions: parts.hostFunctions, call: async () => 'ok', signal }
        const ours = await timeSessions(async (stop) => {
          const sandbox = await open(request)
          await sandbox.execute('x = 1', 1000, signal)
          stop()
          await sandbox.close()
        })
        return { ours, floor: await timeEcho() }
      }),
  },
  {
    name: 'daemon: open to first result, documents packed',
    unit: 'ms',
    target: 5,
    floorIs: 'connecting to another Node over a Unix socket, and a line there and back, twice',
    measure: () =>
      withDaemon(async (backend) => {
        const log = writeLog('small.log', 10_000)
        const ours = await timeSessions(async (stop) => {
          const sandbox = await openSandbox([log], backend)
          await sandbox.run('x = 1')
          stop()
          await sandbox.close()
        })
        return { ours, floor: await timeEcho() }
      }),
  },
]

/** Gives a backend that leases from a daemon of its own, and fails where that could not be used. */
async function withDaemon(measure) {
  const folder = join(mkdtempSync(join(scratch, 'daemon-')), 'd')
  const bundle = join(root, 'dist', 'daemon.cjs')
  const program = { folder, python: parts.findPython().path, workers: 8, idle_seconds: 60 }
  await parts.startDaemon(bundle, program)
  const refuse = async () => {
    throw new Error('the daemon was not used')
  }
  try {
    return await measure((settings) => parts.daemonPython({ ...settings, folder, bundle }, refuse))
  } finally {
    await parts.stopDaemon(folder)
  }
}

/** The median time until each calls `stop`. */
async function timeSessions(session) {
  const samples = []
  for (let at = -10; at < count; at++) {
    await sleep(pauseMs)
    const started = performance.now()
    await session(() => {
      if (at >= 0) samples.push(performance.now() - started)
    })
  }
  return median(samples)
}

async function timeEcho() {
  const address = join(mkdtempSync(join(scratch, 'echo-')), 's')
  const program = `require('node:net').createServer((s) => s.pipe(s)).listen(${JSON.stringify(address)}, () => console.log('ready'))`
  const server = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server.stdout, 'data')
  const floor = await timeSessions(async (stop) => {
    const socket = connect(address)
    for (let turn = 0; turn < 2; turn++) {
      socket.write('x\n')
      await once(socket, 'data')
    }
    stop()
    socket.destroy()
  })
  server.kill()
  return floor
}
