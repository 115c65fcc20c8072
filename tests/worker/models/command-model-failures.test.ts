import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { createCommandModel } from '../../../src/worker/models/command-model.ts'
import { fakeProgram } from '../helpers/fake-program.ts'
import { modelFailureOf, modelRequest, rlmsErrorOf } from '../helpers/model-request.ts'
import { programModel } from '../helpers/program-model.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const failureOf = (script: string) => modelFailureOf(programModel(script).model.complete(modelRequest()))

test.each([
  [
    'its standard error',
    'echo partial; echo "boom:  it\n broke" >&2; exit 3',
    'agent failed (exit status 3): boom: it broke',
  ],
  [
    'its standard output where it said nothing else',
    'echo no login; exit 1',
    'agent failed (exit status 1): no login',
  ],
  ['that it said nothing', 'exit 41', 'agent failed (exit status 41): it printed nothing'],
  ['a status that means no program', 'exit 127', 'agent failed (exit status 127): it printed nothing'],
])('a program that fails is told with %s', async (_, script, message) => {
  expect(await failureOf(script)).toMatchObject({
    code: 'model_invocation_failed',
    message,
    retryable: false,
  })
})

test('a program that a signal ended is told with that signal', async () => {
  const { message } = await failureOf('kill -9 $$')
  expect(message).toMatch(/^agent failed \(exit status 137, perhaps signal 9\): /)
})

test('of much standard error the end is told, where the reason stands', async () => {
  const { message } = await failureOf('seq 1 2000 >&2; echo "fatal: the quota is used up" >&2; exit 1')
  expect(message).toMatch(/fatal: the quota is used up$/)
  expect(message.length).toBeLessThan(600)
})

test('of one long line of standard error as much is told as fits', async () => {
  const { message } = await failureOf('printf "x%.0s" $(seq 1 5000) >&2; exit 1')
  expect(message).toMatch(/^agent failed \(exit status 1\): .*x{100}/)
  expect(message.length).toBeLessThan(600)
})

test.each([
  ['HTTP 429 Too Many Requests, retry-after: 3', true, 3000],
  ['503 Service Unavailable', true, null],
  ['401 Unauthorized', false, null],
])('“%s” on standard error: asked again: %s, after %s ms', async (said, retryable, retryAfterMs) => {
  expect(await failureOf(`echo "${said}" >&2; exit 1`)).toMatchObject({ retryable, retryAfterMs })
})

const claude = (fields: object) => JSON.stringify({ type: 'result', is_error: false, result: 'x', ...fields })

test('an answer that is flagged as an error is a failure although the exit status is 0', async () => {
  const said = claude({
    is_error: true,
    api_error_status: 429,
    result: 'API Error: 429\nslow down',
    total_cost_usd: 0.1,
    usage: { input_tokens: 9, output_tokens: 1 },
  })
  expect(await failureOf(`cat <<'E'\n${said}\nE\necho "retry-after: 2" >&2`)).toMatchObject({
    message: 'agent answered with an error: API Error: 429 slow down',
    retryable: true,
    retryAfterMs: 2000,
    usage: { inputTokens: 9, outputTokens: 1, costUsd: 0.1 },
  })
})

test('an answer that is flagged as an error wins over the last-message file', async () => {
  const script = `echo half >"$1"; echo '${claude({ is_error: true, result: 'cut' })}'`
  const { model } = programModel(script, ['{last_message_file}'])
  expect((await modelFailureOf(model.complete(modelRequest()))).message).toBe(
    'agent answered with an error: cut',
  )
})

test('a good answer with a bad exit status is a failure that tells what it cost', async () => {
  const said = claude({ usage: { input_tokens: 9, output_tokens: 1 } })
  expect(await failureOf(`echo '${said}'; echo "hook failed" >&2; exit 1`)).toMatchObject({
    message: 'agent failed (exit status 1): hook failed',
    usage: { inputTokens: 9, outputTokens: 1 },
  })
})

test('Gemini’s error, which stands on standard error with a status of its own, is understood', async () => {
  const said = { session_id: 's', error: { type: 'Error', message: '[API Error: slow down]', code: 429 } }
  const script = `echo "Loaded cached credentials." >&2\ncat >&2 <<'E'\n${JSON.stringify(said, null, 2)}\nE\nexit 173`
  expect(await failureOf(script)).toMatchObject({
    message: 'agent answered with an error: [API Error: slow down]',
    retryable: true,
  })
})

function modelOf(program: string, repo: string, callsDir = join(temporaryFolder(), 'calls')) {
  const vector = { argv: [program] as const, promptMode: 'stdin' as const, model: null, env: {} }
  return createCommandModel({ name: 'agent', vector, repo, callsDir })
}

test.each([
  ['on the PATH', 'no-such-agent-program'],
  ['below the repository', './bin/none'],
  ['at an absolute path', '/nowhere/at/all'],
])('a program that is not there, %s, is told by its name, with what to do', async (_, program) => {
  const callsDir = join(temporaryFolder(), 'calls')
  const failure = await modelFailureOf(modelOf(program, temporaryFolder(), callsDir).complete(modelRequest()))
  expect(failure).toMatchObject({
    message: `agent: there is no program "${program}"`,
    fix: `Install ${program}, or correct the command.`,
    retryable: false,
  })
  expect(existsSync(callsDir)).toBe(false)
})

test('a folder, and a file that may not be executed, are no program', async () => {
  const repo = temporaryFolder()
  mkdirSync(join(repo, 'folder'))
  chmodSync(fakeProgram(repo, 'plain', 'echo x'), 0o644)
  for (const program of ['./folder', './plain'])
    expect((await modelFailureOf(modelOf(program, repo).complete(modelRequest()))).message).toBe(
      `agent: there is no program "${program}"`,
    )
})

test('a program path counts from the repository, also where that is given relative to the working directory', async () => {
  const repo = join(temporaryFolder(), 'some', 'repository')
  fakeProgram(repo, 'tools/agent', 'cat')
  for (const given of [repo, relative(process.cwd(), repo)]) {
    const reply = await modelOf('tools/agent', given).complete(modelRequest({ prompt: 'Well?' }))
    expect(reply.text).toBe('Well?')
  }
})

test('the folder of the calls may be given relative to the working directory', async () => {
  const repo = join(temporaryFolder(), 'some', 'repository')
  fakeProgram(repo, 'agent', 'cat "$1"; echo noise >&2; exit 3')
  const callsDir = relative(process.cwd(), join(temporaryFolder(), 'some', 'out', 'calls'))
  const vector = {
    argv: ['./agent', '{prompt_file}'] as const,
    promptMode: 'file' as const,
    model: null,
    env: {},
  }
  const model = createCommandModel({ name: 'agent', vector, repo, callsDir })
  const failure = await modelFailureOf(model.complete(modelRequest({ prompt: 'Well?' })))
  expect(failure.message).toBe('agent failed (exit status 3): noise')
})

test('a repository is named to the program by its whole path', async () => {
  const repo = temporaryFolder()
  const callsDir = join(temporaryFolder(), 'calls')
  const vector = { argv: ['echo', '{repo}'] as const, promptMode: 'stdin' as const, model: null, env: {} }
  const model = createCommandModel({ name: 'agent', vector, repo: relative(process.cwd(), repo), callsDir })
  expect((await model.complete(modelRequest())).text).toBe(`${repo}\n`)
})

test('a repository that is not there, or no folder, is told by its name', async () => {
  const folder = temporaryFolder()
  for (const repo of [join(folder, 'none'), fakeProgram(folder, 'file', ':')]) {
    const error = await rlmsErrorOf(modelOf('cat', repo).complete(modelRequest()))
    expect(error).toMatchObject({
      code: 'invalid_config',
      message: `the repository ${repo} is no folder`,
      fix: 'Correct --repo.',
    })
  }
})

test('a command line that the system refuses is a failure of the model', async () => {
  const { model } = programModel('cat', ['x'.repeat(200_000)])
  const { message } = await modelFailureOf(model.complete(modelRequest()))
  expect(message).toMatch(/^agent cannot be started: spawn E2BIG/)
})
