import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { modelFailureOf, modelRequest, rejectionOf, rlmsErrorOf } from '../helpers/model-request.ts'
import { isAlive, waitForPid, waitUntilGone } from '../helpers/processes.ts'
import { programModel } from '../helpers/program-model.ts'

const timeIsUp = new RlmsError('limit_exceeded', 'time limit exceeded: 5 s allowed', 'Raise it.')

/** Asks, waits until the program has written all `pidFiles` into the repository, then aborts. */
async function abortWhenUp(script: string, pidFiles: readonly string[], reason: unknown) {
  const { model, repo, callsDir } = programModel(script)
  const controller = new AbortController()
  const asking = rejectionOf(model.complete(modelRequest({ signal: controller.signal })))
  const pids = await Promise.all(pidFiles.map((name) => waitForPid(join(repo, name))))
  controller.abort(reason)
  return { rejected: await asking, pids, callsDir }
}

test('a call that is out of time is ended, and says who had not answered', async () => {
  const { rejected, pids, callsDir } = await abortWhenUp('echo $$ >pid; sleep 60', ['pid'], timeIsUp)
  expect(rejected).toMatchObject({
    code: 'limit_exceeded',
    message: 'time limit exceeded: 5 s allowed; agent had not answered',
    fix: 'Raise it.',
  })
  await waitUntilGone(pids[0]!)
  expect(existsSync(join(callsDir, 'r.question.1'))).toBe(false)
})

test('a call that is cancelled rejects with the reason as it was given', async () => {
  const reason = new RlmsError('cancelled', 'interrupted by SIGINT')
  const { rejected } = await abortWhenUp('echo $$ >pid; sleep 60', ['pid'], reason)
  expect(rejected).toBe(reason)
})

test('with the program go its children, theirs, and those that moved to a session of their own', async () => {
  const script = `
    sleep 60 & echo $! >child
    sh -c 'sleep 60 & echo $! >grandchild; wait' &
    setsid sh -c 'echo $$ >stray; sleep 60 & echo $! >stray-child; wait' &
    echo $$ >program; wait`
  const names = ['program', 'child', 'grandchild', 'stray', 'stray-child']
  const { pids } = await abortWhenUp(script, names, timeIsUp)
  await Promise.all(pids.map(waitUntilGone))
  expect(pids.filter(isAlive)).toEqual([])
})

test('a program that ignores the request to end is killed', async () => {
  const script = 'trap "" TERM INT; echo $$ >pid; while :; do sleep 0.05; done'
  const { pids } = await abortWhenUp(script, ['pid'], timeIsUp)
  await waitUntilGone(pids[0]!)
})

test('what a program leaves running when it has answered is ended', async () => {
  const { model, repo } = programModel('sleep 60 >/dev/null 2>&1 & echo $! >left; echo done')
  expect((await model.complete(modelRequest())).text).toBe('done\n')
  await waitUntilGone(await waitForPid(join(repo, 'left')))
})

test('what a program leaves running in a session of its own when it has answered is ended', async () => {
  const script = `setsid sh -c 'echo $$ >left; exec sleep 60' >/dev/null 2>&1 &
    while [ ! -s left ]; do sleep 0.01; done; echo done`
  const { model, repo } = programModel(script)
  expect((await model.complete(modelRequest())).text).toBe('done\n')
  const pid = await waitForPid(join(repo, 'left'))
  try {
    expect(isAlive(pid)).toBe(false)
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  }
})

test('under a signal that has gone off nothing is started', async () => {
  const { model, repo, callsDir } = programModel('echo x >ran')
  const error = await rlmsErrorOf(model.complete(modelRequest({ signal: AbortSignal.abort(timeIsUp) })))
  expect(error.message).toBe('time limit exceeded: 5 s allowed; agent had not answered')
  expect([existsSync(join(repo, 'ran')), existsSync(join(callsDir, 'r.question.1'))]).toEqual([false, false])
})

const tooMuch = 'agent printed more than 64 MiB and was ended'
const print65MiB = 'head -c 68157440 /dev/zero'

test.each([
  ['standard output', print65MiB],
  ['standard error', `${print65MiB} >&2`],
])('a program that goes on printing on %s is ended', async (_, print) => {
  const { model, repo, callsDir } = programModel(`echo $$ >pid; ${print}; sleep 60`)
  expect(await modelFailureOf(model.complete(modelRequest()))).toMatchObject({
    message: tooMuch,
    retryable: false,
  })
  await waitUntilGone(await waitForPid(join(repo, 'pid')))
  expect(existsSync(join(callsDir, 'r.question.1'))).toBe(false)
})

test('an answer that is too large is none, however fast it was printed', async () => {
  const { model } = programModel(print65MiB)
  expect((await modelFailureOf(model.complete(modelRequest()))).message).toContain('more than 64 MiB')
})

test('an answer just below the limit is read whole', async () => {
  const { model } = programModel('head -c 20000000 /dev/zero | tr "\\0" x')
  expect((await model.complete(modelRequest())).text.length).toBe(20_000_000)
})

test('a last-message file that is too large is no answer', async () => {
  const { model } = programModel('dd if=/dev/zero of="$1" bs=1 count=1 seek=68157440 2>/dev/null', [
    '{last_message_file}',
  ])
  expect((await modelFailureOf(model.complete(modelRequest()))).message).toBe(
    'agent printed more than 64 MiB',
  )
})
