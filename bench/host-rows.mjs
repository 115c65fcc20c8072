// What the host costs beside its roles: CPU of an iteration and of ten, and the processes that it starts.
import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { timeCommand } from './measure.mjs'
import {
  door,
  doorFlags,
  host,
  makeRepository,
  scratch,
  writeList,
  writeLog,
  writeScript,
} from './surroundings.mjs'

/** Runs a command in a namespace of process numbers of its own, then prints the last number given. */
const numbered = [
  '--map-root-user',
  '--pid',
  '--fork',
  '--mount-proc',
  'sh',
  '-c',
  '"$@"; sh -c \'echo $$\'',
  'sh',
  'true',
]

const neverDone = { completion_promise: 'NEVER' }

export const hostRows = [
  {
    name: 'host: one iteration, four instant roles, RLMS in each: CPU',
    unit: 'ms',
    target: 1500,
    floorIs: 'four times scripts/rlms, one step',
    measure() {
      const list = writeList('small.txt', writeLog('small.log', 10_000))
      const flags = doorFlags(list, join(scratch, 'out'), writeScript('final.json', 'set_final(1)'))
      return { ours: cpuOfIterations(1), floor: 4 * timeCommand([door, ...flags]).cpu }
    },
  },
  {
    name: 'host: ten iterations, as many times the CPU of one',
    unit: 'x',
    target: 10,
    floorIs: 'ten runs of one iteration',
    measure: () => ({ ours: cpuOfIterations(10, 3) / cpuOfIterations(1), floor: 10 }),
  },
  ...processRows(),
]

/** A promise that never comes leaves max_iterations to end the loop. */
function cpuOfIterations(count, samples) {
  const repo = makeRepository({ ...neverDone, max_iterations: count })
  const before = () => rmSync(join(repo, '.superloop', 'loops'), { recursive: true, force: true })
  return timeCommand(runOf(repo), { before, count: samples, status: 1 }).cpu
}

function runOf(repo) {
  return [host, 'run', '--repo', repo, '--loop', 'bench']
}

/** None where a user may not have process numbers of one's own. */
function processRows() {
  if (spawnSync('unshare', numbered).status !== 0) return []
  const row = (what, target, changes) => ({
    name: `host: processes for a role ${what}`,
    unit: '',
    target,
    floorIs: "the role's runner",
    measure: () => ({ ours: processesForRole(changes), floor: 1 }),
  })
  return [
    row('without an analysis', 15, { rlms: { enabled: false } }),
    row('with one, threads of Node included', 75, {}),
  ]
}

/** What three more roles add, divided by three. */
function processesForRole(changes) {
  const counts = [['reviewer'], ['planner', 'implementer', 'tester', 'reviewer']].map((roles) => {
    const repo = makeRepository({ ...changes, roles })
    return lastProcessNumber(runOf(repo))
  })
  return (counts[1] - counts[0]) / 3
}

/** Numbers begin at 1 there, and each is given once; what others start on the machine has none. */
function lastProcessNumber(argv) {
  const output = execFileSync('unshare', [...numbered.slice(0, -1), ...argv], { encoding: 'utf8' })
  return Number(output.trim().split('\n').at(-1))
}
