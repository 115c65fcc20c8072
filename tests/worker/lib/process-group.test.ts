import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import {
  endGroup,
  endTagged,
  groupIsAlive,
  hasTag,
  startGroup,
} from '../../../src/worker/lib/process-group.ts'
import {
  isAlive,
  nodeProgram,
  runToEnd,
  waitFor,
  waitForLine,
  waitForPid,
  waitUntilGone,
} from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const started: number[] = []
afterEach(async () => {
  for (const pid of started.splice(0)) await endGroup(pid, 0)
})

/** Starts a shell script as a group of its own; the script finds its folder in $0. */
function start(script: string, folder: string, tag?: string) {
  const argv: [string, ...string[]] = ['/bin/sh', '-c', script, folder]
  const options = { cwd: folder, env: process.env, stdio: 'ignore' as const }
  const child = startGroup(argv, tag === undefined ? options : { ...options, tag })
  if (child.pid === undefined) throw new Error('it did not start')
  started.push(child.pid)
  return { pid: child.pid, exited: once(child, 'exit') }
}

test('a program is the leader of a group of its own', async () => {
  const folder = temporaryFolder()
  const { pid } = start('ps -o pgid= -p $$ >"$0/group"; exec sleep 60', folder)
  expect(Number(await waitForLine(join(folder, 'group')))).toBe(pid)
})

test('ending a group ends its children and theirs', async () => {
  const folder = temporaryFolder()
  const { pid } = start('sh -c \'sleep 60 & echo $! >"$0/grandchild"; wait\' "$0" & wait', folder)
  const grandchild = await waitForPid(join(folder, 'grandchild'))
  await endGroup(pid, 2000)
  expect([isAlive(pid), groupIsAlive(pid)]).toEqual([false, false])
  await waitUntilGone(grandchild)
})

test('a group is first asked to end, so that its programs can clean up', async () => {
  const folder = temporaryFolder()
  const script = 'trap \'echo tidy >"$0/tidy"; exit 7\' TERM; echo up >"$0/up"; while :; do sleep 0.01; done'
  const { pid, exited } = start(script, folder)
  await waitForLine(join(folder, 'up'))
  await endGroup(pid, 5000)
  expect(readFileSync(join(folder, 'tidy'), 'utf8')).toBe('tidy\n')
  expect(await exited).toEqual([7, null])
})

test('a program that does not listen is killed when the grace is over', async () => {
  const folder = temporaryFolder()
  const { pid, exited } = start('trap "" TERM; echo up >"$0/up"; while :; do sleep 0.01; done', folder)
  await waitForLine(join(folder, 'up'))
  await endGroup(pid, 100)
  expect(await exited).toEqual([null, 'SIGKILL'])
})

test('when ending a group resolves, its processes are gone, however many', async () => {
  const folder = temporaryFolder()
  const script = 'trap "" TERM; for i in 1 2 3 4 5 6 7 8; do sleep 60 & echo $! >"$0/$i"; done; wait'
  const pids: number[] = []
  for (let group = 0; group < 4; group++) {
    const { pid } = start(script, folder)
    const children = ['1', '2', '3', '4', '5', '6', '7', '8'].map((name) => waitForPid(join(folder, name)))
    pids.push(pid, ...(await Promise.all(children)))
    await endGroup(pid, 20)
    expect(pids.filter(isAlive)).toEqual([])
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
  }
})

test('a process that moved to a session of its own is found by its tag and ended', async () => {
  const folder = temporaryFolder()
  const { pid } = start('setsid sh -c \'echo $$ >"$0/stray"; exec sleep 60\' "$0" & wait', folder, folder)
  const stray = await waitForPid(join(folder, 'stray'))
  await endGroup(pid, 1000)
  await waitUntilGone(stray)
})

test('ending a group leaves the processes of other groups and other tags alone', async () => {
  const [one, other] = [temporaryFolder(), temporaryFolder()]
  const ending = start('exec sleep 60', one, one)
  const staying = start('echo up >"$0/up"; exec sleep 60', other, other)
  await waitForLine(join(other, 'up'))
  await endGroup(ending.pid, 1000)
  expect([isAlive(ending.pid), isAlive(staying.pid)]).toEqual([false, true])
})

test('a group that has ended can be ended again', async () => {
  const { pid, exited } = start('exit 0', temporaryFolder())
  await exited
  await expect(endGroup(pid, 1000)).resolves.toBeUndefined()
})

test('a tag is known from the environment that a process was started with', async () => {
  const folder = temporaryFolder()
  const { pid } = start('echo up >"$0/up"; sleep 60; :', folder, 'tag-of-a-test')
  await waitForLine(join(folder, 'up'))
  expect(hasTag(pid, 'tag-of-a-test')).toBe(true)
  expect(hasTag(pid, 'tag-of-a')).toBe(false)
  expect(hasTag(process.pid, 'tag-of-a-test')).toBe(false)
  await endGroup(pid, 1000)
  expect(hasTag(pid, 'tag-of-a-test')).toBe(false)
})

test('a tag may hold any character of a path', async () => {
  const folder = temporaryFolder()
  const tag = `${folder}/größer als 🙂`
  const { pid } = start('setsid sh -c \'echo $$ >"$0/stray"; exec sleep 60\' "$0" & wait', folder, tag)
  const stray = await waitForPid(join(folder, 'stray'))
  await waitFor('its tag, which it lacks while it turns into sleep', () => hasTag(stray, tag))
  await endTagged(tag)
  expect([isAlive(pid), isAlive(stray)]).toEqual([false, false])
})

test('a group of which only an ended process is left, that nobody has collected, is not alive', async () => {
  const folder = temporaryFolder()
  start('setsid sleep 0.2 & echo $! >"$0/ended"; exec sleep 60', folder)
  const ended = await waitForPid(join(folder, 'ended'))
  await waitUntilGone(ended)
  expect(() => process.kill(-ended, 0)).not.toThrow()
  expect(groupIsAlive(ended)).toBe(false)
})

test('nothing is left listening for the end of the process when all groups have ended', async () => {
  const before = process.listenerCount('exit')
  const groups = [start('exit 0', temporaryFolder()), start('exit 0', temporaryFolder())]
  expect(process.listenerCount('exit')).toBe(before + 1)
  await Promise.all(groups.map(({ exited }) => exited))
  expect(process.listenerCount('exit')).toBe(before)
})

test('a program that is not there is an error of the child, not of the caller', async () => {
  const child = startGroup(['/nowhere/at/all'], { cwd: '/', env: {}, stdio: 'ignore' })
  const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ENOENT')
})

test('when the parent process exits, its live groups go with it, strays too', async () => {
  const folder = temporaryFolder()
  const script = `echo $$ >"$0/leader"; setsid sh -c 'echo $$ >"$0/stray"; exec sleep 60' "$0" & wait`
  const parent = nodeProgram(`
    import { existsSync } from 'node:fs'
    import { startGroup } from './lib/process-group.ts'
    const folder = process.argv[2]
    startGroup(['/bin/sh', '-c', ${JSON.stringify(script)}, folder], { cwd: '/', env: process.env, stdio: 'ignore', tag: folder })
    setInterval(() => existsSync(folder + '/stray') && process.exit(5), 5)`)
  expect((await runToEnd([process.execPath, parent, folder])).status).toBe(5)
  await waitUntilGone(await waitForPid(join(folder, 'leader')))
  await waitUntilGone(await waitForPid(join(folder, 'stray')))
  expect(existsSync(folder)).toBe(true)
})
