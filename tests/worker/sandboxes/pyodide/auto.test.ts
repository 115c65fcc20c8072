// Which sandbox a run takes where there is no Python: the built door is called, in a process that finds none.
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { callWith } from '../../helpers/door-call.ts'
import { temporaryFolder } from '../helpers/python-session.ts'

const root = resolve(import.meta.dirname, '../../../..')
const withoutPython = `const fs = require('node:fs')
const { realpathSync } = fs
fs.realpathSync = (path) => {
  if (/python/.test(path)) throw new Error('ENOENT')
  return realpathSync(path)
}
`

interface Result {
  readonly sandbox: { readonly backend: string; readonly kernel: boolean } | null
  readonly error?: string
  readonly error_code?: string
  readonly error_fix?: string
}

/** Runs an analysis offline; `place` is an installation. */
function analyse(place: string, sandbox: string, env: Record<string, string> = {}): Result {
  const preload = join(temporaryFolder(), 'without-python.cjs')
  writeFileSync(preload, withoutPython)
  const call = callWith({ sandbox })
  try {
    execFileSync(process.execPath, ['-r', preload, join(place, 'dist/rlms.cjs'), ...call], {
      env: { PATH: '/usr/bin:/bin', HOME: temporaryFolder(), ...env },
      stdio: 'ignore',
    })
  } catch {
    // the result says why
  }
  const folder = call[call.indexOf('--output-dir') + 1]!
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'))
}

function installWithoutPyodide(): string {
  const place = temporaryFolder()
  cpSync(join(root, 'dist'), join(place, 'dist'), { recursive: true })
  symlinkSync(join(root, 'schema'), join(place, 'schema'))
  return place
}

test('auto takes Pyodide, and the result says so', () => {
  expect(analyse(root, 'auto').sandbox).toMatchObject({ backend: 'pyodide', kernel: true })
})

test('Python is not replaced where it was asked for, or named', () => {
  expect(analyse(root, 'python').error_code).toBe('sandbox_unavailable')
  expect(analyse(root, 'auto', { SUPERLOOP_RLMS_PYTHON: '/no/python3' }).error).toMatch(
    /^SUPERLOOP_RLMS_PYTHON names \/no\/python3, /,
  )
})

test('without Pyodide the run is refused with both ways to mend it', () => {
  const result = analyse(installWithoutPyodide(), 'auto')
  expect(result).toMatchObject({
    error_code: 'sandbox_unavailable',
    error: 'no CPython 3.9 or newer was found on PATH',
  })
  expect(result.error_fix).toMatch(
    /^Install python3 .*, or install Pyodide \(npm install pyodide@314\) for --sandbox auto\.$/,
  )
})

test('Pyodide that is not there is refused with the command that installs it', () => {
  const place = installWithoutPyodide()
  expect(analyse(place, 'pyodide')).toMatchObject({
    error_code: 'sandbox_unavailable',
    error: 'Pyodide 314 is not installed beside this program',
    error_fix: `Install it: npm install --prefix ${place} pyodide@314; or install python3.`,
  })
})
