import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createModel } from '../../../src/worker/models/create-model.ts'
import { fakeProgram } from '../helpers/fake-program.ts'
import { modelFailureOf, modelRequest, rlmsErrorOf } from '../helpers/model-request.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

function create(argv: readonly string[], model: string | null = null, repo = temporaryFolder()) {
  const surroundings = { repo, callsDir: join(temporaryFolder(), 'calls') }
  return createModel({ argv, promptMode: 'stdin', model }, surroundings)
}

const invalid = (argv: readonly string[]) => rlmsErrorOf(create(argv))

test('an empty vector is refused', async () => {
  expect(await invalid([])).toMatchObject({ code: 'invalid_config', message: 'a model command is empty' })
})

test('a built-in name that does not exist is refused with those that do', async () => {
  expect(await invalid(['rlms:clod'])).toMatchObject({
    code: 'invalid_config',
    message:
      'there is no built-in model "rlms:clod"; there are rlms:offline, rlms:scripted, rlms:http, rlms:anthropic, rlms:claude, rlms:codex, rlms:opencode, rlms:gemini',
  })
})

test('a scripted model without a file is refused with how to name one', async () => {
  expect(await invalid(['rlms:scripted'])).toMatchObject({
    code: 'invalid_config',
    message: 'rlms:scripted needs the file with its replies: ["rlms:scripted", FILE]',
  })
})

test.each([
  ['without a URL', ['rlms:http']],
  ['with something that is no URL', ['rlms:http', 'localhost', 'qwen3']],
  ['with a URL of another kind', ['rlms:http', 'ftp://127.0.0.1/v1', 'qwen3']],
  ['with a URL whose password cannot be read', ['rlms:http', 'http://a:%zz@127.0.0.1/v1', 'qwen3']],
  ['without a model', ['rlms:http', 'http://127.0.0.1:9/v1']],
])('an HTTP model %s is refused with how to name one', async (_, argv) => {
  expect(await invalid(argv)).toMatchObject({
    code: 'invalid_config',
    message: 'rlms:http needs a base URL and a model: ["rlms:http", "http://127.0.0.1:11434/v1", "qwen3"]',
  })
})

test('each built-in model is made by its name', async () => {
  const script = join(temporaryFolder(), 'script')
  writeFileSync(script, 'x')
  const url = 'http://127.0.0.1:9/v1'
  const made = {
    offline: await create(['rlms:offline']),
    scripted: await create(['rlms:scripted', script]),
    'qwen3 at 127.0.0.1:9': await create(['rlms:http', url, 'qwen3']),
    'gpt at 127.0.0.1:9': await create(['rlms:http', url], 'gpt'),
    claude: await create(['rlms:claude']),
    codex: await create(['rlms:codex']),
    opencode: await create(['rlms:opencode']),
    gemini: await create(['rlms:gemini']),
  }
  for (const [name, model] of Object.entries(made)) expect(model.name).toBe(name)
})

test.each([
  ['my-agent', 'my-agent'],
  ['/opt/tools/my-agent', 'my-agent'],
  ['./bin/my-agent', 'my-agent'],
  ['toString', 'toString'],
])('any other word is a program: %s is called %s', async (program, name) => {
  expect((await create([program, '-p'])).name).toBe(name)
})

// What each program prints for the answer “Yes.”, in its own format.
const printed = {
  claude:
    '{"type":"result","is_error":false,"result":"Yes.","total_cost_usd":0.25,"usage":{"input_tokens":7,"output_tokens":2}}',
  codex:
    '{"type":"thread.started"}\n{"type":"item.completed","item":{"type":"agent_message","text":"Yes."}}\n{"type":"turn.completed","usage":{"input_tokens":7,"output_tokens":2}}',
  opencode:
    '{"type":"text","sessionID":"s","part":{"text":"Yes."}}\n{"type":"step_finish","sessionID":"s","part":{"reason":"stop","cost":0.25,"tokens":{"input":7,"output":2}}}',
  gemini:
    '{"session_id":"s","response":"Yes.","stats":{"models":{"m":{"tokens":{"input":7,"prompt":7,"candidates":2}}}}}',
}

test.each(['claude', 'codex', 'opencode', 'gemini'] as const)(
  '%s is run from the PATH with its preset, gets the prompt on standard input, and its output is understood',
  async (name) => {
    const folder = temporaryFolder()
    const record = 'printf "%s\\n" "$@" >"$OUT/argv"; env >"$OUT/env"; cat >"$OUT/stdin"'
    fakeProgram(folder, name, `${record}\ncat <<'E'\n${printed[name]}\nE`)
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`)
    vi.stubEnv('OUT', folder)
    const model = await create([`rlms:${name}`, '--verbose'], 'small')
    const reply = await model.complete(modelRequest({ prompt: 'Well?' }))
    const costUsd = name === 'claude' || name === 'opencode' ? 0.25 : null
    expect(reply).toEqual({ text: 'Yes.', usage: { inputTokens: 7, outputTokens: 2, costUsd } })
    expect(readFileSync(join(folder, 'stdin'), 'utf8')).toBe('Well?')
    const argv = readFileSync(join(folder, 'argv'), 'utf8').split('\n')
    expect(argv[argv.indexOf(name === 'claude' ? '--model' : '-m') + 1]).toBe('small')
    expect(argv).toContain('--verbose')
    const variable = {
      claude: 'CLAUDE_CODE_MAX_RETRIES=0',
      codex: 'PATH=',
      opencode: '"agent":{"ask":',
      gemini: 'GEMINI_SYSTEM_MD=/',
    }
    expect(readFileSync(join(folder, 'env'), 'utf8')).toContain(variable[name])
  },
)

test('an empty answer is a failure for code that asked, and a reply for the root loop', async () => {
  const repo = temporaryFolder()
  fakeProgram(repo, 'agent', 'echo')
  const model = await create(['./agent'], null, repo)
  const failure = await modelFailureOf(model.complete(modelRequest({ purpose: 'sub', id: 'a' })))
  expect(failure).toMatchObject({
    message: 'agent gave an empty answer',
    retryable: false,
    usage: { outputTokens: 1 },
  })
  expect((await model.complete(modelRequest({ purpose: 'root', id: 'b' }))).text).toBe('\n')
})

test('a program that meets a rate limit is asked again', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const repo = temporaryFolder()
  fakeProgram(
    repo,
    'agent',
    'echo x >>starts; [ "$(wc -l <starts)" -gt 2 ] && exec cat; echo "429, retry-after: 0" >&2; exit 1',
  )
  const model = await create(['./agent'], null, repo)
  expect((await model.complete(modelRequest({ prompt: 'Well?' }))).text).toBe('Well?')
  expect(readFileSync(join(repo, 'starts'), 'utf8')).toBe('x\nx\nx\n')
  vi.restoreAllMocks()
})
