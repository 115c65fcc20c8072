import { expect, test } from 'vitest'
import {
  type FlagTable,
  hasSwitch,
  parseFlags,
  peekFlag,
  readChoice,
  readNumber,
  readStringArray,
} from '../../../src/worker/cli/flags.ts'
import { RlmsError } from '../../../src/worker/contract/errors.ts'

const table: FlagTable = { 'output-dir': 'text', task: 'text', context: 'list', resume: 'switch' }
const parse = (...argv: string[]) => parseFlags(argv, table)
const refused = (message: string, fix: string) => new RlmsError('invalid_config', message, fix)

test('texts, lists, switches and other words are told apart, in any order', () => {
  const argv = ['what?', '--context', 'a', '--task', 't', '--resume', '--context=b', 'more', '--output-dir=o']
  expect(parse(...argv)).toEqual({
    values: { task: 't', resume: true, 'output-dir': 'o' },
    lists: { context: ['a', 'b'] },
    positionals: ['what?', 'more'],
  })
  expect(parse()).toEqual({ values: {}, lists: {}, positionals: [] })
})

test('of a text that is given several times the last counts', () => {
  expect(parse('--task', 'a', '--task=b').values).toEqual({ task: 'b' })
})

test.each(['', '-', '--', '--resume', '--task', '-x', 'a=b', '--output-dir=x', ' ', '🙂\n'])(
  'a value may be %j, behind a space and behind an equals sign',
  (value) => {
    expect(parse('--task', value)).toEqual({ values: { task: value }, lists: {}, positionals: [] })
    expect(parse(`--task=${value}`).values).toEqual({ task: value })
    expect(parse('--context', value).lists).toEqual({ context: [value] })
  },
)

test('behind -- nothing is a flag, and every word stays as it is', () => {
  expect(parse('--resume', '--', '--task', 't', '--', '--nonsense')).toEqual({
    values: { resume: true },
    lists: {},
    positionals: ['--task', 't', '--', '--nonsense'],
  })
})

test.each([
  ['that has no value', ['--task'], '--task needs a value', 'See --help.'],
  ['that takes no value', ['--resume=yes'], '--resume takes no value', 'See --help.'],
  ['that is mistyped', ['--outputdir', 'x'], 'there is no flag --outputdir', 'Did you mean --output-dir?'],
  ['that is mistyped, with a value', ['--tsk=x'], 'there is no flag --tsk', 'Did you mean --task?'],
  ['that is like no other', ['--verbose'], 'there is no flag --verbose', 'See --help.'],
  ['of one letter', ['-v'], 'there is no flag -v', 'See --help.'],
  ['that is turned round', ['--no-resume'], 'there is no flag --no-resume', 'Did you mean --resume?'],
  ['that every object has', ['--constructor', 'x'], 'there is no flag --constructor', 'See --help.'],
  ['that every object has at its root', ['--__proto__=x'], 'there is no flag --__proto__', 'See --help.'],
])('a flag %s is refused with what would be right', (_, argv, message, fix) => {
  expect(() => parse(...argv)).toThrow(refused(message, fix))
})

test.each<[argv: string[], value: string | undefined]>([
  [['--nonsense', '--task', 'a'], 'a'],
  [['--task=a', '--task', 'b'], 'b'],
  [['--task='], ''],
  [['--output-dir', '--task', 'a'], undefined],
  [['--', '--task=a'], undefined],
  [['--task'], undefined],
  [[], undefined],
])('of %j, which may be wrong elsewhere, the task is %j', (argv, value) => {
  expect(peekFlag(argv, table, 'task')).toBe(value)
})

test('a switch is found where it is one, not where it is a value', () => {
  expect(hasSwitch(['--nonsense', '--resume'], table, ['--resume'])).toBe(true)
  expect(hasSwitch(['--task', '--resume'], table, ['--resume'])).toBe(false)
  expect(hasSwitch(['-h'], table, ['--help', '-h'])).toBe(true)
})

test.each<[text: string, range: Parameters<typeof readNumber>[2], value: number]>([
  ['0', { min: 0 }, 0],
  ['007', { min: 1 }, 7],
  ['9007199254740991', { min: 0 }, Number.MAX_SAFE_INTEGER],
  ['0.25', { min: 0, whole: false }, 0.25],
  ['5.0', { min: 0 }, 5],
  ['10', { min: 1, max: 10 }, 10],
])('%s is a number', (text, range, value) => {
  expect(readNumber('--n', text, range)).toBe(value)
})

test.each<[text: string, range: Parameters<typeof readNumber>[2], allowed: string]>([
  ['', { min: 0 }, 'a whole number from 0 up'],
  ['-1', { min: 0 }, 'a whole number from 0 up'],
  ['1.5', { min: 0 }, 'a whole number from 0 up'],
  ['9007199254740993', { min: 0 }, 'a whole number from 0 up'],
  ['1e3', { min: 0, whole: false }, 'a number from 0 up'],
  ['.5', { min: 0, whole: false }, 'a number from 0 up'],
  ['NaN', { min: 0, whole: false }, 'a number from 0 up'],
  ['Infinity', { min: 0, whole: false }, 'a number from 0 up'],
  ['0x10', { min: 0 }, 'a whole number from 0 up'],
  [' 1', { min: 0 }, 'a whole number from 0 up'],
  ['1\n', { min: 0 }, 'a whole number from 0 up'],
  ['0', { min: 1, max: 10 }, 'a whole number from 1 to 10'],
  ['11', { min: 1, max: 10 }, 'a whole number from 1 to 10'],
])('%j is refused with the range', (text, range, allowed) => {
  expect(() => readNumber('--n', text, range)).toThrow(
    refused(`--n must be ${allowed}, not ${JSON.stringify(text)}`, 'Correct --n.'),
  )
})

test('a choice is one of those there are', () => {
  expect(readChoice('--mode', 'file', ['stdin', 'file'])).toBe('file')
  for (const text of ['', 'File', 'toString'])
    expect(() => readChoice('--mode', text, ['stdin', 'file'])).toThrow(
      refused(`--mode must be one of stdin, file, not ${JSON.stringify(text)}`, 'Correct --mode.'),
    )
})

test.each<[text: string, value: string[]]>([
  ['["claude","-p"]', ['claude', '-p']],
  [' [ "a b" , "" ]\n', ['a b', '']],
  ['[]', []],
  ['[""]', []],
  ['["",""]', ['', '']],
])('%s is a list', (text, value) => {
  expect(readStringArray('--args', text)).toEqual(value)
})

test.each(['', 'claude', '"claude"', '{}', 'null', '["a",1]', '[["a"]]', "['a']", '["a"'])(
  'a list of %j is refused with how to write one',
  (text) => {
    expect(() => readStringArray('--args', text)).toThrow(
      refused(
        `--args must be a JSON array of strings, not ${JSON.stringify(text)}`,
        `Write it like '["claude","-p"]'.`,
      ),
    )
  },
)

test('of a long text that is no list the beginning is told', () => {
  expect(() => readStringArray('--args', 'x'.repeat(5000))).toThrow(/not "x{200}"$/)
})
