import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chooseModel, findAgentProgram } from '../../../src/worker/cli/model-choice.ts'
import { fakeProgram } from '../helpers/fake-program.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const named = { mine: 'claude:opus', again: 'mine', circle: 'circle', list: '["x","-p"]' }
const vectorOf = (word: string, env: NodeJS.ProcessEnv = {}) => chooseModel(word, { named, env }).argv

test.each<[word: string, vector: string[], env?: NodeJS.ProcessEnv]>([
  ['claude', ['rlms:claude']],
  ['gemini:gemini-2.5-pro', ['rlms:gemini', '--model', 'gemini-2.5-pro']],
  ['opencode:prov/a:b', ['rlms:opencode', '--model', 'prov/a:b']],
  ['offline', ['rlms:offline']],
  ['rlms:scripted', ['rlms:scripted']],
  ['["rlms:scripted", "f.json"]', ['rlms:scripted', 'f.json']],
  ['mine', ['rlms:claude', '--model', 'opus']],
  ['again', ['rlms:claude', '--model', 'opus']],
  ['list', ['x', '-p']],
  ['http://127.0.0.1:8080/v1#qwen3', ['rlms:http', 'http://127.0.0.1:8080/v1', 'qwen3']],
  ['https://llm.example.com/v1#a#b', ['rlms:http', 'https://llm.example.com/v1#a', 'b']],
  ['openai:gpt-5', ['rlms:http', 'https://api.openai.com/v1', 'gpt-5']],
  ['openai:gpt-5', ['rlms:http', 'http://x/v1', 'gpt-5'], { OPENAI_BASE_URL: 'http://x/v1' }],
  ['anthropic:claude-opus-4-5', ['rlms:anthropic', 'https://api.anthropic.com', 'claude-opus-4-5']],
  ['anthropic:m', ['rlms:anthropic', 'http://x', 'm'], { ANTHROPIC_BASE_URL: 'http://x' }],
  ['ollama:qwen3:8b', ['rlms:http', 'http://127.0.0.1:11434/v1', 'qwen3:8b']],
  ['ollama:qwen3', ['rlms:http', 'http://gpu:11434/v1', 'qwen3'], { OLLAMA_HOST: 'gpu:11434' }],
])('%s stands for %j', (word, vector, env) => {
  expect(vectorOf(word, env)).toEqual(vector)
})

test('any program that is there is a model', () => {
  const program = fakeProgram(temporaryFolder(), 'own', 'echo hello')
  expect(vectorOf(program)).toEqual([program])
})

test.each([
  ['claud', 'Did you mean claude?'],
  ['gemni:pro', 'Did you mean gemini:pro?'],
  ['min', 'Did you mean mine?'],
  ['opnai:gpt-5', 'Did you mean openai:gpt-5?'],
  [
    'nothing-like-it',
    'Name one of claude, codex, opencode, gemini, offline, mine, again, circle, list, an API',
  ],
])('%s is refused: %s', (word, fix) => {
  try {
    vectorOf(word)
    expect.fail('it was taken')
  } catch (error) {
    expect(error).toMatchObject({
      message: `--model: there is no model or program ${JSON.stringify(word)}`,
      fix: expect.stringContaining(fix) as string,
    })
  }
})

test('a name that stands for itself is none', () => {
  expect(() => vectorOf('circle')).toThrow('models.circle: there is no model or program "circle"')
})

test('a URL without a model is told how to name one', () => {
  expect(() => vectorOf('http://127.0.0.1:1/v1')).toThrow('http://127.0.0.1:1/v1 names no model')
})

test('the first agent program on the PATH is found, in the order of the presets', () => {
  const folder = temporaryFolder()
  expect(findAgentProgram({ PATH: folder })).toBeUndefined()
  expect(findAgentProgram({ PATH: join(folder, 'none') })).toBeUndefined()
})
