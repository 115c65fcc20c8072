#!/usr/bin/env node
// Runs the cases that programs.py writes, each in a sandbox of its own, until its time is over or something got out.
//   fuzz.mjs PYTHON SEED FIRST STRIDE SECONDS     prints {cases, steps, finding?} as its last line
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const { hostFunctions, nativePython, openDocuments, packParts } = await import('../../dist/parts.cjs')

const stepMs = 250
/** A step is interrupted, a second later killed; the rest is for a machine that has other things to do. */
const hangMs = stepMs + 1000 + 15_000
const memoryCapMegabytes = 600
const largestCountedOutput = 4_000_000

const [python, seed, first, stride, seconds] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'rlms-fuzz-'))
const secret = `CANARY-${Math.random().toString(36).slice(2)}`
const canary = join(folder, 'canary.txt')
const marker = join(folder, 'marker.txt')
writeFileSync(canary, secret)
/** The workers of a run share a folder; what one has found ends all. */
const foundBySome = join(tmpdir(), 'found')
let connections = 0
const listener = createServer((socket) => {
  connections++
  socket.destroy()
})
await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve))
const generator = spawn('python3', [join(import.meta.dirname, 'programs.py'), seed, first, stride], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
let memory = 0
const memoryWatch = setInterval(() => {
  memory = Math.max(memory, ...children().map(peakMegabytes))
}, 50)
const documents = packTexts({
  'context.txt': 'line 1 ERROR code=7\nline 2 ok\n',
  'src/app.py': 'def main(): pass\n',
})

const end = Date.now() + Number(seconds) * 1000
const counts = { cases: 0, steps: 0 }
let finding
for await (const line of createInterface(generator.stdout)) {
  const found = await runCase(JSON.parse(line))
  counts.cases++
  if (found) {
    finding = found
    writeFileSync(foundBySome, '')
  }
  if (existsSync(foundBySome) || Date.now() >= end) break
}
generator.kill()
clearInterval(memoryWatch)
listener.close()
rmSync(folder, { recursive: true, force: true })
console.log(JSON.stringify({ ...counts, finding }))

/** What got out, with the case and its steps so far, or undefined. */
async function runCase({ case: number, mode, steps }) {
  const forgedCalls = []
  const call = async (name, args) => {
    const known = hostFunctions.find((row) => row.name === name)
    if (known?.parameters.length !== args.length) forgedCalls.push(name)
    return name.includes('batch') ? [] : 'answer'
  }
  const without = { language: ['kernel'], kernel: ['language'] }[mode] ?? []
  const settings = {
    require: mode === 'language' ? 'language' : 'kernel',
    timeoutSeconds: 60,
    without,
    python: { path: python, version: [] },
  }
  const { signal } = new AbortController()
  const sandbox = await nativePython(settings)({ documents, functions: hostFunctions, call, signal })
  const done = []
  for (const template of steps) {
    const code = template
      .replaceAll('{CANARY}', canary)
      .replaceAll('{MARKER}', marker)
      .replaceAll('{PORT}', String(listener.address().port))
    done.push(template)
    const outcome = await Promise.race([
      sandbox.execute(code, stepMs, signal),
      sleep(hangMs, undefined, { ref: false }),
    ])
    counts.steps++
    memory = Math.max(memory, ...children().map(peakMegabytes))
    const what = effect(outcome, mode, forgedCalls)
    if (what) {
      await sandbox.close()
      return { case: number, mode, what, steps: done, outcome: JSON.stringify(outcome)?.slice(0, 1000) }
    }
  }
  await sandbox.close()
}

function effect(outcome, mode, forgedCalls) {
  if (!outcome) return 'a hang'
  const said = `${outcome.output}\n${outcome.error?.message}`
  if (said.includes(secret)) return 'the canary was read'
  if (existsSync(marker)) return 'the marker was written'
  if (connections > 0) return 'a connection'
  if (memory > memoryCapMegabytes) return `${Math.round(memory)} MB of memory`
  if (mode === 'kernel') return // what code does inside its own process is the language layer's
  if (forgedCalls.length > 0) return `a forged call of ${forgedCalls[0]}`
  const leak =
    /<frame at 0x|<code object |<module '[\w.]+' (from|\()|<traceback object|<cell at 0x|_frozen_importlib/.exec(
      said,
    )
  if (leak) return `an object out of reach: ${leak[0]}`
  if (/\[Errno 1\] Operation not permitted|made a system call/.test(said))
    return 'a system call that only the kernel stopped'
  if (said.includes('broke the protocol')) return 'a forged frame'
  if (
    !outcome.error &&
    outcome.outputLength !== outcome.output.length &&
    outcome.outputLength < largestCountedOutput
  )
    return 'a forged outcome'
}

/** The runners, which are all that this process starts but for the generator. */
function children() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter((pid) => pid && Number(pid) !== generator.pid)
}

function peakMegabytes(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0 // it has ended
  }
}

function packTexts(files) {
  const pack = join(folder, 'documents.pack')
  const parts = Object.entries(files).map(([name, text]) => ({
    base: { name, source: name, firstLine: 1 },
    bytes: Buffer.from(text),
  }))
  return openDocuments(pack, packParts(parts, pack))
}
