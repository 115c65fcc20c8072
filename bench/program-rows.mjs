// Programs as a whole: what their starts and their work cost.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { timeCommand } from './measure.mjs'
import { door, doorFlags, parts, root, scratch, writeList, writeLog, writeScript } from './surroundings.mjs'

const python = parts.findPython().path
const MiB = 1 << 20

export const programRows = [
  {
    name: 'scripts/rlms, one step, instant model: CPU',
    unit: 'ms',
    target: 150,
    floorIs: 'bash + node + python3 -I -S, each doing nothing',
    measure() {
      const list = writeList('small.txt', writeLog('small.log', 10_000))
      const flags = doorFlags(list, join(scratch, 'out'), writeScript('final.json', 'set_final(1)'))
      return { ours: timeCommand([door, ...flags]).cpu, floor: timeBareStarts().cpu }
    },
  },
  {
    name: 'scripts/rlms, one step, instant model: wall',
    unit: 'ms',
    target: 0.4 * 280,
    floorIs: 'the same floor, wall',
    measure() {
      const list = writeList('small.txt', writeLog('small.log', 10_000))
      const flags = doorFlags(list, join(scratch, 'out'), writeScript('final.json', 'set_final(1)'))
      return { ours: timeCommand([door, ...flags]).wall, floor: timeBareStarts().wall }
    },
  },
  {
    name: 'rlm --version: wall',
    unit: 'ms',
    target: 80,
    floorIs: 'node -e 0',
    measure: () => ({
      ours: timeCommand([join(root, 'dist', 'rlm.cjs'), '--version']).wall,
      floor: timeCommand(['node', '-e', '0']).wall,
    }),
  },
  {
    name: 'rlm run --help: wall',
    unit: 'ms',
    target: 120,
    floorIs: 'node -e 0',
    measure: () => ({
      ours: timeCommand([join(root, 'dist', 'rlm.cjs'), 'run', '--help']).wall,
      floor: timeCommand(['node', '-e', '0']).wall,
    }),
  },
  {
    name: 'journal on disk, per byte the models wrote and were shown',
    unit: 'x',
    target: 2,
    floorIs: 'what was said',
    measure() {
      const list = writeList('large.txt', writeLog('large.log', 10 * MiB))
      const steps = Array.from({ length: 4 }, () => 'print(context[:20000])')
      const script = writeScript('many.json', ...steps, 'set_final(1)')
      const out = join(scratch, 'out-journal')
      timeCommand([door, ...doorFlags(list, out, script)], { count: 1 })
      const journal = join(out, 'journal.jsonl')
      const records = readFileSync(journal, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      const said = records.reduce(
        (sum, record) => sum + (record.reply?.length ?? 0) + (record.observation?.length ?? 0),
        0,
      )
      return { ours: statSync(journal).size / said, floor: 1 }
    },
  },
]

/** bash, node and python, each started to do nothing. */
function timeBareStarts() {
  const starts = [
    ['bash', '-c', ':'],
    ['node', '-e', '0'],
    [python, '-I', '-S', '-c', '0'],
  ].map((argv) => timeCommand(argv, { env: { NODE_EXTRA_CA_CERTS: '' } }))
  return {
    cpu: starts.reduce((sum, { cpu }) => sum + cpu, 0),
    wall: starts.reduce((sum, { wall }) => sum + wall, 0),
  }
}
