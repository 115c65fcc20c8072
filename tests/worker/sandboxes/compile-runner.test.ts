// The runner's bytecode: compiled once in the background, never in the way.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepBytecode } from '../../../src/worker/sandboxes/compile-runner.ts'
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
  const { python, note } = noting(temporaryFolder())
  keepBytecode(python, folder)
  await expect.poll(() => existsSync(note), { timeout: 10_000 }).toBe(true)
  expect(readFileSync(note, 'utf8')).toBe(`-I -m compileall -q .\n${folder}\n`)
})

test('a folder that has its bytecode is left alone, but not for another version', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, '__pycache__'))
  writeFileSync(bytecode(folder, [3, 11]), '')
  const { python, note } = noting(temporaryFolder())
  keepBytecode(python, folder)
  await shortWhile()
  expect(existsSync(note)).toBe(false)
  keepBytecode({ ...python, version: [3, 12] }, folder)
  await expect.poll(() => existsSync(note), { timeout: 10_000 }).toBe(true)
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
