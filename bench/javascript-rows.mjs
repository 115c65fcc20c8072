// The sandbox of JavaScript: the rows of sandbox-rows.mjs that say what another language costs.
import { median, timeAction, timeCommand } from './measure.mjs'
import { timeEcho, timeSteps } from './sandbox-rows.mjs'
import { openSandbox, parts, writeLog } from './surroundings.mjs'

const backend = parts.javascript

export const javascriptRows = [
  {
    name: 'javascript sandbox: open to first result, locked down',
    unit: 'ms',
    target: 150,
    floorIs: 'node -e 0',
    async measure() {
      const log = writeLog('small.log', 10_000)
      const samples = await timeAction(async () => {
        const sandbox = await openSandbox([log], backend)
        await sandbox.run('const x = 1')
        await sandbox.close()
      })
      return { ours: median(samples), floor: timeCommand([process.execPath, '-e', '0']).wall }
    },
  },
  {
    name: 'javascript: one execute, const x = 1, check included',
    unit: 'ms',
    target: 0.5,
    floorIs: 'a line through a pipe to cat and back',
    measure: async () => ({
      ours: median(await timeSteps('const x = 1', 1000, { backend })),
      floor: median(await timeEcho()),
    }),
  },
  {
    name: 'javascript: host-function round trip from model code',
    unit: 'ms',
    target: 0.2,
    floorIs: 'a line through a pipe to cat and back',
    async measure() {
      const samples = await timeSteps('for (let i = 0; i < 1000; i++) llm_query("hi")', 15, { backend })
      return { ours: median(samples) / 1000, floor: median(await timeEcho()) }
    },
  },
]
