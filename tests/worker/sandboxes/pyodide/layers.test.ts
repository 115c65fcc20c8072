// The layers around Pyodide, which by itself is none: each reported as it is, each enough where another is off.
import { cpSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RlmsError } from '../../../../src/worker/contract/errors.ts'
import { openPyodide } from '../helpers/backends.ts'
import { builtPyodide } from '../helpers/built.ts'
import { runnerProcesses, temporaryFolder } from '../helpers/python-session.ts'

const sealOnly = { require: 'language', without: ['language', 'kernel'] } as const

test('all layers hold, and the report says so', async () => {
  const { sandbox } = await openPyodide()
  expect(sandbox.report).toEqual({ backend: 'pyodide', language: true, process: true, kernel: true })
})

test('layers that were left out are reported as such', async () => {
  const { sandbox } = await openPyodide({}, sealOnly)
  expect(sandbox.report).toEqual({ backend: 'pyodide', language: false, process: true, kernel: false })
})

describe('with the language and the kernel layer off, the sealed engine alone', () => {
  test.each([
    ['reads a file', 'open("/etc/hostname").read()', /^FileNotFoundError|^PermissionError/],
    ['reads what Pyodide keeps in memory', 'open("/lib/python314.zip", "rb").read()', /^PermissionError/],
    ['lists a folder', 'import posix\nposix.listdir("/")', /^PermissionError/],
    ['writes a file', 'open("/tmp/x", "w")', /^PermissionError/],
    ['makes a socket', 'import _socket\n_socket.socket(2, 1)', /^PermissionError/],
    ['writes to the other descriptors of the process', 'import posix\nposix.write(9, b"x")', /^OSError/],
    ['imports the bridge to JavaScript', 'import js', /^ModuleNotFoundError/],
    ['imports the bridge to Pyodide', 'import pyodide_js', /^ModuleNotFoundError/],
  ])('never %s', async (_what, code, refusal) => {
    const { run } = await openPyodide({}, sealOnly)
    expect((await run(code)).error?.message).toMatch(refusal)
    expect((await run('x = 1')).error).toBeNull()
  })

  test.each([
    ['starts a program', 'import posix\nposix.system("touch /tmp/started")'],
    ['calls into JavaScript', 'from pyodide.code import run_js\nrun_js("1")'],
    ['looks up functions of the engine', 'import ctypes\nctypes.CDLL(None).system(b"true")'],
    ['loads a library', 'import _ctypes\n_ctypes.dlopen("x.so", 2)'],
  ])('is ended where code %s', async (_what, code) => {
    const { run, output } = await openPyodide({}, sealOnly)
    const { error } = await run(code)
    expect(error?.message).toMatch(/^the code crashed the interpreter|^\w+Error: /)
    expect(await output('print("goes on")')).toBe('goes on\n')
  })

  test('has an environment of its own, without anything of the host', async () => {
    process.env.RLMS_TEST_SECRET = 'not for the runner'
    const { output } = await openPyodide({}, sealOnly)
    delete process.env.RLMS_TEST_SECRET
    expect(await output('import posix\nprint(b"RLMS_TEST_SECRET" in posix.environ)')).toBe('False\n')
  })
})

describe('the process layer', () => {
  test('starts the runner without an environment, in the root folder, with its limits and permissions set', async () => {
    const { output } = await openPyodide({}, { require: 'process', without: ['kernel'] })
    await output('x = 1')
    const [pid] = runnerProcesses()
    const of = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1').split('\0')
    expect(of('environ').filter((row) => row !== '' && !/^(?:PWD|OLDPWD|SHLVL|_)=/.test(row))).toEqual([
      'UV_USE_IO_URING=0',
    ])
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/')
    expect(of('cmdline')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^--(?:experimental-)?permission$/)]),
    )
    const files = readdirSync(`/proc/${pid}/fd`)
      .filter((name) => Number(name) > 5)
      .map((name) => readlinkSync(`/proc/${pid}/fd/${name}`))
    expect(files.filter((target) => !/^(?:anon_inode|pipe|\/dev\/null)/.test(target))).toEqual([])
  })
})

describe('a run without the kernel layer', () => {
  const refusal = (settings: Parameters<typeof openPyodide>[1]) =>
    openPyodide({}, settings).then(
      ({ sandbox }) => sandbox.report.kernel,
      ({ code, message }: RlmsError) => `${code}: ${message}`,
    )

  test('is refused where it is required, and leaves no process', async () => {
    expect(await refusal({ without: ['kernel'] })).toBe(
      'sandbox_unavailable: the kernel layer of the sandbox cannot be had here: switched off',
    )
    expect(runnerProcesses()).toEqual([])
  })

  test('is refused where there is no lock for the machine, and taken where less is allowed', async () => {
    const place = temporaryFolder()
    const folder = join(place, 'pyodide')
    for (const name of ['pyodide', 'python'])
      cpSync(join(builtPyodide, '..', name), join(place, name), {
        recursive: true,
        filter: (path) => !path.endsWith(`kernel-lock-${process.arch}.node`),
      })
    expect(await refusal({ folder })).toBe(
      `sandbox_unavailable: the kernel layer of the sandbox cannot be had here: there is no lock for the processor ${process.arch}`,
    )
    expect(await refusal({ folder, require: 'process' })).toBe(false)
  })
})
