// The agents' store: what persisting costs beside writing the same bytes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, runs, timeAction } from './measure.mjs'
import { parts, scratch } from './surroundings.mjs'

const count = 10_000
const value = 'x'.repeat(1000)
const agents = 20
const large = 'A line of a large variable, as it stands in a log file.\n'.repeat(190_000)

export const storeRows = [
  {
    name: 'store: 10,000 variables of 1 kB persisted, one after the other',
    unit: 'ms',
    target: 500,
    floorIs: 'the same bytes written at once; neither is synced',
    async measure() {
      const ours = median(await timeFresh(fill))
      const bytes = Buffer.alloc(count * (value.length + 100))
      const floor = median(await timeAction(() => writeFileSync(join(scratch, 'floor'), bytes)))
      return { ours, floor }
    },
  },
  {
    name: 'store: 10,000 variables reopened',
    unit: 'ms',
    target: 200,
    floorIs: 'the same bytes read at once',
    async measure() {
      const folder = newFolder()
      const writer = await openStore(folder)
      await fill(writer)
      const samples = await timeAction(async () => {
        const store = await openStore(folder)
        if ((await store.get(`key-${count - 1}`)) !== value) throw new Error('the value is not there')
        store.close()
      })
      const file = join(scratch, 'floor')
      writeFileSync(file, Buffer.alloc(count * (value.length + 100)))
      const floor = median(await timeAction(() => readFileSync(file)))
      writer.close()
      return { ours: median(samples), floor }
    },
  },
  {
    name: 'store: a variable of 10 MB given to 20 agents',
    unit: 'ms',
    target: 500,
    floorIs: 'its bytes written once',
    async measure() {
      const ours = median(
        await timeFresh(async (store) => {
          await store.set('large', large)
          for (let agent = 0; agent < agents; agent++) await store.persistForSubAgent('large')
        }),
      )
      const floor = median(await timeAction(() => writeFileSync(join(scratch, 'floor'), large)))
      return { ours, floor }
    },
  },
]

async function fill(store) {
  for (let number = 0; number < count; number++) await store.set(`key-${number}`, value, { persist: true })
}

function newFolder() {
  return mkdtempSync(join(scratch, 'store-'))
}

async function openStore(folder) {
  const store = new parts.ContextStore(folder)
  await store.init()
  return store
}

/** Times of an action on a store that is new each time. */
async function timeFresh(action) {
  const times = []
  for (let run = 0; run <= runs; run++) {
    const folder = newFolder()
    const store = await openStore(folder)
    const started = performance.now()
    await action(store)
    if (run > 0) times.push(performance.now() - started)
    store.close()
    rmSync(folder, { recursive: true })
  }
  return times
}
