import { describe, expect, it, test } from 'vitest'
import { extractCode } from '../../../src/worker/rlm/code-blocks.ts'

const fenced = (code: string) => ({ code, fenced: true })
const bare = (code: string) => ({ code, fenced: false })

describe('one fenced block', () => {
  test.each<[title: string, reply: string, code: string]>([
    ['tagged python', '```python\nx = 1\nprint(x)\n```', 'x = 1\nprint(x)'],
    ['without a tag', '```\nx = 1\n```', 'x = 1'],
    ['of a tag nobody knows', '```starlark\nx = 1\n```', 'x = 1'],
    ['tagged text, when it is the only one', '```text\nx = 1\n```', 'x = 1'],
    ['with a tag in capitals', '```Python\nx = 1\n```', 'x = 1'],
    ['with words behind the tag', '```python title="look.py" {1,2}\nx = 1\n```', 'x = 1'],
    ['with a tag in braces', '```{python}\nx = 1\n```', 'x = 1'],
    ['with a blank before the tag', '``` python\nx = 1\n```', 'x = 1'],
    ['of tildes', '~~~python\nx = 1\n~~~', 'x = 1'],
    ['of tildes, with backticks on a line', '~~~python\n```\n~~~', '```'],
    ['of a longer fence, with a shorter one inside', '````python\n```\nx\n```\n````', '```\nx\n```'],
    ['closed by a longer fence', '```python\nx = 1\n`````', 'x = 1'],
    ['closed by a fence with blanks around it', '```python\nx = 1\n  ```  ', 'x = 1'],
    ['indented as a list item', '1. Look:\n\n   ```python\n   if x:\n     y()\n   ```', 'if x:\n  y()'],
    ['indented by a tab', '\t```python\n\tx = 1\n\t```', 'x = 1'],
    ['indented more than some of its lines', '  ```python\n  a = 1\nb = 2\n  ```', 'a = 1\nb = 2'],
    ['with line ends of Windows', 'Look:\r\n```python\r\nx = 1\r\ny = 2\r\n```\r\n', 'x = 1\ny = 2'],
    ['with line ends of an old Mac', '```python\rx = 1\r```\r', 'x = 1'],
    ['that was never closed', 'Look:\n```python\nx = 1\ny = 2', 'x = 1\ny = 2'],
    ['with prose before and behind', 'I look first.\n```python\nx = 1\n```\nThen I answer.', 'x = 1'],
    ['with blank lines at its ends', '```python\n\nx = 1\n\n```', '\nx = 1\n'],
    ['without a line', '```python\n```', ''],
  ])('%s gives its lines', (_title, reply, code) => {
    expect(extractCode(reply)).toEqual(fenced(code))
  })
})

describe('a fence inside a string', () => {
  test.each<[title: string, code: string]>([
    ['of three double quotes', 'text = """\n```\nnot the end\n```\n"""\nprint(text)'],
    ['of three single quotes', "text = '''\n```\n'''\nprint(text)"],
    ['with an escaped quote in it', 'text = """\\"""\n```\n"""\nprint(text)'],
    ['with the other kind of quotes in it', 'text = """\'\'\'\n```\n"""\nprint(text)'],
    ['that begins behind another string', 's = "a # b"; text = """\n```\n"""'],
    ['that begins behind a closed one of its kind', 's = """one"""; text = """\n```\n"""'],
    ['with a tag', 'prompt = """\n```python\nx\n```\n"""'],
  ])('%s does not end the block', (_title, code) => {
    expect(extractCode(`Look:\n\`\`\`python\n${code}\n\`\`\`\nDone.`)).toEqual(fenced(code))
  })

  test.each<[title: string, code: string]>([
    ['a comment', 'x = 1  # the """ of a docstring'],
    ['a string of one line', 'x = "it\'s" + \'"""\''],
    ['an escaped quote', "x = 'it\\'s'"],
    ['an apostrophe without an end', "x = don't"],
  ])('quotes in %s open no string', (_title, code) => {
    const reply = `\`\`\`python\n${code}\n\`\`\`\nNow the docstring """ is done.\n\`\`\`python\nnext()\n\`\`\``
    expect(extractCode(reply)).toEqual(fenced(`${code}\nnext()`))
  })

  it('ends the block where the string has no end', () => {
    expect(extractCode('```python\ntext = """\nx\n```\nprose')).toEqual(fenced('text = """\nx'))
  })
})

describe('several blocks', () => {
  it('are joined in their order', () => {
    const reply = 'First:\n```python\na = 1\n```\nthen\n```py\nb = 2\n```\nand\n```\nc = 3\n```'
    expect(extractCode(reply)).toEqual(fenced('a = 1\nb = 2\nc = 3'))
  })

  it.each(['json', 'text', 'bash', 'output', 'markdown'])('leave out one of %s beside code', (tag) => {
    const reply = `\`\`\`${tag}\n{"a": 1}\n\`\`\`\n\`\`\`python\nx = 1\n\`\`\`\n\`\`\`${tag}\n[]\n\`\`\``
    expect(extractCode(reply)).toEqual(fenced('x = 1'))
  })

  it.each(['python', 'python3', 'py', 'repl', 'javascript', 'js', 'code', 'tool_code', 'Python', 'JS', ''])(
    'keep one tagged "%s" beside json',
    (tag) => {
      expect(extractCode(`\`\`\`json\n{}\n\`\`\`\n\`\`\`${tag}\nx = 1\n\`\`\``)).toEqual(fenced('x = 1'))
    },
  )

  it('of tags that are no code are all kept when nothing is code', () => {
    expect(extractCode('```json\n{}\n```\n```yaml\na: 1\n```')).toEqual(fenced('{}\na: 1'))
  })

  it('of both kinds of fences are joined', () => {
    expect(extractCode('~~~python\na\n~~~\n```python\nb\n```')).toEqual(fenced('a\nb'))
  })
})

describe('a reply without a fence', () => {
  test.each<[title: string, reply: string, code: string]>([
    ['is code as it stands', 'x = 1\nprint(x)', 'x = 1\nprint(x)'],
    ['loses the blanks around it', '\n  set_final(1)\n\n', 'set_final(1)'],
    ['keeps its inner indentation', 'if x:\n    y()', 'if x:\n    y()'],
    ['loses carriage returns', 'a = 1\r\nb = 2\r\n', 'a = 1\nb = 2'],
    [
      'may have backticks within a line',
      'Use `print(1)` or ```print(2)``` here',
      'Use `print(1)` or ```print(2)``` here',
    ],
    ['may be empty', '', ''],
    ['may be blank', ' \n\t ', ''],
    ['of two backticks is bare', '``\nx\n``', '``\nx\n``'],
  ])('%s', (_title, reply, code) => {
    expect(extractCode(reply)).toEqual(bare(code))
  })
})

describe('what a model thinks aloud', () => {
  test.each<[title: string, reply: string, expected: { code: string; fenced: boolean }]>([
    ['is no code', '<think>```python\ndraft()\n```</think>\n```python\nx = 1\n```', fenced('x = 1')],
    ['is no code in the longer tag', '<thinking>\n```\ndraft()\n```\n</thinking>\n```\nx\n```', fenced('x')],
    ['is dropped behind blanks', '\n <think>a</think>x = 1', bare('x = 1')],
    ['is dropped from a bare reply', '<think>hm</think>\nx = 1', bare('x = 1')],
    [
      'is kept where it is part of the code',
      '```\nx = "<think>a</think>"\n```',
      fenced('x = "<think>a</think>"'),
    ],
    ['ends at its first closing tag', '<think>a</think>\n```\nx\n```\n</think>', fenced('x')],
  ])('%s', (_title, reply, expected) => {
    expect(extractCode(reply)).toEqual(expected)
  })
})
