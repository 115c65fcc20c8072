// One writer for each run folder, whoever comes at the same time, and whatever a dead one left.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { lockRun } from '../../../src/worker/runs/run-lock.ts'
import { nodeProgram, waitFor, waitForPid, waitUntilGone } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const lockOf = (folder: string) => join(folder, 'run.lock')
const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!
const dead = '999999999 1\n'

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** Takes the lock, as whoever does must find it, and gives it back. */
function expectFree(folder: string): void {
  const unlock = lockRun(folder)
  expect(readFileSync(lockOf(folder), 'utf8')).toBe(`${process.pid} ${startOf(process.pid)}\n`)
  unlock()
  expect(readdirSync(folder)).toEqual([])
}

test('a lock tells who has it, and is gone when it is given back', () => {
  const folder = temporaryFolder()
  expectFree(folder)
  expectFree(folder)
})

test('a folder that a living process writes to is refused, and its lock left alone', () => {
  const folder = temporaryFolder()
  const unlock = lockRun(folder)
  const lock = readFileSync(lockOf(folder), 'utf8')
  expect(() => lockRun(folder)).toThrow(
    new RlmsError(
      'invalid_config',
      `another run (pid ${process.pid}) is writing to ${folder}`,
      'Wait for it, or choose another --output-dir.',
    ),
  )
  expect(readdirSync(folder)).toEqual(['run.lock'])
  expect(readFileSync(lockOf(folder), 'utf8')).toBe(lock)
  unlock()
})

test('two folders are two locks', () => {
  const unlock = lockRun(temporaryFolder())
  expectFree(temporaryFolder())
  unlock()
})

test.each([
  ['a process that is gone', dead],
  ['another process that has its number now', `${process.pid} 1\n`],
  ['one whose number no process can have', '99999999999999999999 1\n'],
  ['one that died before it had written it', ''],
  ['one that died while it wrote it', `${process.pid}`],
  ['no process', 'garbage\n'],
  ['every process of a group', '0\n'],
  ['every process', '-1\n'],
])('the lock of %s is taken over', (_, lock) => {
  expectFree(folderWith({ 'run.lock': lock }))
})

test('what a process left that died while it took a lock over is taken over too', () => {
  expectFree(folderWith({ 'run.lock': dead, 'run.lock.next': dead, 'run.lock.next.next': dead }))
})

test('while a living process takes a lock over, others are refused', () => {
  const taker = `${process.pid} ${startOf(process.pid)}\n`
  const folder = folderWith({ 'run.lock': dead, 'run.lock.next': taker })
  expect(() => lockRun(folder)).toThrow(`another run (pid ${process.pid}) is writing to ${folder}`)
  expect(readFileSync(lockOf(folder), 'utf8')).toBe(dead)
})

test('a process that has ended, but that nobody has collected, writes no more', async () => {
  const folder = temporaryFolder()
  const waiting = 'while [ ! -e "$0/go" ]; do sleep 0.01; done'
  const script = `sh -c '${waiting}' "$0" & echo $! >"$0/pid"; exec sleep 60`
  const parent = spawn('sh', ['-c', script, folder], { stdio: 'ignore' })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pid = await waitForPid(join(folder, 'pid'))
  const run = join(folder, 'run')
  mkdirSync(run)
  writeFileSync(lockOf(run), `${pid} ${startOf(pid)}\n`)
  expect(() => lockRun(run)).toThrow(`another run (pid ${pid}) is writing to ${run}`)
  writeFileSync(join(folder, 'go'), '')
  await waitUntilGone(pid)
  expect(() => process.kill(pid, 0)).not.toThrow()
  expectFree(run)
})

test('a folder that is not there, or no folder, is told as one that cannot be written to', () => {
  const folder = folderWith({ file: '' })
  for (const name of ['none', 'file'])
    expect(() => lockRun(join(folder, name))).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: expect.stringMatching(/^the output folder cannot be written to: E(NOENT|NOTDIR): /),
        fix: 'Give --output-dir a folder that can be written to.',
      }),
    )
})

/** Starts processes that all reach for the lock at once; each says whether it has it, and keeps it until it is ended. */
async function reachForLock(program: string, folder: string, count: number): Promise<string[]> {
  const go = join(temporaryFolder(), 'go')
  const said = new Map<ChildProcess, string>()
  for (let number = 0; number < count; number++) {
    const child = spawn(process.execPath, [program, folder, go], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    said.set(child, '')
    child.stdout.on('data', (chunk: Buffer) => said.set(child, said.get(child) + chunk.toString()))
  }
  const all = (word: string) => () => [...said.values()].every((text) => text.includes(word))
  await waitFor('all to be ready', all('ready\n'))
  writeFileSync(go, '')
  await waitFor('all to have reached', all('.'))
  const ended = [...said.keys()].map((child) => once(child, 'exit'))
  for (const child of said.keys()) child.kill('SIGKILL')
  await Promise.all(ended)
  return [...said.values()].map((text) => text.replace('ready\n', '').replace(/\d+/, 'N'))
}

test.each<[found: string, files: Record<string, string>]>([
  ['no lock', {}],
  ["a dead one's lock", { 'run.lock': dead }],
  ['what a dead one left in taking over', { 'run.lock': dead, 'run.lock.next': dead }],
])('of many that find %s at once exactly one gets the folder', async (_, files) => {
  const program = nodeProgram(`
    import { existsSync } from 'node:fs'
    import { lockRun } from './runs/run-lock.ts'
    const [folder, go] = process.argv.slice(2)
    process.stdout.write('ready\\n')
    while (!existsSync(go));
    try {
      lockRun(folder)
      process.stdout.write('got it.')
    } catch (error) {
      process.stdout.write(error.message + '.')
    }
    setInterval(() => {}, 1000)`)
  for (let round = 0; round < 3; round++) {
    const folder = folderWith(files)
    const said = await reachForLock(program, folder, 6)
    const refused = `another run (pid N) is writing to ${folder}.`
    expect(said.sort()).toEqual([...Array.from({ length: 5 }, () => refused), 'got it.'])
    expect(readdirSync(folder)).toEqual(['run.lock'])
  }
})
