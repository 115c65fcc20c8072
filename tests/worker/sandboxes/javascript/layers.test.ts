// The layers around the JavaScript engine: each reported as it is, each enough where another is off, refused where one lacks.
import { cpSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RlmsError } from '../../../../src/worker/contract/errors.ts'
import { startRunner } from '../../../../src/worker/sandboxes/runner-process.ts'
import { openJavaScript } from '../helpers/backends.ts'
import { builtFolder } from '../helpers/built.ts'
import { makeDocuments, runnerProcesses, temporaryFolder } from '../helpers/python-session.ts'

const withoutKernel = { require: 'process', without: ['kernel'] } as const

test('all layers hold, and the report says so', async () => {
  const { sandbox } = await openJavaScript()
  expect(sandbox.report).toEqual({ backend: 'javascript', language: true, process: true, kernel: true })
})

test('layers that were left out are reported as such', async () => {
  const { sandbox } = await openJavaScript({}, { require: 'language', without: ['language', 'kernel'] })
  expect(sandbox.report).toEqual({ backend: 'javascript', language: false, process: true, kernel: false })
})

describe('without the language layer', () => {
  test('the engine has nothing of the process, and the process nothing to give', async () => {
    const { output } = await openJavaScript({}, { without: ['language'] })
    const names = [
      'process',
      'require',
      'module',
      'WebAssembly',
      'fetch',
      'setTimeout',
      'Buffer',
      'bridge',
      'guest',
    ]
    expect(
      await output(`print(${JSON.stringify(names)}.map((name) => typeof globalThis[name]).join())`),
    ).toBe(`${names.map(() => 'undefined').join()}\n`)
    expect(
      await output('print(Function("return typeof this.process")(), typeof print.constructor.constructor)'),
    ).toBe('undefined function\n')
  })
})

describe('the process layer', () => {
  test('starts the runner without an environment, in the root folder, with its limits set', async () => {
    process.env.RLMS_TEST_SECRET = 'not for the runner'
    const { output } = await openJavaScript({}, { ...withoutKernel, timeoutSeconds: 60 })
    delete process.env.RLMS_TEST_SECRET
    await output('x = 1')
    const [pid] = runnerProcesses()
    const of = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1')
    expect(
      of('environ')
        .split('\0')
        .filter((row) => row !== '' && !/^(?:PWD|OLDPWD|SHLVL|_)=/.test(row)),
    ).toEqual(['UV_USE_IO_URING=0'])
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/')
    const limit = (name: string) => new RegExp(`${name} +(\\S+)`).exec(of('limits'))?.[1]
    expect(
      ['Max core file size', 'Max file size', 'Max open files', 'Max cpu time', 'Max data size'].map(limit),
    ).toEqual(['0', '0', '64', '120', String(2.5 * 2 ** 30)])
    const files = readdirSync(`/proc/${pid}/fd`)
      .filter((name) => Number(name) > 5)
      .map((name) => readlinkSync(`/proc/${pid}/fd/${name}`))
      .filter((target) => !/^(?:anon_inode|pipe|\/dev\/null)/.test(target))
    expect(files).toEqual([])
  })

  test('ends the runner with the process that started it', async () => {
    const { output } = await openJavaScript()
    await output('x = 1')
    const [pid] = runnerProcesses()
    const parent = /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    expect(Number(parent)).toBe(process.pid)
  })
})

describe('a run without the kernel layer', () => {
  const refusal = (reason: string) => ({
    code: 'sandbox_unavailable',
    message: `the kernel layer of the sandbox cannot be had here: ${reason}`,
    fix: 'Run on Linux (x86_64 or aarch64) with seccomp, or allow less with --sandbox-require process.',
  })
  const opened = (settings: Parameters<typeof openJavaScript>[1]) =>
    openJavaScript({}, settings).then(
      ({ sandbox }) => sandbox.report.kernel,
      ({ code, message, fix }: RlmsError) => ({ code, message, fix }),
    )

  test('is refused where it is required, and leaves no process', async () => {
    expect(await opened({ without: ['kernel'] })).toEqual(refusal('switched off'))
    expect(runnerProcesses()).toEqual([])
  })

  test('is refused where there is no lock for the machine, and taken where less is allowed', async () => {
    const folder = temporaryFolder()
    cpSync(builtFolder, folder, { recursive: true })
    rmSync(join(folder, `kernel-lock-${process.arch}.node`))
    expect(await opened({ folder })).toEqual(refusal(`there is no lock for the processor ${process.arch}`))
    expect(await opened({ folder, require: 'process' })).toBe(false)
  })

  test('is refused where the lock does not hold', async () => {
    const folder = temporaryFolder()
    cpSync(builtFolder, folder, { recursive: true })
    const lock = join(folder, `kernel-lock-${process.arch}.node`)
    const bytes = readFileSync(lock)
    const seccomp = { x64: 317n, arm64: 277n }[process.arch as 'x64']
    for (let at = 0; at + 8 <= bytes.length; at += 8)
      if (bytes.readBigInt64LE(at) === seccomp) bytes.writeBigInt64LE(-1n, at) // it ends before it locks
    writeFileSync(lock, bytes)
    expect(await opened({ folder })).toEqual(refusal('seccomp was refused: open, stat, kill still work'))
  })

  const lockedBy = async (shellCode: string) => {
    const documents = makeDocuments({ 'a.txt': 'x' })
    const setup = {
      documents: documents.list,
      pack_size: documents.packSize,
      functions: [],
      asked: [],
      language: true,
      kernel: true,
      memory_bytes: 2 ** 28,
    }
    const argv = [
      'bash',
      '-c',
      `${shellCode}; exec "$@"`,
      'bash',
      process.execPath,
      join(builtFolder, 'runner.cjs'),
    ] as const
    const start = { argv, env: { PATH: '/usr/bin:/bin' }, pack: documents.descriptor, setup }
    const call = async () => null
    const runner = await startRunner({ ...start, call }, new AbortController().signal)
    onTestFinished(() => runner.end())
    return runner.ready.kernel
  }

  test.each([
    ['a file', 'exec 7</etc/hostname', '/etc/hostname'],
    ['a pipe that leads elsewhere', 'exec 7> >(cat >/dev/null)', expect.stringMatching(/^pipe:\[\d+\]$/)],
  ])('is refused where the process holds %s that is not its own', async (_what, open, target) => {
    const { seccomp, reason = '' } = await lockedBy(open)
    const [what, which] = reason.split(/: (.*)/)
    expect([seccomp, what, which]).toEqual([false, 'the process has other descriptors than its own', target])
  })

  test('is none where a program above the host left something open: it is closed', async () => {
    expect(await lockedBy('exec 40</etc/hostname 41> >(cat >/dev/null)')).toEqual({
      seccomp: true,
      landlock: 0,
    })
    const [pid] = runnerProcesses()
    expect(readdirSync(`/proc/${pid}/fd`).filter((name) => Number(name) >= 40)).toEqual([])
  })
})

test('an installation without the sandbox says so, and how to get it', async () => {
  const folder = temporaryFolder()
  await expect(openJavaScript({}, { folder })).rejects.toMatchObject(
    new RlmsError(
      'sandbox_unavailable',
      `the JavaScript sandbox is not part of this installation: ${join(folder, 'runner.cjs')} is missing`,
      'Build it (scripts/build), or use --sandbox python.',
    ),
  )
})

test('a runner that cannot start is an unavailable sandbox, with what it printed', async () => {
  const folder = temporaryFolder()
  cpSync(builtFolder, folder, { recursive: true })
  writeFileSync(join(folder, 'quickjs.wasm'), 'no engine')
  await expect(openJavaScript({}, { folder })).rejects.toMatchObject({
    code: 'sandbox_unavailable',
    message: expect.stringContaining('cannot run the sandbox: '),
    fix: 'Try another version of Node.js (20.19 or newer).',
  })
  expect(runnerProcesses()).toEqual([])
})
