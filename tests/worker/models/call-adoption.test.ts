// A worker is killed while its model program runs. The next one finds the call's folder: what was asked is not asked twice.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { callFolder, discardProgram } from '../../../src/worker/models/call-folder.ts'
import { retrying } from '../../../src/worker/models/retrying.ts'
import { modelFailureOf, modelRequest, rejectionOf, rlmsErrorOf } from '../helpers/model-request.ts'
import { isAlive, nodeProgram, waitFor, waitForPid, waitUntilGone } from '../helpers/processes.ts'
import { agent, programModel } from '../helpers/program-model.ts'

const request = modelRequest({ id: 'r.question.1', prompt: 'Well?' })

/** Each start is noted; it goes on when the file `go` is there, and ends when its folder is not. */
const working = 'echo $$ >program; echo x >>starts; while [ -e starts ] && [ ! -e go ]; do sleep 0.02; done'

/** Starts a worker that asks, and kills it when its program is up. */
async function killWorker(end: string) {
  const made = programModel(`${working}; ${end}`)
  const at = (name: string) => join(made.repo, name)
  const folder = callFolder(join(made.callsDir, request.id))
  const worker = nodeProgram(`
    import { createCommandModel } from './models/command-model.ts'
    const [repo, callsDir, id, prompt] = process.argv.slice(2)
    const vector = { argv: [${JSON.stringify(agent)}], promptMode: 'stdin', model: null, env: {} }
    await createCommandModel({ name: 'agent', vector, repo, callsDir })
      .complete({ id, prompt, purpose: 'sub', task: '', language: 'python', sequence: 0, signal: new AbortController().signal })`)
  const argv = [worker, made.repo, made.callsDir, request.id, request.prompt]
  const child = spawn(process.execPath, argv, { stdio: 'ignore' })
  const program = await waitForPid(at('program'))
  await waitFor('the start to be noted', () => existsSync(at('starts')))
  child.kill('SIGKILL')
  await once(child, 'exit')
  onTestFinished(() => discardProgram(folder))
  return {
    ...made,
    folder,
    program,
    noteTaker: Number(readFileSync(join(folder.path, 'pid'), 'utf8')),
    letGo: () => writeFileSync(at('go'), ''),
    ended: () => waitFor('the exit status to be noted', () => existsSync(join(folder.path, 'exit'))),
    starts: () => readFileSync(at('starts'), 'utf8').length / 2,
  }
}

test('the program survives its worker', async () => {
  const { program } = await killWorker('exit 0')
  expect(isAlive(program)).toBe(true)
})

test('a program that has answered meanwhile is not asked again, and its folder goes when that is settled', async () => {
  const { model, letGo, ended, starts, folder } = await killWorker('cat')
  letGo()
  await ended()
  expect((await model.complete(request)).text).toBe('Well?')
  expect(starts()).toBe(1)
  model.settled?.(request)
  expect(existsSync(folder.path)).toBe(false)
})

test('a program that still runs is waited for, not started again', async () => {
  const { model, letGo, starts } = await killWorker('cat')
  let answered = false
  const asking = model.complete(request).finally(() => {
    answered = true
  })
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(answered).toBe(false)
  letGo()
  expect((await asking).text).toBe('Well?')
  expect(starts()).toBe(1)
})

test('a program that has failed meanwhile is a failure, without being asked again', async () => {
  const { model, letGo, ended, starts } = await killWorker('echo "not logged in" >&2; exit 3')
  letGo()
  await ended()
  const { message } = await modelFailureOf(model.complete(request))
  expect(message).toBe('agent failed (exit status 3): not logged in')
  expect(starts()).toBe(1)
})

test('a program that has met a rate limit meanwhile is asked again', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  onTestFinished(() => void vi.restoreAllMocks())
  const end = '[ "$(wc -l <starts)" -gt 1 ] && exec cat; echo "429, retry-after: 0" >&2; exit 1'
  const { model, letGo, ended, starts } = await killWorker(end)
  letGo()
  await ended()
  expect((await retrying(model).complete(request)).text).toBe('Well?')
  expect(starts()).toBe(2)
})

test('a program that is gone without a word, as after a restart of the machine, is asked anew', async () => {
  const { model, noteTaker, program, letGo, starts } = await killWorker('cat')
  process.kill(-noteTaker, 'SIGKILL')
  await waitUntilGone(program)
  letGo()
  expect((await model.complete(request)).text).toBe('Well?')
  expect(starts()).toBe(2)
})

test('a program whose exit nobody can note any more is ended before it is asked anew', async () => {
  const { model, noteTaker, program, letGo, starts } = await killWorker('cat')
  process.kill(noteTaker, 'SIGKILL')
  await waitUntilGone(noteTaker)
  onTestFinished(() => void (isAlive(program) && process.kill(program, 'SIGKILL')))
  const asking = model.complete(request)
  await waitFor('the second start', () => starts() === 2)
  expect(isAlive(program)).toBe(false)
  letGo()
  expect((await asking).text).toBe('Well?')
})

test('a wait for a program of an earlier worker ends with the signal, and the program with it', async () => {
  const { model, program, noteTaker, starts } = await killWorker('cat')
  const controller = new AbortController()
  const asking = rejectionOf(model.complete({ ...request, signal: controller.signal }))
  const reason = new RlmsError('cancelled', 'interrupted by SIGTERM')
  controller.abort(reason)
  expect(await asking).toBe(reason)
  await Promise.all([program, noteTaker].map(waitUntilGone))
  expect(starts()).toBe(1)
})

test('a call that was ended while it was waited for leaves no folder, as one that was ended by its own worker', async () => {
  const { model, folder } = await killWorker('cat')
  const signal = AbortSignal.abort(new RlmsError('cancelled', 'interrupted by SIGTERM'))
  await rejectionOf(model.complete({ ...request, signal }))
  expect(existsSync(folder.path)).toBe(false)
})

test('a run that begins anew ends the program of the earlier worker, and forgets it', async () => {
  const { program, noteTaker, folder } = await killWorker('cat')
  await discardProgram(folder)
  await Promise.all([program, noteTaker].map(waitUntilGone))
  expect(existsSync(folder.path)).toBe(false)
})

/** A folder as an earlier worker may have left it, beside a program that answers at once. */
function leftFolder(files: Record<string, string>) {
  const made = programModel('echo x >>starts; cat')
  const folder = callFolder(join(made.callsDir, request.id))
  mkdirSync(folder.path, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text)
  return { ...made, folder, asked: () => existsSync(join(made.repo, 'starts')) }
}

test.each([
  ['that holds a prompt only', { prompt: 'Well?' }],
  ['whose exit status was cut', { prompt: 'Well?', pid: '', exit: '0', stdout: 'half' }],
  ['whose process id is of another process now', { pid: `${process.pid}\n`, stdout: 'half' }],
])('a folder %s is no answer: the program is asked, and no other process ended', async (_, files) => {
  const { model, asked } = leftFolder(files)
  expect((await model.complete(request)).text).toBe('Well?')
  expect(asked()).toBe(true)
})

test('a folder with a status and an answer is one, in the words of its last-message file', async () => {
  const { model, asked } = leftFolder({ pid: '1\n', exit: '0\n', stdout: 'log', last_message: 'Yes.' })
  expect((await model.complete(request)).text).toBe('Yes.')
  expect(asked()).toBe(false)
})

test('an answer that is too large is none for the next worker either', async () => {
  const { model, folder } = leftFolder({ pid: '1\n', exit: '0\n', stdout: '' })
  truncateSync(join(folder.path, 'stdout'), 65 << 20)
  expect((await modelFailureOf(model.complete(request))).message).toContain('more than 64 MiB')
})

test('a program that goes on printing is ended, also when an earlier worker started it', async () => {
  const { model, letGo, program } = await killWorker('head -c 68157440 /dev/zero; exec sleep 60')
  letGo()
  const { message } = await modelFailureOf(model.complete(request))
  expect(message).toBe('agent printed more than 64 MiB and was ended')
  expect(isAlive(program)).toBe(false)
})

test('a wait that is out of time says who had not answered', async () => {
  const { model } = await killWorker('cat')
  const signal = AbortSignal.abort(new RlmsError('limit_exceeded', 'time limit exceeded: 5 s allowed'))
  const error = await rlmsErrorOf(model.complete({ ...request, signal }))
  expect(error.message).toBe('time limit exceeded: 5 s allowed; agent had not answered')
})

test('a run that begins anew ends a program whose exit nobody can note any more', async () => {
  const { noteTaker, program, folder } = await killWorker('cat')
  process.kill(noteTaker, 'SIGKILL')
  await waitUntilGone(noteTaker)
  await discardProgram(folder)
  expect(isAlive(program)).toBe(false)
})

test('discarding a folder that is not there does nothing', async () => {
  const { callsDir } = programModel(':')
  await expect(discardProgram(callFolder(join(callsDir, 'none')))).resolves.toBeUndefined()
})
