// Which worker goes to whom, when they are few, late, or can't be had.
import { describe, expect, test, vi } from 'vitest'
import type { Nursery, Worker } from '../../../src/worker/daemon/nursery.ts'
import { Pool } from '../../../src/worker/daemon/pool.ts'

const never = new AbortController().signal

/** A nursery whose workers are born, and die, when a test says so. */
function makeNursery() {
  const births: { resolve(worker: Worker): void; reject(error: Error): void }[] = []
  const deaths = new Map<number, (how: string) => void>()
  const signals: string[] = []
  let pids = 0
  return {
    nursery: {
      fork: () => new Promise<Worker>((resolve, reject) => births.push({ resolve, reject })),
    } as unknown as Nursery,
    signals,
    get unborn() {
      return births.length
    },
    die: (pid: number) => deaths.get(pid)?.('signal SIGKILL'),
    fail: () => births.shift()?.reject(new Error('no memory')),
    bear() {
      pids += 1
      const pid = pids
      births.shift()?.resolve({
        pid,
        socket: { destroy: () => {} },
        ended: new Promise((resolve) => deaths.set(pid, resolve)),
        signal: (name: string) => signals.push(`${name} ${pid}`),
      } as unknown as Worker)
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function openPool(idle: number, leased: number) {
  const made = makeNursery()
  const onFailure = vi.fn()
  const pool = new Pool(made.nursery, { idle, leased }, onFailure)
  return { ...made, made, pool, onFailure }
}

describe('a pool', () => {
  test('makes as many workers as are to wait, and another one for each that is leased', async () => {
    const { made, pool } = await openPool(2, 9)
    expect(made.unborn).toBe(2)
    made.bear()
    made.bear()
    await settled()
    expect([pool.idle, pool.leased]).toEqual([2, 0])
    expect((await pool.lease(never)).pid).toBe(1)
    await expect.poll(() => made.unborn).toBe(1)
    expect([pool.idle, pool.leased, pool.served]).toEqual([1, 1, 1])
  })

  test('gives those that come while there is none theirs in turn', async () => {
    const { made, pool } = await openPool(1, 9)
    const leases = [pool.lease(never), pool.lease(never), pool.lease(never)]
    expect(made.unborn).toBe(4)
    for (let count = 0; count < 4; count++) made.bear()
    expect((await Promise.all(leases)).map(({ pid }) => pid)).toEqual([1, 2, 3])
    await settled()
    expect(pool.idle).toBe(1)
  })

  test('refuses at once when all are leased, and gives again when one is back', async () => {
    const { made, pool, signals } = await openPool(1, 2)
    const [first] = await Promise.all([pool.lease(never), pool.lease(never), made.bear(), made.bear()])
    await expect(pool.lease(never)).rejects.toThrow('all 2 workers are leased')
    pool.discard(first)
    expect(signals).toEqual(['kill 1'])
    made.bear()
    expect((await pool.lease(never)).pid).toBe(3)
  })

  test('forgets who does not wait any more', async () => {
    const { made, pool } = await openPool(1, 9)
    const controller = new AbortController()
    const lease = pool.lease(controller.signal)
    controller.abort(new Error('gone'))
    await expect(lease).rejects.toThrow('gone')
    expect(pool.unused).toBe(true)
    made.bear()
    await settled()
    expect([pool.idle, pool.leased]).toEqual([1, 0])
  })

  test('replaces a worker that ended while it waited', async () => {
    const { made, pool } = await openPool(1, 9)
    made.bear()
    await settled()
    made.die(1)
    await settled()
    expect([pool.idle, made.unborn]).toEqual([0, 1])
    made.bear()
    expect((await pool.lease(never)).pid).toBe(2)
  })

  test('tries again when a worker cannot be had, and gives up after three in a row', async () => {
    const { made, onFailure } = await openPool(1, 9)
    for (const fail of [made.fail, made.fail, made.bear, made.fail, made.fail, made.fail]) {
      expect(onFailure).not.toHaveBeenCalled()
      fail()
      await settled()
      if (fail === made.bear) made.die(1)
      await settled()
    }
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(new Error('no memory'))
    expect(made.unborn).toBe(0)
  })
})
