import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { modelRequest, rlmsErrorOf } from '../helpers/model-request.ts'
import { programModel } from '../helpers/program-model.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const oddPrompt = 'It\'s "odd": $HOME `id` \\ %s {repo} {model}\r\n\t🙂 Größe\u2028end, no newline'
// Prints its arguments one a line in brackets, then its standard input.
const echo = 'for a in "$@"; do printf "[%s]\\n" "$a"; done; printf "stdin:"; cat'

test('stdin: the prompt arrives on standard input, byte for byte, and standard input ends', async () => {
  const { model } = programModel('cat')
  expect((await model.complete(modelRequest({ prompt: oddPrompt }))).text).toBe(oddPrompt)
})

test('arg: the prompt is the last argument, byte for byte, and standard input is at its end', async () => {
  const { model } = programModel(echo, ['-p', 'x'], { promptMode: 'arg' })
  const { text } = await model.complete(modelRequest({ prompt: oddPrompt }))
  expect(text).toBe(`[-p]\n[x]\n[${oddPrompt}]\nstdin:`)
})

test('file: the prompt stands in {prompt_file}, byte for byte, and standard input is at its end', async () => {
  const { model } = programModel('cat "$2"; printf "stdin:"; cat', ['-f', '{prompt_file}'], {
    promptMode: 'file',
  })
  expect((await model.complete(modelRequest({ prompt: oddPrompt }))).text).toBe(`${oddPrompt}stdin:`)
})

test.each(['stdin', 'arg', 'file'] as const)('%s: an empty prompt is a prompt', async (promptMode) => {
  const { model } = programModel('wc -c', [], { promptMode })
  expect((await model.complete(modelRequest({ prompt: '' }))).text.trim()).toBe('0')
})

test('stdin: a prompt of megabytes arrives whole', async () => {
  const { model } = programModel('wc -c')
  const { text } = await model.complete(modelRequest({ prompt: 'x'.repeat(5_000_000) }))
  expect(text.trim()).toBe('5000000')
})

test.each([
  ['of 100 kB is an argument', 'x'.repeat(100_000), 1],
  ['above 100 kB goes through standard input', 'x'.repeat(100_001), 0],
  ['counts in bytes, not in characters', '€'.repeat(40_000), 0],
  ['that holds a NUL goes through standard input', 'a\0b', 0],
])('arg: a prompt %s', async (_, prompt, byArgument) => {
  const { model } = programModel('printf "%s %s" $# "$(wc -c)"', [], { promptMode: 'arg' })
  const { text } = await model.complete(modelRequest({ prompt }))
  const throughStdin = byArgument ? 0 : Buffer.byteLength(prompt)
  expect(text.trim().split(/\s+/).map(Number)).toEqual([byArgument, throughStdin])
})

test('placeholders are replaced in every element, several times, and no other text is', async () => {
  const args = [
    '{repo}|{repo}',
    '--model={model}',
    '{other}',
    '$1 $& \\1 {',
    '{prompt_file}',
    '{last_message_file}',
  ]
  const { model, repo, callsDir } = programModel(echo, args, { model: 'odd $& {repo}' })
  const { text } = await model.complete(modelRequest({ id: 'r.7', prompt: '' }))
  const call = join(callsDir, 'r.7')
  const shown = [
    `${repo}|${repo}`,
    '--model=odd $& {repo}',
    '{other}',
    '$1 $& \\1 {',
    `${call}/prompt`,
    `${call}/last_message`,
  ]
  expect(text).toBe(`${shown.map((arg) => `[${arg}]\n`).join('')}stdin:`)
})

test('the program itself may be named by a placeholder', async () => {
  const { model } = programModel('echo here', [], { argv: ['{repo}/bin/agent'] })
  expect((await model.complete(modelRequest())).text).toBe('here\n')
})

test('{model} where no model is named is refused before anything runs', async () => {
  const { model, callsDir } = programModel('echo here', ['-m', '{model}'])
  const error = await rlmsErrorOf(model.complete(modelRequest()))
  expect(error).toMatchObject({
    code: 'invalid_config',
    message: 'the command uses {model}, but no model is named: ./bin/agent -m {model}',
    fix: 'Name one with --root-model or --subcall-model, or write it into the command.',
  })
  expect(existsSync(callsDir)).toBe(false)
})

test('the program runs in the repository, in a process group of its own', async () => {
  const { model, repo } = programModel('pwd -P; ps -o pgid= -p $$')
  const [cwd, group] = (await model.complete(modelRequest())).text.split('\n')
  const ownGroup = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')[2]
  expect(cwd).toBe(realpathSync(repo))
  expect(Number(group)).not.toBe(Number(ownGroup))
})

test("the program has our environment, the vector's variables above it", async () => {
  vi.stubEnv('RLMS_TEST_OURS', 'ours')
  vi.stubEnv('RLMS_TEST_BOTH', 'ours')
  const { model } = programModel('echo "$RLMS_TEST_OURS $RLMS_TEST_BOTH"', [], {
    env: { RLMS_TEST_BOTH: 'preset' },
  })
  expect((await model.complete(modelRequest())).text).toBe('ours preset\n')
})

test('the program gets the certificates back that scripts/rlms keeps from our own start', async () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '')
  vi.stubEnv('SUPERLOOP_NODE_EXTRA_CA_CERTS', '/etc/company.pem')
  const { model } = programModel('echo "$NODE_EXTRA_CA_CERTS"')
  expect((await model.complete(modelRequest())).text).toBe('/etc/company.pem\n')
})

test('plain text tells no usage: it is estimated at four characters a token, without a price', async () => {
  const { model } = programModel('cat >/dev/null; printf 123456789')
  const reply = await model.complete(modelRequest({ prompt: 'x'.repeat(41) }))
  expect(reply).toEqual({ text: '123456789', usage: { inputTokens: 11, outputTokens: 3, costUsd: null } })
})

const claudeSays =
  '{"type":"result","is_error":false,"result":"on stdout","usage":{"input_tokens":12,"output_tokens":3},"total_cost_usd":0.5}'

test.each([
  ['wins over standard output, whose usage still counts', 'printf "from the file" >"$1"', 'from the file'],
  ['that is blank is none', 'printf " \\n" >"$1"', 'on stdout'],
  ['that was not written is none', ':', 'on stdout'],
])('a last-message file %s', async (_, write, answer) => {
  const { model } = programModel(`${write}; echo '${claudeSays}'`, ['{last_message_file}'])
  const reply = await model.complete(modelRequest())
  expect(reply).toEqual({ text: answer, usage: { inputTokens: 12, outputTokens: 3, costUsd: 0.5 } })
})

test('a call keeps its folder, for its owner only, until it is settled', async () => {
  const { model, callsDir } = programModel('cat')
  const request = modelRequest({ id: 'r.3f2a.1', prompt: 'Well?' })
  await model.complete(request)
  const folder = join(callsDir, 'r.3f2a.1')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(readFileSync(join(folder, 'prompt'), 'utf8')).toBe('Well?')
  model.settled?.(request)
  expect(existsSync(folder)).toBe(false)
})

test('many calls at once do not get into each other’s way', async () => {
  const { model } = programModel('cat')
  const prompts = Array.from({ length: 12 }, (_, at) => `question ${at}`)
  const replies = prompts.map((prompt, at) => model.complete(modelRequest({ prompt, id: `r.${at}` })))
  expect((await Promise.all(replies)).map(({ text }) => text)).toEqual(prompts)
})
