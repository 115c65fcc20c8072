// The sandbox of Pyodide: what it costs where there is no Python.
import { median, timeAction, timeCommand } from './measure.mjs'
import { timeEcho, timeSteps } from './sandbox-rows.mjs'
import { openSandbox, parts, writeLog } from './surroundings.mjs'

const backend = parts.pyodide

export const pyodideRows = [
  {
    name: 'pyodide sandbox: open to first result from its snapshot, locked down',
    unit: 'ms',
    target: 800,
    floorIs: 'node -e 0',
    async measure() {
      const log = writeLog('small.log', 10_000)
      const openOnce = async () => {
        const sandbox = await openSandbox([log], backend)
        await sandbox.run('x = 1')
        await sandbox.close()
      }
      await openOnce() // makes the snapshot
      const samples = await timeAction(openOnce)
      return { ours: median(samples), floor: timeCommand([process.execPath, '-e', '0']).wall }
    },
  },
  {
    name: 'pyodide: one execute, x = 1, check included',
    unit: 'ms',
    target: 1,
    floorIs: 'a line through a pipe to cat and back',
    measure: async () => ({
      ours: median(await timeSteps('x = 1', 1000, { backend })),
      floor: median(await timeEcho()),
    }),
  },
]
