// What people open when a loop has run for long: its report and its status.
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { median, timeAction, timeCommand } from './measure.mjs'
import { host, makeRepository, root } from './surroundings.mjs'

const iterations = 200

export const longLoopRows = [
  {
    name: `report of ${iterations} iterations: wall`,
    unit: 'ms',
    target: 1000,
    floorIs: 'node -e 0',
    measure: () => ({
      ours: timeCommand([host, 'report', '--repo', makeLongLoop(), '--loop', 'bench']).wall,
      floor: timeCommand(['node', '-e', '0']).wall,
    }),
  },
  {
    name: `status --json of ${iterations} iterations: wall`,
    unit: 'ms',
    target: 1000,
    floorIs: 'jq -n 1',
    measure: () => ({
      ours: timeCommand([host, 'status', '--json', '--repo', makeLongLoop(), '--loop', 'bench']).wall,
      floor: timeCommand(['jq', '-n', '1']).wall,
    }),
  },
  ...browserRows(),
]

/** None where there is no browser. */
function browserRows() {
  const executablePath = findBrowser()
  if (executablePath === undefined) return []
  return [
    {
      name: `report of ${iterations} iterations in a browser: until it is painted`,
      unit: 'ms',
      target: 1000,
      floorIs: 'an empty page',
      async measure() {
        const repo = makeLongLoop()
        const page = join(repo, 'report.html')
        const empty = join(repo, 'empty.html')
        writeFileSync(empty, '<!DOCTYPE html><title>empty</title><p>empty')
        execFileSync(host, ['report', '--repo', repo, '--loop', 'bench', '--out', page])
        const { chromium } = await import('playwright-core')
        const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
        try {
          return { ours: await timePage(browser, page), floor: await timePage(browser, empty) }
        } finally {
          await browser.close()
        }
      },
    },
  ]
}

function findBrowser() {
  try {
    return execFileSync(join(root, 'scripts/lib/browser'), { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

async function timePage(browser, file) {
  const samples = await timeAction(async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    await page.goto(pathToFileURL(file).href)
    await page.evaluate('new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))')
    await page.close()
  })
  return median(samples)
}

/** One iteration that really ran, and its records as often as it takes. */
function makeLongLoop() {
  const repo = makeRepository()
  execFileSync(host, ['run', '--repo', repo, '--loop', 'bench'], { stdio: 'ignore' })
  const loop = join(repo, '.superloop', 'loops', 'bench')
  const linesOf = (name) => readFileSync(join(loop, name), 'utf8').trimEnd().split('\n')
  const first = { events: linesOf('events.jsonl').slice(1, -1), usage: linesOf('usage.jsonl') }
  const summary = JSON.parse(readFileSync(join(loop, 'run-summary.json'), 'utf8'))
  for (let number = 2; number <= iterations; number++) {
    const renumber = (line) => line.replace('"iteration":1', `"iteration":${number}`)
    appendFileSync(join(loop, 'events.jsonl'), `${first.events.map(renumber).join('\n')}\n`)
    appendFileSync(join(loop, 'usage.jsonl'), `${first.usage.map(renumber).join('\n')}\n`)
    summary.entries.push({ ...summary.entries[0], iteration: number })
    cpSync(join(loop, 'rlms', 'iter-1'), join(loop, 'rlms', `iter-${number}`), { recursive: true })
  }
  writeFileSync(join(loop, 'run-summary.json'), JSON.stringify(summary))
  return repo
}
