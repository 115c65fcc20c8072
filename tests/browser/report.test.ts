// The report in a real browser: small and large, light and dark, without a script, with hostile texts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readRunRecord } from '../../src/worker/records/run-record.ts'
import { renderPage } from '../../src/worker/report/page.ts'
import {
  addAnalysis,
  addIteration,
  citation,
  type LoopFolder,
  makeLoopFolder,
} from '../worker/helpers/loop-folder.ts'

let browser: Browser
let folder: LoopFolder

beforeAll(async () => {
  // Root has no sandbox of its own to give; the page is ours and made here.
  browser = await chromium.launch({
    executablePath: process.env.REPORT_BROWSER ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
})
afterAll(() => browser.close())

beforeEach(() => {
  folder = makeLoopFolder()
  folder.event('loop_start', { data: { spec_file: 'specs/work.md' } })
})

const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } }

async function openPage(options: BrowserContextOptions = {}): Promise<{ page: Page; told: string[] }> {
  const file = join(folder.loopDir, 'report.html')
  const run = readRunRecord(folder.repo, folder.loopDir, {})!
  const messages = new Map([['reviewer', hostile]])
  const openGates = new Map([['tests', `${hostile} ${'unbroken'.repeat(200)}`]])
  const rendered = { repo: folder.repo, outFile: file, generatedAt: '2026-01-03T00:00:00Z', version: '1.2.3' }
  writeFileSync(file, renderPage({ run, messages, openGates, ...rendered }))
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const told: string[] = []
  page.on('console', (message) => told.push(message.text()))
  page.on('pageerror', (error) => told.push(error.message))
  page.on('dialog', (dialog) => {
    told.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => told.push(request.url()))
  await page.goto(pathToFileURL(file).href)
  expect(told.shift()).toBe(pathToFileURL(file).href)
  return { page, told }
}

const hostile = `<script>alert(1)</script><img src="http://127.0.0.1:9/x" onerror="alert(2)"><a href="javascript:alert(3)">x</a>`

describe.each(Object.entries(sizes))('on a %s', (_, viewport) => {
  test.each(['light', 'dark'] as const)(
    'in %s everything has its contrast and nothing is wider than the screen',
    async (colorScheme) => {
      addIteration(folder, 1, { tests: 'failed', approval: 'pending' })
      folder.event('loop_stopped', { data: { reason: 'max_iterations' } })
      const { page, told } = await openPage({ viewport, colorScheme, javaScriptEnabled: true })
      await openAll(page)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      expect(await page.evaluate(tooFaint)).toEqual([])
      expect(told).toEqual([])
    },
  )
})

test('it is read without a script: the last iteration is open, others open by a click or a key', async () => {
  addIteration(folder, 1)
  addIteration(folder, 2)
  const { page } = await openPage({ javaScriptEnabled: false })
  const [first, second] = ['#i1', '#i2'].map((id) => page.locator(`${id} .role`).first())
  expect([await first!.isVisible(), await second!.isVisible()]).toEqual([false, true])
  await page.locator('#i1 > summary').click()
  expect(await first!.isVisible()).toBe(true)
  await page.locator('#i1 > summary').press('Enter')
  expect(await first!.isVisible()).toBe(false)
})

test('hostile texts are shown as they are, ask for nothing and run nothing', async () => {
  folder.event('iteration_start')
  addAnalysis(folder, 1, {
    highlights: [hostile],
    citations: [citation({ path: hostile, snippet: hostile })],
  })
  folder.event('role_start', { role: 'reviewer' })
  folder.event('gates_evaluated', { data: { tests: 'failed' } })
  const { page, told } = await openPage()
  await openAll(page)
  expect(await page.locator('.points li').textContent()).toBe(hostile)
  expect(await page.locator('.citations pre').textContent()).toBe(hostile)
  expect(await page.locator('script, img, iframe, [onerror], [href^="javascript:"]').count()).toBe(0)
  expect(told).toEqual([])
})

test('a citation leads to its file and line', async () => {
  folder.event('iteration_start')
  const lines = Array.from({ length: 500 }, (_, at) => `line ${at + 1} of the file`)
  writeFileSync(join(folder.repo, 'a b.txt'), lines.join('\n'))
  addAnalysis(folder, 1, {
    citations: [citation({ path: 'a b.txt', start_line: 400, snippet: 'line 400 of the file' })],
  })
  const { page } = await openPage({ viewport: sizes.desktop })
  await openAll(page)
  await page.locator('.citations a').click()
  await page.waitForURL('**/a%20b.txt*')
  expect(new URL(page.url()).hash).toMatch(/^#L400/)
  await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(1000)
})

test('two hundred iterations are laid out as they come into view', async () => {
  for (let number = 1; number <= 200; number++) addIteration(folder, number)
  folder.event('loop_complete')
  const { page } = await openPage({ viewport: sizes.phone })
  expect(await page.locator('.iteration').count()).toBe(200)
  expect(await page.locator('#i200 .role').first().isVisible()).toBe(true)
  await page.locator('#i150').scrollIntoViewIfNeeded()
  await expect.poll(() => page.locator('#i150 .number').isVisible()).toBe(true)
})

async function openAll(page: Page): Promise<void> {
  await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`)
}

/** Texts with less contrast to what is behind them than 4.5 to 1 (WCAG 2, 1.4.3). */
const tooFaint = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const behind = (element) => {
    const colour = parse(getComputedStyle(element).backgroundColor)
    return colour.length === 4 && colour[3] === 0 ? behind(element.parentElement) : colour
  }
  const faint = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.trim() === '') continue
    const [a, b] = [parse(getComputedStyle(node.parentElement).color), behind(node.parentElement)].map(light)
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) faint.push(node.data.trim() + ' ' + ratio.toFixed(1))
  }
  return faint
})()`
