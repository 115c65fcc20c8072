import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenSandbox } from '../../../src/worker/rlm/ports.ts'
import { type Closure, closureSandboxes } from './closure-sandbox.ts'

/** Sandboxes that take a moment to close, and how many are open. */
export function slowSandboxes(closures: Record<string, Closure>) {
  const { open } = closureSandboxes(closures)
  const count = { open: 0, opened: 0 }
  const openSlow: OpenSandbox = async (request) => {
    const sandbox = await open(request)
    count.open++
    count.opened++
    return {
      ...sandbox,
      async close() {
        await sleep(20)
        await sandbox.close()
        count.open--
      },
    }
  }
  return { open: openSlow, count }
}
