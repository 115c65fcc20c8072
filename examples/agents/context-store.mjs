// Variables by name: set once, passed around by reference, read by other programs as files.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ContextStore } from 'superloop-rlms'

const folder = mkdtempSync(join(tmpdir(), 'store-'))
const store = new ContextStore(folder)
await store.init()

const ref = await store.set('logs/today', 'first line\nsecond line\n', { persist: true, scope: 'review' })
console.log(`${ref.key}: ${ref.type}, ${ref.sizeBytes} bytes of JSON`)
console.log(await store.summarize('logs/today', 2))
console.log(readFileSync(await store.persistForSubAgent('logs/today'), 'utf8') === (await store.resolve(ref)))

// Another process would do the same: nothing holds the folder.
const other = new ContextStore(folder)
await other.init()
await other.set('verdict', { result: 'fine' }, { persist: true })
console.log(await store.get('verdict'))
console.log((await store.list({ scope: 'review' })).map(({ key }) => key))

other.close()
store.close()
rmSync(folder, { recursive: true })
