// The sandbox and the documents it reads.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { median, percentile, timeAction, timeCommand } from './measure.mjs'
import { peakMemory } from './memory.mjs'
import { openSandbox, parts, scratch, writeLog } from './surroundings.mjs'

const python = parts.findPython().path
const MiB = 1 << 20

export const sandboxRows = [
  {
    name: 'native sandbox: open to first result, locked down',
    unit: 'ms',
    target: 40,
    floorIs: 'python3 -I -S',
    async measure() {
      const log = writeLog('small.log', 10_000)
      const samples = await timeAction(async () => {
        const sandbox = await openSandbox([log])
        await sandbox.run('x = 1')
        await sandbox.close()
      })
      return { ours: median(samples), floor: timeCommand([python, '-I', '-S', '-c', '0']).wall }
    },
  },
  {
    name: 'one execute, x=1, check included: p50',
    unit: 'ms',
    target: 0.2,
    floorIs: 'a line through a pipe to cat and back',
    measure: async () => ({
      ours: percentile(await timeSteps('x = 1', 1000), 0.5),
      floor: median(await timeEcho()),
    }),
  },
  {
    name: 'one execute, x=1, check included: p99',
    unit: 'ms',
    target: 2,
    floorIs: 'a line through a pipe to cat and back, p99',
    measure: async () => ({
      ours: percentile(await timeSteps('x = 1', 1000), 0.99),
      floor: percentile(await timeEcho(), 0.99),
    }),
  },
  {
    name: 'host-function round trip from model code',
    unit: 'ms',
    target: 0.085,
    floorIs: 'a line through a pipe to cat and back',
    async measure() {
      const samples = await timeSteps('for i in range(1000): llm_query("hi")', 15)
      return { ours: median(samples) / 1000, floor: median(await timeEcho()) }
    },
  },
  {
    name: 'the same with a 10 MB prompt',
    unit: 'ms',
    target: 40,
    floorIs: 'JSON.stringify and Buffer.from of the same text',
    async measure() {
      const setup = 'p = "a line of text with a \\\\ and a \\" in it\\n" * 250000'
      const samples = await timeSteps('llm_query(p)', 15, { setup })
      const text = 'a line of text with a \\ and a " in it\n'.repeat(250_000)
      return {
        ours: median(samples),
        floor: median(await timeAction(() => Buffer.from(JSON.stringify(text)))),
      }
    },
  },
  {
    name: 'open a 100 MiB context',
    unit: 'ms',
    target: 250,
    floorIs: 'cp of the file',
    async measure() {
      const log = writeLog('large.log', 100 * MiB)
      const samples = await timeAction(async () => (await openSandbox([log])).close())
      return { ours: median(samples), floor: timeCommand(['cp', log, join(scratch, 'copy')]).wall }
    },
  },
  {
    name: 'memory of a 100 MiB context, read whole: above idle, per byte of context',
    unit: 'x',
    target: 1.3,
    floorIs: 'the text once',
    async measure() {
      const code = 'n = len(context)\nhits = grep("ERROR")\nset_final([n, len(hits)])'
      const idle = await peakMemory(writeLog('small.log', 10_000), code)
      const full = await peakMemory(writeLog('large.log', 100 * MiB), code)
      return { ours: (full - idle) / (100 * MiB), floor: 1 }
    },
  },
  {
    name: 'grep over 100 MiB, few hits, against GNU grep -nP',
    unit: 'x',
    target: 4,
    floorIs: 'GNU grep -nP',
    async measure() {
      const log = writeLog('large.log', 100 * MiB)
      const sandbox = await openSandbox([log])
      await sandbox.run('grep("warm up", max_matches=1)')
      const samples = await timeAction(() =>
        sandbox.run('grep(r"ERROR request \\d+0000 took", max_matches=100000)'),
      )
      await sandbox.close()
      // through a pipe: into /dev/null it stops at its first hit
      const gnu = timeCommand([
        'sh',
        '-c',
        'grep -nP "ERROR request \\d+0000 took" "$1" | cat',
        'sh',
        log,
      ]).wall
      return { ours: median(samples) / gnu, floor: 1 }
    },
  },
  {
    name: 'while True: pass: ended after the limit by',
    unit: 'ms',
    target: 100,
    floorIs: 'nothing',
    async measure() {
      const sandbox = await openSandbox([writeLog('small.log', 10_000)])
      const limit = 200
      const samples = await timeAction(() => sandbox.runFor('while True: pass', limit))
      await sandbox.close()
      return { ours: median(samples) - limit, floor: 0 }
    },
  },
]

export async function timeSteps(code, count, { setup = 'x = 0', backend } = {}) {
  const sandbox = await openSandbox([writeLog('small.log', 10_000)], backend)
  await sandbox.run(setup)
  const samples = await timeAction(() => sandbox.run(code), { count, warmUp: Math.min(20, count) })
  await sandbox.close()
  return samples
}

export async function timeEcho() {
  const cat = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] })
  const samples = await timeAction(
    () =>
      new Promise((resolve) => {
        cat.stdout.once('data', resolve)
        cat.stdin.write('x\n')
      }),
    { count: 1000, warmUp: 20 },
  )
  cat.stdin.end()
  return samples
}
