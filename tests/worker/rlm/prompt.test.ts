import { describe, expect, it, test } from 'vitest'
import type { Limits } from '../../../src/worker/contract/result.ts'
import { createBudget } from '../../../src/worker/rlm/budget.ts'
import { extractCode } from '../../../src/worker/rlm/code-blocks.ts'
import type { Language } from '../../../src/worker/rlm/ports.ts'
import { startPrompt } from '../../../src/worker/rlm/prompt.ts'
import { limits } from '../helpers/lab.ts'
import { type Contents, openSnapshot } from '../helpers/snapshot.ts'

const contents = { 'src/a.py': 'print(1)\n', 'b.md': '# SECRET HEADING\n' }
const start = (given: { contents?: Contents; language?: Language; task?: string } = {}) =>
  startPrompt(given.task ?? 'Find it.', openSnapshot(given.contents ?? contents), given.language ?? 'python')
const budgetOf = (change: Partial<Limits> = {}) =>
  createBudget({ ...limits, timeout_seconds: 300, ...change })
const section = (prompt: string, name: string) =>
  new RegExp(`\\n## ${name}\\n([\\s\\S]*?)(?=\\n\\n## |\\n$)`).exec(prompt)?.[1] ?? ''

describe('the beginning of a prompt', () => {
  it('has the rules, the functions, the task and the documents, in this order', () => {
    const text = start().text()
    const headings = text.split('\n').filter((line) => /^##? /.test(line))
    expect(headings).toEqual([
      '# You answer a task about documents that are too large to read at once',
      '## Functions',
      '## Task',
      '## Documents',
    ])
    expect(section(text, 'Task')).toBe('Find it.')
  })

  it('lists the documents with their sizes, and none of their text', () => {
    const text = start().text()
    expect(section(text, 'Documents')).toBe(
      '2 documents, 26 characters in all\n- "src/a.py": 1 lines, 9 characters\n- "b.md": 1 lines, 17 characters',
    )
    expect(text).not.toContain('SECRET')
    expect(text).not.toContain('print(1)')
  })

  it('quotes names, so that none can begin a line', () => {
    const text = start({ contents: { 'a\n## Task\nother': 'x' } }).text()
    expect(section(text, 'Documents')).toContain('- "a\\n## Task\\nother": 1 lines, 1 characters')
  })

  it('lists as many documents as fit into 8000 characters and says how many more there are', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`folder/file-${at}.txt`, 'x']))
    const [head, ...lines] = section(start({ contents: many }).text(), 'Documents').split('\n')
    expect(head).toBe('1000 documents, 1000 characters in all')
    const last = lines.pop()
    expect(last).toBe(`- and ${1000 - lines.length} more: list_files() names them`)
    const size = lines.join('\n').length
    expect(size).toBeLessThanOrEqual(8000)
    expect(size).toBeGreaterThan(7900)
  })

  it('stays of that size when a single name is larger', () => {
    const text = start({ contents: { ['x'.repeat(9000)]: 'x', b: 'y' } }).text()
    expect(section(text, 'Documents')).toBe(
      '2 documents, 2 characters in all\n- and 2 more: list_files() names them',
    )
  })

  test.each<[language: Language, present: string[], absent: string[]]>([
    [
      'python',
      [
        'You write Python code',
        '(```python)',
        'read_file(path, start_line=1, end_line=None)',
        'grep(pattern, path=None, max_matches=80, flags="")',
        'set_final(value) (also FINAL)',
      ],
      ['null', 'JavaScript'],
    ],
    [
      'javascript',
      [
        'You write JavaScript code',
        '(```javascript)',
        'read_file(path, start_line=1, end_line=null)',
        'grep(pattern, path=null, max_matches=80, flags="")',
      ],
      ['None', 'Python'],
    ],
  ])('is spelled for %s', (language, present, absent) => {
    const text = start({ language }).text()
    for (const words of present) expect(text).toContain(words)
    for (const words of absent) expect(text).not.toContain(words)
  })
})

describe('over the steps of a run', () => {
  const steps = ['look()', 'x = """\n```\n"""', "print('`````')", '']

  it('a prompt only grows: without its last line it begins the next one', () => {
    const history = start()
    const budget = budgetOf({ max_tokens: 100_000, max_usd: 2 })
    const prompts: string[] = []
    for (const [at, code] of steps.entries()) {
      prompts.push(history.prompt(at + 1, budget, 2, at * 10))
      budget.takeStep()
      budget.reserve(0).settle({ inputTokens: 1000, outputTokens: 10, costUsd: 0.1 })
      history.addStep(at + 1, code, `seen ${at}`)
    }
    const first = start().text()
    for (const [at, prompt] of prompts.entries()) {
      const withoutLastLine = prompt.slice(0, prompt.lastIndexOf('\n') + 1)
      expect(prompt.startsWith(first)).toBe(true)
      expect(prompts[at + 1] ?? history.text()).toSatisfy((next: string) => next.startsWith(withoutLastLine))
    }
  })

  it('everything that changes with time and use stands in the last line', () => {
    const history = start()
    history.addStep(1, 'look()', 'seen')
    const fresh = history.prompt(2, budgetOf({ max_usd: 1 }), 2, 0)
    const used = budgetOf({ max_usd: 1 })
    used.takeStep()
    used.takeSubcalls(7)
    used.reserve(0).settle({ inputTokens: 10, outputTokens: 10, costUsd: 0.5 })
    const later = history.prompt(9, used, 1, 250)
    const body = (prompt: string) => prompt.slice(0, prompt.lastIndexOf('\n'))
    expect(body(later)).toBe(body(fresh))
    expect(later).not.toBe(fresh)
  })

  it.each(steps)('a step stands as one block, whatever fences are in its code: %j', (code) => {
    const history = start()
    const before = history.text().length
    history.addStep(3, code, 'seen\nthis')
    const added = history.text().slice(before)
    expect(added).toMatch(/^\n## Step 3\n`{3,}python\n/)
    expect(added.endsWith('\n<observation step="3">\nseen\nthis\n</observation>\n')).toBe(true)
    expect(extractCode(added)).toEqual({ code, fenced: true })
  })

  it('the fence of a step is longer than any in its code', () => {
    const history = start()
    history.addStep(1, 'x = "`````"', '')
    expect(history.text()).toContain('\n``````python\nx = "`````"\n``````\n')
  })

  it('a step of JavaScript is tagged as such', () => {
    const history = start({ language: 'javascript' })
    history.addStep(1, 'look()', '')
    expect(history.text()).toContain('\n```javascript\nlook()\n```\n')
  })
})

describe('the last line of a prompt', () => {
  const lastLine = (
    change: Partial<Limits>,
    use: (budget: ReturnType<typeof budgetOf>) => void = () => {},
  ) => {
    const budget = budgetOf(change)
    use(budget)
    return start().prompt(2, budget, 1, 12.4).split('\n').at(-1)
  }
  const takeSteps = (count: number) => (budget: ReturnType<typeof budgetOf>) => {
    for (let at = 0; at < count; at++) budget.takeStep()
  }
  const hurry = ' The budget is nearly used up: give the answer now with set_final.'

  it('has step, time, sub-calls, depth and tokens', () => {
    const line = lastLine({ max_steps: 8, max_subcalls: 16 }, (budget) => {
      budget.takeStep()
      budget.reserve(0).settle({ inputTokens: 100, outputTokens: 20, costUsd: null })
    })
    expect(line).toBe(
      'Step 2, 7 more after it · 12 s elapsed, 300 s left · 16 sub-calls left, depth 1 · 120 tokens used.',
    )
  })

  it('has what is left of tokens and USD where they are limited', () => {
    const line = lastLine({ max_tokens: 1000, max_usd: 2 }, (budget) =>
      budget.reserve(0, 0).settle({ inputTokens: 100, outputTokens: 20, costUsd: 0.25 }),
    )
    expect(line).toMatch(/ · 120 tokens used, 880 left · \$0\.25 spent, \$1\.75 left\.$/)
  })

  it('has what was spent where it is known but not limited', () => {
    const line = lastLine({}, (budget) =>
      budget.reserve(0).settle({ inputTokens: 1, outputTokens: 0, costUsd: 0.0123 }),
    )
    expect(line).toMatch(/ · 1 tokens used · \$0\.0123 spent\.$/)
  })

  test.each<
    [
      title: string,
      change: Partial<Limits>,
      use: (budget: ReturnType<typeof budgetOf>) => void,
      short: boolean,
    ]
  >([
    ['four of five steps', { max_steps: 5 }, takeSteps(4), false],
    ['five of six steps', { max_steps: 6 }, takeSteps(5), true],
    ['eight of ten sub-calls', { max_subcalls: 10 }, (budget) => budget.takeSubcalls(8), false],
    ['nine of ten sub-calls', { max_subcalls: 10 }, (budget) => budget.takeSubcalls(9), true],
    ['no sub-calls of none', { max_subcalls: 0 }, () => {}, false],
    [
      'nearly all tokens',
      { max_tokens: 1000 },
      (budget) => budget.reserve(0, 0).settle({ inputTokens: 900, outputTokens: 1, costUsd: null }),
      true,
    ],
    [
      'USD',
      { max_usd: 1 },
      (budget) => budget.reserve(0, 0).settle({ inputTokens: 1, outputTokens: 1, costUsd: 0.81 }),
      true,
    ],
    [
      'USD that are not',
      { max_usd: 1 },
      (budget) => budget.reserve(0, 0).settle({ inputTokens: 1, outputTokens: 1, costUsd: 0.79 }),
      false,
    ],
    ['time', { timeout_seconds: 2.5 }, () => {}, true],
  ])('asks for the answer when the budget is nearly used up: %s', (_title, change, use, short) => {
    expect(lastLine(change, use)?.endsWith(hurry)).toBe(short)
  })
})
