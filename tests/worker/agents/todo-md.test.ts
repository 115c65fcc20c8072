import { expect, test } from 'vitest'
import { parseTodoMd, tickOff } from '../../../src/worker/agents/dev/todo-md.ts'

const content = `# Project

- [ ] before any section
## Parser ##
- [x] **Read files**: done
- [X] done too
- [ ] **Keep comments**: they are lost
  also those at the end

  - a detail
* [ ] Count: lines
some prose
  that is indented
\`\`\`
- [ ] an example, and no task
# nor a heading
\`\`\`
### Later
  + [ ] **Speed** — less copying
    - [ ] a part of it
`

test('open tasks are read with their section, line and what stands below them', () => {
  expect(parseTodoMd(content)).toEqual([
    {
      title: 'before any section',
      description: '',
      section: 'Project',
      lineNumber: 3,
      rawLine: '- [ ] before any section',
    },
    {
      title: 'Keep comments',
      description: 'they are lost\nalso those at the end\n- a detail',
      section: 'Parser',
      lineNumber: 7,
      rawLine: '- [ ] **Keep comments**: they are lost',
    },
    {
      title: 'Count: lines',
      description: '',
      section: 'Parser',
      lineNumber: 11,
      rawLine: '* [ ] Count: lines',
    },
    {
      title: 'Speed',
      description: 'less copying',
      section: 'Later',
      lineNumber: 19,
      rawLine: '  + [ ] **Speed** — less copying',
    },
    {
      title: 'a part of it',
      description: '',
      section: 'Later',
      lineNumber: 20,
      rawLine: '    - [ ] a part of it',
    },
  ])
})

test('a file without tasks, and one with other line ends', () => {
  expect(parseTodoMd('')).toEqual([])
  expect(parseTodoMd('# A\r\n- [ ] b\r\n')).toMatchObject([{ title: 'b', section: 'A', rawLine: '- [ ] b' }])
})

test('a task is ticked where it stands, also when lines before it came or went, and nothing else changes', () => {
  const [, task] = parseTodoMd(content)
  const ticked = content.replace('- [ ] **Keep', '- [x] **Keep')
  expect(tickOff(content, task!)).toBe(ticked)
  expect(tickOff(`new\n${content}`, task!)).toBe(`new\n${ticked}`)
  expect(tickOff('- [ ] another\n', task!)).toBe('- [ ] another\n')
  const [windows] = parseTodoMd('- [ ] b\r\n')
  expect(tickOff('- [ ] b\r\n', windows!)).toBe('- [x] b\r\n')
})
