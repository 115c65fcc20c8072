// Runs the rows and prints ours, the floor, the target, and whether it is met.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { runs } from './measure.mjs'
import { rows } from './rows.mjs'
import { root } from './surroundings.mjs'

const words = process.argv.slice(2)
const chosen = rows.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
if (chosen.length === 0) {
  console.error(
    `bench: error: no row is called like that; rows:\n${rows.map(({ name }) => `  ${name}`).join('\n')}`,
  )
  process.exit(2)
}

const width = Math.max(...chosen.map(({ name }) => name.length))
console.log(
  `${cpus().length} x ${cpus()[0].model}, Node ${process.versions.node}; medians of at least ${runs} runs`,
)
console.log(
  `${'what'.padEnd(width)}  ${'ours'.padStart(10)}  ${'floor'.padStart(10)}  ${'target'.padStart(10)}`,
)
const results = []
for (const row of chosen) {
  const { ours, floor } = await row.measure()
  const met = ours <= row.target
  results.push({
    name: row.name,
    unit: row.unit,
    ours: round(ours),
    floor: round(floor),
    floor_is: row.floorIs,
    target: row.target,
    met,
  })
  const figures = [ours, floor, row.target]
    .map((value) => `${round(value)} ${row.unit}`.padStart(10))
    .join('  ')
  console.log(`${row.name.padEnd(width)}  ${figures}  ${met ? 'met' : 'NOT MET'}`)
}
writeFileSync(
  join(root, 'bench-results.json'),
  `${JSON.stringify({ measured_at: new Date().toISOString(), results }, null, 2)}\n`,
)

function round(value) {
  return value < 1 ? Math.round(value * 1000) / 1000 : Math.round(value * 10) / 10
}
