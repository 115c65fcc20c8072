// The runner's bytecode: compiled once in the background, never in the way.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { keepBytecode, startDespiteBytecode } from '../../../src/worker/sandboxes/compile-runner.ts'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { temporaryFolder } from './helpers/python-session.ts'

const real = findPython()
const bytecode = (folder: string, version = real.version) =>
  join(folder, '__pycache__', `runner.cpython-${version.join('')}.pyc`)

/** An interpreter that only notes how it was started. */
function noting(folder: string) {
  const path = join(folder, 'python3')
  const note = join(folder, 'started')
  writeFileSync(path, `#!/bin/sh\necho "$@" >${note}.part\npwd >>${note}.part\nmv ${note}.part ${note}\n`)
  chmodSync(path, 0o755)
  return { python: { path, version: [3, 11] as const }, note }
}

const shortWhile = () => new Promise((resolve) => setTimeout(resolve, 200))

test('a folder without bytecode gets it for every module', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'runner.py'), 'import other\n')
  writeFileSync(join(folder, 'other.py'), 'x = 1\n')
  keepBytecode(real, folder)
  await expect.poll(() => existsSync(bytecode(folder)), { timeout: 10_000 }).toBe(true)
  await expect
    .poll(() => existsSync(bytecode(folder).replace('runner', 'other')), { timeout: 10_000 })
    .toBe(true)
})

test('the compiler runs in the folder, apart from the user’s settings', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'runner.py'), '')
  const { python, note } = noting(temporaryFolder())
  keepBytecode(python, folder)
  await expect.poll(() => existsSync(note), { timeout: 10_000 }).toBe(true)
  expect(readFileSync(note, 'utf8')).toBe(`-I -m compileall -q .\n${folder}\n`)
})

/** A folder with a module, and its bytecode as a version's compiler leaves it, or as `damage` makes it. */
async function compiledFolder(damage: (bytecode: Buffer) => Buffer = (bytecode) => bytecode) {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'runner.py'), 'x = 1\n')
  keepBytecode(real, folder)
  await expect.poll(() => existsSync(bytecode(folder)), { timeout: 10_000 }).toBe(true)
  writeFileSync(bytecode(folder, [3, 11]), damage(readFileSync(bytecode(folder))))
  return folder
}

test('a folder that has its bytecode is left alone, but not for another version', async () => {
  const folder = await compiledFolder()
  const { python, note } = noting(temporaryFolder())
  keepBytecode({ ...python, version: [3, 11] }, `${folder}/`) // as one that was not looked at yet
  await shortWhile()
  expect(existsSync(note)).toBe(false)
  keepBytecode({ ...python, version: [3, 99] }, folder)
  await expect.poll(() => existsSync(note), { timeout: 10_000 }).toBe(true)
})

test.each<[what: string, damage: (bytecode: Buffer) => Buffer]>([
  ['is empty', () => Buffer.alloc(0)],
  ['is cut in its header', (bytecode) => bytecode.subarray(0, 10)],
  [
    'is of an older source',
    (bytecode) => Buffer.concat([bytecode.subarray(0, 8), Buffer.alloc(4), bytecode.subarray(12)]),
  ],
  [
    'is of a source of another size',
    (bytecode) => Buffer.concat([bytecode.subarray(0, 12), Buffer.alloc(4), bytecode.subarray(16)]),
  ],
])('bytecode that %s is made anew', async (_what, damage) => {
  const folder = await compiledFolder(damage)
  const { python, note } = noting(temporaryFolder())
  keepBytecode({ ...python, version: [3, 11] }, `${folder}/`) // as one that was not looked at yet
  await expect.poll(() => existsSync(note), { timeout: 10_000 }).toBe(true)
})

test('a start that fails over bytecode that was cut is made again without it, and the bytecode anew', async () => {
  const folder = await compiledFolder()
  writeFileSync(bytecode(folder), readFileSync(bytecode(folder)).subarray(0, -5))
  const start = async () =>
    execFileSync(real.path, ['-B', '-c', 'import runner; print(runner.x)'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  await expect(start()).rejects.toThrow('in _compile_bytecode')
  expect(await startDespiteBytecode(real, folder, start)).toBe('1\n')
  await expect.poll(() => existsSync(bytecode(folder)), { timeout: 10_000 }).toBe(true)
  expect(await start()).toBe('1\n')
})

test('a start that fails for another reason fails', async () => {
  const start = vi.fn(async () => Promise.reject(new Error('exit status 1: no such module')))
  await expect(startDespiteBytecode(real, temporaryFolder(), start)).rejects.toThrow('no such module')
  expect(start).toHaveBeenCalledOnce()
})

test('a folder that cannot be written to is left alone', async () => {
  const { python, note } = noting(temporaryFolder())
  keepBytecode(python, join(temporaryFolder(), 'nosuch'))
  await shortWhile()
  expect(existsSync(note)).toBe(false)
})

test('an interpreter that is gone is no error', async () => {
  keepBytecode({ path: join(temporaryFolder(), 'nosuch'), version: [3, 11] }, temporaryFolder())
  await shortWhile()
})
