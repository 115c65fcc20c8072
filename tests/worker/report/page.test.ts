// The page as text: what it tells, and that nothing of what it is told becomes part of it. How it looks: tests/browser.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { readRunRecord } from '../../../src/worker/records/run-record.ts'
import { renderPage } from '../../../src/worker/report/page.ts'
import {
  addAnalysis,
  addIteration,
  citation,
  type LoopFolder,
  makeLoopFolder,
  runId,
} from '../helpers/loop-folder.ts'

let folder: LoopFolder

beforeEach(() => {
  folder = makeLoopFolder()
  folder.event('loop_start', { data: { spec_file: 'specs/work.md' } })
})

function page(texts: { messages?: [string, string][]; openGates?: [string, string][] } = {}): string {
  return renderPage({
    run: readRunRecord(folder.repo, folder.loopDir, {})!,
    repo: folder.repo,
    outFile: join(folder.loopDir, 'report.html'),
    messages: new Map(texts.messages),
    openGates: new Map(texts.openGates),
    generatedAt: '2026-01-03T00:00:00Z',
    version: '1.2.3',
  })
}

/** What a reader sees, white space folded. */
const words = (text: string) =>
  text
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

describe('the head', () => {
  test('tells the outcome, the spec and the figures', () => {
    addIteration(folder, 1)
    folder.event('loop_complete')
    folder.write('usage.jsonl', {
      id: '1',
      run_id: runId,
      iteration: 1,
      role: 'planner',
      model: 'opus',
      usage: { input_tokens: 12_345, output_tokens: 678 },
      cost_usd: 1.5,
    })
    const text = page()
    expect(words(text)).toContain(
      'Superloop report work ✓ Complete Run of 2026-01-02 03:00:00 UTC over specs/work.md',
    )
    expect(words(text)).toContain(
      'Iterations 1 Time 14 min Tokens 12k in 678 out Cost $1.50 Analyses 1 none failed',
    )
    expect(words(text)).toContain('Citations verified 1 of 2')
    expect(text).toContain('<a href="../../../specs/work.md">specs/work.md</a>')
    expect(text).toContain('<title>work: complete</title>')
  })

  test('allows nothing but its own style', () => {
    const text = page()
    const style = /<style>(.*)<\/style>/s.exec(text)![1]!
    const hash = createHash('sha256').update(style).digest('base64')
    expect(text).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    )
    expect(text).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|\son\w+=|url\(|@import/i)
  })

  test('has no section for what there is not', () => {
    const text = page()
    expect(text).not.toMatch(/id="(?:open|cost|evidence|earlier)"/)
    expect(text).not.toContain('>Cost<')
  })
})

describe('an iteration', () => {
  test('tells its gates by word and sign, and how each role ended', () => {
    addIteration(folder, 1, { promise: false, tests: 'failed', approval: 'pending' })
    expect(words(page())).toContain(
      'Iteration 1 ✕ no promise ✕ tests failed ✓ checklist ✓ evidence ◷ approval pending',
    )
    expect(words(page())).toContain('not judged: validation')
  })

  test.each([
    ['n/a', 'not judged: validation, stuck'],
    ['0/3', 'not judged: validation'],
    ['2/3', '◷ stuck 2/3'],
    ['3/3', '✕ stuck 3/3'],
  ])('that is stuck %s says %s', (stuck, text) => {
    addIteration(folder, 1, { stuck })
    expect(words(page())).toContain(text)
    expect(words(page()).includes('validation, stuck')).toBe(stuck === 'n/a')
  })

  test('tells why a role got an analysis or none', () => {
    folder.event('iteration_start')
    folder.event('rlms_decision', { role: 'planner', data: { should_run: false, reason: 'hybrid_not_met' } })
    folder.event('role_start', { role: 'planner' })
    addAnalysis(folder, 1)
    expect(words(page())).toContain('No analysis: the context is small and none was asked for hybrid_not_met')
    expect(words(page())).toContain(
      'Analysis of 12 files, 3,410 lines, about 40,000 tokens: the context is large hybrid_auto',
    )
    expect(words(page())).toContain('planner ◷ not ended')
  })

  test('has its citations linked to file and line, those that do not stand without a link', () => {
    addIteration(folder, 1)
    const text = page()
    expect(text).toContain(
      'href="../../../src/counter.ts#L3:~:text=export%20function%20count()%20%7B">src/counter.ts:3–5</a>',
    )
    expect(text).toContain('<span class="mono">src/none.ts:1</span>')
    expect(words(text)).toContain('✕ not verified definition: there is no such document')
  })

  test('tells why an analysis failed, and what to do', () => {
    folder.event('iteration_start')
    const error = { error: 'overloaded', error_code: 'model_invocation_failed', error_fix: 'Try again.' }
    addAnalysis(folder, 1, { ok: false, partial: true, ...error })
    expect(words(page())).toContain(
      'The analysis failed model_invocation_failed : overloaded Try again. What it had found by then is kept.',
    )
  })

  test('is cut where an analysis says too much', () => {
    folder.event('iteration_start')
    addAnalysis(folder, 1, {
      highlights: Array.from({ length: 50 }, () => 'h'.repeat(5000)),
      citations: Array.from({ length: 500 }, (_, at) =>
        citation({ start_line: at, snippet: 's'.repeat(9000) }),
      ),
    })
    const text = page()
    expect(text.length).toBeLessThan(60_000)
    expect(words(text)).toContain('500 citations, 500 verified')
    expect(words(text)).toContain('and 480 more citations, in the result')
  })

  test('is open when it is the last, with the last messages', () => {
    addIteration(folder, 1)
    addIteration(folder, 2)
    const text = page({ messages: [['planner', 'My plan.']] })
    expect(text).toContain('<details class="card iteration" id="i1">')
    expect(text).toContain('<details class="card iteration" id="i2" open>')
    expect(text.match(/My plan\./g)).toHaveLength(1)
  })
})

test('what is open is told with what the gate says, unless the loop is complete', () => {
  addIteration(folder, 1, { tests: 'failed' })
  expect(words(page({ openGates: [['tests', 'FAIL zero']] }))).toContain(
    'What is open tests ✕ failed FAIL zero',
  )
  folder.event('loop_complete')
  expect(page()).not.toContain('What is open')
})

const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</pre></details></main><h1>fake</h1>',
  '</style><style>*{display:none}</style>',
  '<!-- ',
  'javascript:alert(1)',
  '&lt;b&gt;',
  '\u202egnp.exe',
]

test.each(attacks)('nothing that is told becomes part of the page: %s', (attack) => {
  const plain = pageOf('harmless')
  const hostile = pageOf(attack)
  // The same elements and attributes, whatever the texts say.
  expect(skeletonOf(hostile)).toEqual(skeletonOf(plain))
  expect(hostile).not.toContain('\u202e')
})

/** A page in which every text that someone else wrote is this one. */
function pageOf(text: string): string {
  folder = makeLoopFolder()
  folder.event('loop_start', { run_id: 'earlier', timestamp: text })
  folder.event('loop_stopped', { run_id: 'earlier', data: { reason: text } })
  folder.event('loop_start', { data: { spec_file: text } })
  folder.event('iteration_start', { timestamp: text })
  folder.event(`${text}!`, { role: text, status: text, message: text, data: { [text]: text } })
  folder.event('rlms_decision', { role: 'planner', data: { should_run: true, reason: text, mode: text } })
  addAnalysis(folder, 1, {
    ok: false,
    error: text,
    error_code: text,
    error_fix: text,
    highlights: [text],
    citations: [
      citation({ path: text, signal: text, snippet: text }),
      citation({ path: text, verified: false, reason: text }),
    ],
    sandbox: { backend: text, [text]: true },
  })
  folder.event('role_start', { role: 'reviewer', data: { log_file: text } })
  folder.event('role_end', { role: 'reviewer', status: text })
  folder.event('gates_evaluated', { data: { tests: text, [`${text}!`]: 'failed' } })
  folder.event('iteration_end', { data: {} })
  const share = { model: text, input_tokens: 1, output_tokens: 1, cost_usd: 1 }
  const usage = { input_tokens: 1, output_tokens: 1 }
  folder.write('usage.jsonl', {
    id: '1',
    run_id: runId,
    iteration: 1,
    role: 'reviewer',
    runner: text,
    usage,
    models: [share],
  })
  folder.write('evidence.json', {
    run_id: runId,
    generated_at: text,
    artifacts: [{ path: text, sha256: text }],
  })
  return page({ messages: [['reviewer', text]], openGates: [['tests', text]] })
}

function skeletonOf(text: string): string[] {
  return [...text.matchAll(/<(\/?[a-z!][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(
    ([, name, attributes]) =>
      `${name} ${[...attributes!.matchAll(/([a-z-]+)(?:="[^"]*")?/g)].map((match) => match[1])}`,
  )
}
