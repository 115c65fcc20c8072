// The process in which Pyodide runs model-written Python: starts the engine, seals it, locks itself, and leaves the rest
// to the Python within (entry.py). Descriptors: 3 in, 4 out, 5 the documents' pack, read-only. Bundled by itself
// (scripts/build). With `snapshot` as its first argument it makes the file that later starts begin from.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockKernel } from '../javascript/kernel-lock.ts'
import { endProcess } from '../javascript/wire.ts'
import { runnerDevices } from './devices.ts'
import { type Engine, startEngine } from './engine.ts'
import { createStepTimer } from './step-timer.ts'

const sources = [join(import.meta.dirname, '../python'), import.meta.dirname]
const guestFolder = '/runner'

async function makeSnapshot(folder: string, file: string): Promise<void> {
  const engine = await startEngine({ folder, memoryBytes: 2 ** 31, end: endProcess })
  addSources(engine)
  engine.runPython(`import sys; sys.path[:0] = ['${guestFolder}']; import entry; entry.preload()`)
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, engine.makeSnapshot(), { mode: 0o644 })
  renameSync(unfinished, file)
}

function addSources(engine: Engine): void {
  for (const folder of sources)
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.py')))
      engine.addFile(`${guestFolder}/${name}`, readFileSync(join(folder, name)))
}

async function serve(folder: string, snapshot: string, memoryBytes: number, locks: boolean): Promise<void> {
  process.on('SIGINT', () => {}) // the step's time is kept here; the host's signal is for runners that cannot
  const engine = await startEngine({ folder, memoryBytes, snapshot: readFileSync(snapshot), end: endProcess })
  const timer = createStepTimer()
  engine.attach((memory, errors) => runnerDevices(timer, memory, errors))
  engine.signalWhen(timer.signal)
  engine.runPython('import entry; entry.forget_bridges()')
  engine.seal()
  const kernel = locks
    ? lockKernel(import.meta.dirname)
    : { seccomp: false, landlock: 0, reason: 'switched off' }
  engine.run(`import entry; entry.main(${JSON.stringify(JSON.stringify(kernel))})`)
  endProcess()
}

const [mode, folder = '', file = '', memoryBytes, locks] = process.argv.slice(2)
if (mode === 'snapshot') void makeSnapshot(folder, file)
else void serve(folder, file, Number(memoryBytes), locks === 'locked')
