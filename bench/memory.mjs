// Memory of a run, from outside.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { door, doorFlags, scratch, writeList, writeScript } from './surroundings.mjs'

/** Bytes of resident memory at their highest, the door's node and python together. */
export async function peakMemory(log, code) {
  const out = join(scratch, 'out-memory')
  const flags = doorFlags(writeList('memory.txt', log), out, writeScript('memory.json', code))
  const child = spawn(door, flags, { stdio: 'ignore', detached: true })
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, treeMemory(child.pid))
  }, 5)
  await new Promise((resolve) => child.once('exit', resolve))
  clearInterval(timer)
  return peak
}

function treeMemory(pid) {
  const status = readStatus(pid)
  if (!status) return 0
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readText(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean),
  )
  return status + children.reduce((sum, child) => sum + treeMemory(child), 0)
}

function readStatus(pid) {
  const match = /VmRSS:\s+(\d+) kB/.exec(readText(`/proc/${pid}/status`))
  return match ? Number(match[1]) * 1024 : 0
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
