// rlm daemon, and the runs that use it, as whole programs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { stopDaemon } from '../../../src/worker/daemon/lifecycle.ts'
import { readRecord } from '../../../src/worker/daemon/record.ts'
import { runToEnd, waitFor, waitUntilGone } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { descendants, leftIn } from './helpers/daemon-lab.ts'

const dist = resolve(import.meta.dirname, '../../../dist')
let state: string
let folder: string

beforeEach(() => {
  state = temporaryFolder()
  folder = join(state, 'rlm', 'daemon')
  onTestFinished(async () => void (await stopDaemon(folder)))
})

function runProgram(name: string, ...args: string[]) {
  const env = { ...process.env, XDG_STATE_HOME: state, RLMS_TEST_SECRET: 'not for the daemon' }
  return runToEnd([process.execPath, join(dist, name), ...args], { env, cwd: state })
}

async function pidOfDaemon(): Promise<number> {
  const { stdout } = await runProgram('rlm.cjs', 'daemon', 'status', '--format', 'json')
  return (JSON.parse(stdout) as { pid: number }).pid
}

/** A run of the door over one file, with a model that says these codes. */
async function runDoor(name: string, ...codes: string[]) {
  const output = join(state, name)
  writeFileSync(join(state, 'a.txt'), 'some words\n')
  writeFileSync(join(state, 'list.txt'), `${join(state, 'a.txt')}\n`)
  writeFileSync(
    join(state, 'script.json'),
    JSON.stringify(codes.map((code) => `\`\`\`python\n${code}\n\`\`\``)),
  )
  const model = JSON.stringify(['rlms:scripted', join(state, 'script.json')])
  const ended = await runProgram(
    'rlms.cjs',
    ...['--repo', state, '--loop-id', 'l', '--role', 'r', '--iteration', '1'],
    ...['--context-file-list', join(state, 'list.txt'), '--output-dir', output],
    ...['--max-steps', '5', '--max-depth', '2', '--timeout-seconds', '60', '--root-command-json', model],
  )
  const result = JSON.parse(readFileSync(join(output, 'result.json'), 'utf8')) as Record<string, unknown>
  return { ...ended, result }
}

async function served(): Promise<number> {
  const { stdout } = await runProgram('rlm.cjs', 'daemon', 'status', '--format', 'json')
  return (JSON.parse(stdout) as { served: number }).served
}

describe('rlm daemon', () => {
  test('starts, tells, starts no second one, and stops', async () => {
    const about = String.raw`pid \d+, version \S+, /\S+, \d+ waiting, 0 in use, 0 sessions since \S+, \d+ MB`
    expect(await runProgram('rlm.cjs', 'daemon', 'start', '--workers', '2')).toEqual({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`^started: ${about}\n$`)) as string,
      stderr: '',
    })
    expect((await runProgram('rlm.cjs', 'daemon', 'start')).stdout).toMatch(
      new RegExp(`^already running: ${about}\n$`),
    )
    expect((await runProgram('rlm.cjs', 'daemon', 'status')).stdout).toMatch(
      new RegExp(`^running: ${about}\n$`),
    )
    expect(await runProgram('rlm.cjs', 'daemon', 'stop')).toEqual({
      status: 0,
      stdout: 'stopped\n',
      stderr: '',
    })
    expect(await runProgram('rlm.cjs', 'daemon', 'stop')).toMatchObject({
      status: 0,
      stdout: 'no daemon was running\n',
    })
    expect(await runProgram('rlm.cjs', 'daemon', 'status')).toEqual({
      status: 1,
      stdout: 'no daemon is running; start one: rlm daemon start\n',
      stderr: '',
    })
    expect(leftIn(folder)).toEqual([])
  })

  test('answers in JSON', async () => {
    const says = async (action: string) =>
      JSON.parse((await runProgram('rlm.cjs', 'daemon', action, '--format', 'json')).stdout) as unknown
    expect(await says('status')).toEqual({ running: false })
    expect(await says('start')).toMatchObject({ running: true, new: true, served: 0 })
    expect(await says('start')).toMatchObject({ running: true, new: false })
    expect(await says('status')).toMatchObject({ running: true, pid: await pidOfDaemon() })
    expect(await says('stop')).toEqual({ running: false, stopped: true })
    expect(await says('stop')).toEqual({ running: false, stopped: false })
  })

  test.each([
    [[], 'rlm daemon must be one of start, stop, status, not ""'],
    [['restart'], 'rlm daemon must be one of start, stop, status, not "restart"'],
    [['start', 'now'], 'rlm daemon takes one word'],
    [['start', '--workers', '0'], '--workers must be a whole number from 1 to 64, not "0"'],
  ])('refuses %j with what would be right', async (args, message) => {
    const { status, stderr } = await runProgram('rlm.cjs', 'daemon', ...args)
    expect(stderr).toContain(`rlm: error: ${message}\n`)
    expect(status).toBe(2)
  })

  test('serves without the environment of whoever started it', async () => {
    await runProgram('rlm.cjs', 'daemon', 'start')
    const pid = await pidOfDaemon()
    for (const process of [pid, ...descendants(pid)])
      expect(readFileSync(`/proc/${process}/environ`, 'utf8')).not.toMatch(/RLMS_TEST_SECRET|HOME=/)
  })

  test('serves without what whoever started it had open', async () => {
    const file = openSync(join(state, 'secret'), 'w')
    const stdio = Array.from({ length: 31 }, (_, at) => ([3, 4, 30].includes(at) ? file : 'ignore'))
    const env = { ...process.env, XDG_STATE_HOME: state }
    const starter = spawn(process.execPath, [join(dist, 'rlm.cjs'), 'daemon', 'start'], { env, stdio })
    closeSync(file)
    await once(starter, 'exit')
    const pid = await pidOfDaemon()
    const open = [pid, ...descendants(pid)].flatMap((process) =>
      leftIn(`/proc/${process}/fd`).map((name) => targetOf(`/proc/${process}/fd/${name}`)),
    )
    expect(open.length).toBeGreaterThan(10)
    expect(open.filter((target) => target.endsWith('secret'))).toEqual([])
  })
})

describe('a run', () => {
  test('of the door uses it, and says which layers held', async () => {
    await runProgram('rlm.cjs', 'daemon', 'start')
    const { status, result } = await runDoor('out', 'set_final(context.strip().upper())')
    expect(status).toBe(0)
    expect(result).toMatchObject({
      ok: true,
      final: 'SOME WORDS',
      sandbox: { backend: 'python', language: true, process: true, kernel: true },
    })
    expect(await served()).toBe(1)
  })

  test('of rlm run uses it, its child runs too', async () => {
    await runProgram('rlm.cjs', 'daemon', 'start')
    writeFileSync(join(state, 'b.txt'), 'ERROR: the disk is full\n')
    const args = ['run', 'which errors?', '--context', join(state, 'b.txt'), '--model', 'offline', '--quiet']
    expect(await runProgram('rlm.cjs', ...args)).toMatchObject({ status: 0, stderr: '' })
    expect(await served()).toBe(1)
    await runDoor('out', 'rlm_query("q", CONTEXT["a.txt"])\nset_final(1)')
    expect(await served()).toBe(1 + 3) // the child has one of its own
  })

  test('gives the same with and without it', async () => {
    const codes = ['import random\nx = [random.random(), list({"a", "b", "c"})]\nprint(x)', 'set_final(x)']
    const without = await runDoor('without', ...codes)
    await runProgram('rlm.cjs', 'daemon', 'start')
    const through = await runDoor('through', ...codes)
    expect(await served()).toBe(1)
    expect(through.result.final).toEqual(without.result.final)
  })

  test('goes on when the daemon dies in the middle of it', async () => {
    await runProgram('rlm.cjs', 'daemon', 'start')
    const pid = await pidOfDaemon()
    const busy = 'for n in range(30_000_000): pass\nset_final(context.strip())'
    const run = runDoor('out', 'x = 1', busy)
    await waitFor('the run', () => descendants(pid).some((worker) => cpuSeconds(worker) > 0.2) || undefined)
    process.kill(pid, 'SIGKILL')
    expect(await run).toMatchObject({ status: 0, stderr: '', result: { ok: true, final: 'some words' } })
    await waitUntilGone(pid)
    const next = await waitFor('another daemon', () => {
      const record = readRecord(folder)
      return record && record.pid !== pid && record.pid
    })
    expect(await pidOfDaemon()).toBe(next)
  })

  test('twenty times leaves no process, socket or file', async () => {
    await runProgram('rlm.cjs', 'daemon', 'start', '--workers', '2')
    const pid = await pidOfDaemon()
    await runDoor('first', 'set_final(1)')
    await waitFor('the workers', () => descendants(pid).length === 3)
    const before = { left: leftIn(folder), descriptors: leftIn(`/proc/${pid}/fd`).length }
    for (let round = 0; round < 20; round++) expect((await runDoor('out', 'set_final(1)')).status).toBe(0)
    await waitFor('the workers', () => descendants(pid).length === 3)
    expect({ left: leftIn(folder), descriptors: leftIn(`/proc/${pid}/fd`).length }).toEqual(before)
    expect(await served()).toBe(21)
  })
})

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return '' // closed meanwhile
  }
}

function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}
